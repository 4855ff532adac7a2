import type { ChildProcess } from 'node:child_process';
import type { TrafficReplies, TrafficRequest } from './protocol.ts';

interface Envelope {
  readonly id: number;
  readonly body: unknown;
  readonly error?: string;
}

/** Sends a request to a traffic process and waits for its reply; rejects when the process reports an error or ends. */
export function request<K extends TrafficRequest['kind']>(
  child: ChildProcess,
  body: Extract<TrafficRequest, { kind: K }>,
): Promise<TrafficReplies[K]> {
  const id = nextId++;
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      const { id: answered, body: reply, error } = message as Envelope;
      if (answered !== id) return;
      finish();
      if (error === undefined) resolve(reply as TrafficReplies[K]);
      else reject(new Error(error));
    };
    const onExit = () => {
      finish();
      reject(new Error(`the traffic process ended before it answered "${body.kind}"`));
    };
    const finish = () => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    if (child.connected) child.send({ id, body });
    else onExit();
  });
}

/** The other side: answers each request with what `handle` returns. The process ends when the lab goes away. */
export function serve(handle: (body: TrafficRequest) => Promise<unknown>): void {
  process.on('message', (message) => {
    const { id, body } = message as Envelope;
    handle(body as TrafficRequest).then(
      (reply) => process.send?.({ id, body: reply ?? null }),
      (error: Error) => process.send?.({ id, body: null, error: error.message }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.on('SIGINT', () => {}); // the lab decides when to end
}

let nextId = 1;
