import { randomInt } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import type { MessagePort } from 'node:worker_threads';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Result } from '#base/result.ts';
import { err, ok } from '#base/result.ts';
import { EventChannel } from '#host/event-channel.ts';
import type { FromRadius, ToRadius } from './aaa/radius-messages.ts';
import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';
import type { DebugBatch } from './debug/outlet.ts';
import { putEngineThreadsBehind } from './engine-threads.ts';
import type { LogSink } from './log-limiter.ts';
import type { FromWorker, NodeEnd, ToWorker, WorkerOptions } from './worker-protocol.ts';

/** How long the worker may take to answer a request, and to stop. */
const ANSWER_MS = 5000;
const STOP_MS = 5000;

/**
 * Of new objects. What is collected of more at once, as the engine would have it, holds messages up for up to 80 ms; of this, for 13 at most and 1 as a rule. Of a third of it
 * for 6, but three times as often, and what waits for the disk is moved each time: new bindings cost a third more of the processor.
 */
const YOUNG_MB = 36;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Who takes what the worker has to tell. */
export interface WorkerOutlets {
  readonly log: LogSink;
  readonly debug: (batch: DebugBatch) => void;
  readonly radius: (message: ToRadius) => void;
}

/** The main thread's view of the packet worker. The worker never returns to its event loop: it is spoken to by messages and a signal. */
export class WorkerHandle {
  /** One line: what runs. */
  summary = '';
  /** Resolves when the thread has ended, wished or not. */
  readonly ended: Promise<void>;
  /** Why it ended, when that was not wished. */
  failure: string | undefined;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #wake: EventChannel;
  readonly #waiting = new Map<number, Waiting>();
  #waking: NodeJS.Immediate | undefined;
  #radius: FromRadius[] = [];
  #closed = false;
  #nextId = 1;

  /** The error is for the operator. */
  static start(
    options: Pick<
      WorkerOptions,
      | 'configurationText'
      | 'dataPlane'
      | 'fileName'
      | 'logLevel'
      | 'realTime'
      | 'rehearsal'
      | 'socketPrefix'
      | 'stateDirectory'
      | 'version'
    >,
    outlets: WorkerOutlets,
  ): Promise<Result<WorkerHandle, string>> {
    const wake = new EventChannel();
    const { port1, port2 } = new MessageChannel();
    const workerData: WorkerOptions & { port: MessagePort } = {
      ...options,
      wakeFd: wake.fd,
      debugTaken: new SharedArrayBuffer(4),
      seed: randomInt(2 ** 32),
      port: port2,
    };
    const taken = new Int32Array(workerData.debugTaken);
    // The engine then runs nothing in its interpreter, only in compiled code: what is rare is also what a mobile node waits for.
    setFlagsFromString('--always-sparkplug');
    // It would put the objects of messages among the old ones, for having seen some live long; each then holds on to others until the whole heap is collected.
    setFlagsFromString('--no-allocation-site-pretenuring');
    // Nor does it wait for threads that come behind it.
    setFlagsFromString('--no-parallel-scavenge');
    // Old objects are collected when there are twice as many as were left the last time, not one and a half times: half as often, and each time holds messages up for tens of milliseconds.
    setFlagsFromString('--heap-growing-percent=100');
    const worker = new Worker(new URL('./packet-worker.ts', import.meta.url), {
      workerData,
      transferList: [port2],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    return new Promise((resolve) => {
      const deliver = (message: FromWorker) => {
        if (message.kind === 'log') message.entries.forEach(outlets.log);
        else if (message.kind === 'radius') message.messages.forEach(outlets.radius);
        else if (message.kind === 'debug') {
          outlets.debug(message.batch);
          Atomics.add(taken, 0, 1);
        } else if (message.kind === 'failed') resolve(err(message.message));
        else if (message.kind === 'ready') {
          handle.summary = message.summary;
          // Not before: until then it compiles in earnest, and nobody waits.
          putEngineThreadsBehind();
          resolve(ok(handle));
        } else handle.#settle(message);
      };
      port1.on('message', deliver);
      // What the worker said at last may still be on its way when it has ended.
      worker.on('exit', () => {
        for (let one = receiveMessageOnPort(port1); one; one = receiveMessageOnPort(port1)) deliver(one.message);
      });
      const handle = new WorkerHandle(worker, port1, wake);
      handle.ended.then(() => resolve(err(handle.failure ?? 'the packet worker ended')));
    });
  }

  private constructor(worker: Worker, port: MessagePort, wake: EventChannel) {
    this.#worker = worker;
    this.#port = port;
    this.#wake = wake;
    worker.on('error', (error) => {
      this.failure = error.stack ?? error.message;
    });
    this.ended = new Promise((resolve) => {
      worker.on('exit', () => {
        port.close();
        for (const { reject, timer } of this.#waiting.values()) {
          clearTimeout(timer);
          reject(new RequestError('no-answer', 'the packet worker has ended'));
        }
        this.#waiting.clear();
        resolve();
      });
    });
  }

  /** Rejects with `RequestError`. */
  ask(request: ControlRequest): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new RequestError('no-answer', `the packet worker did not answer within ${ANSWER_MS / 1000} seconds`));
      }, ANSWER_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#post({ kind: 'request', id, request });
    });
  }

  /** The outcome of a request to a RADIUS server, or what a client wants; it leaves with all others of this turn of the event loop. */
  answerRadius(message: FromRadius): void {
    this.#radius.push(message);
    this.#wakeSoon();
  }

  async stop(end: NodeEnd): Promise<void> {
    this.#post({ kind: 'stop', end });
    const timer = setTimeout(() => void this.#worker.terminate(), STOP_MS);
    await this.ended;
    clearTimeout(timer);
    this.#closed = true;
    this.#wake.close();
  }

  #post(message: ToWorker): void {
    this.#port.postMessage(message);
    this.#wakeSoon();
  }

  /** The worker is woken once for all that is posted in one turn of the event loop: it runs before this thread, a whole round each time. */
  #wakeSoon(): void {
    this.#waking ??= setImmediate(() => {
      this.#waking = undefined;
      if (this.#closed) return;
      if (this.#radius.length > 0)
        this.#port.postMessage({ kind: 'radius', messages: this.#radius } satisfies ToWorker);
      this.#radius = [];
      this.#wake.signal();
    });
  }

  #settle(message: Extract<FromWorker, { id: number }>): void {
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.kind === 'result') waiting.resolve(message.result);
    else waiting.reject(new RequestError(message.code, message.message));
  }
}
