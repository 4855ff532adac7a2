import { flushCompileCache } from 'node:module';
import type { MessagePort } from 'node:worker_threads';
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { monotonicMilliseconds } from '#host/clock.ts';
import { EventChannel } from '#host/event-channel.ts';
import { hasStore } from '#store/log-files.ts';
import { RadiusInbox } from './aaa/radius-inbox.ts';
import type { ToRadius } from './aaa/radius-messages.ts';
import { RequestError } from './control-protocol.ts';
import { DebugPost } from './debug/post.ts';
import { type LogEntry, LogLimiter } from './log-limiter.ts';
import type { Node } from './node.ts';
import { startNode } from './node.ts';
import { RealTime } from './real-time.ts';
import { rehearse } from './rehearsal.ts';
import { Sliced } from './sliced.ts';
import { explainStart } from './start-error.ts';
import type { FromWorker, NodeEnd, ToWorker, WorkerOptions } from './worker-protocol.ts';
import { answerRequest } from './worker-requests.ts';

/**
 * The thread that owns the sockets, the machines and the data plane. It runs rounds until it is told to stop, and never returns to
 * Node's event loop in between: messages from the main thread are fetched when the event channel says so.
 */
const options = workerData as WorkerOptions & { readonly port: MessagePort };
const { port } = options;

/**
 * More than one, so that the engine does not compile for the objects of one node alone, and enough for it to compile in earnest: they take
 * a second. Measured from the layer-2 event to forwarding, the first handover then takes 2 ms instead of 9, and later ones less.
 */
const REHEARSALS = 2;
const REHEARSED_HANDOVERS = 300;

/** Stands for an answer that there is not yet. */
const LATER = Symbol();
/** Messages of the main thread that are read in one round. */
const MESSAGES_A_ROUND = 64;
/** And what follows from RADIUS servers' answers and the like: a burst of that does not keep signalling waiting. */
const RADIUS_A_ROUND = 8;
/** As many as connections of the control socket, each of which waits for its answer. */
const UNFINISHED_MAXIMUM = 64;

// Not while this module is evaluated: as long the engine keeps sixteen thousand handles of modules, and looks at each in every collection, half of whose time that is.
setImmediate(() => {
  run();
  port.close();
});

function run(): void {
  flushCompileCache();
  // Both leave after the round that they belong to: no mobile node waits for log entries, and one message takes all that a round asks of RADIUS servers.
  let entries: LogEntry[] = [];
  const log = new LogLimiter(options.logLevel, (entry) => entries.push(entry));
  let toRadius: ToRadius[] = [];
  const flush = () => {
    if (entries.length > 0) post({ kind: 'log', entries });
    if (toRadius.length > 0) post({ kind: 'radius', messages: toRadius });
    entries = [];
    toRadius = [];
  };
  const debugging = new DebugPost(options.debugTaken, (batch) => post({ kind: 'debug', batch }));
  let node: Node;
  try {
    // Who was served by the run before waits for this one.
    if (options.rehearsal && !hasStore(options.stateDirectory)) rehearseIfPermitted(log);
    node = startNode(options, log, (message) => toRadius.push(message));
  } catch (error) {
    post({ kind: 'failed', message: explainStart(error) });
    return;
  }
  const realTime = options.realTime ? RealTime.begin() : undefined;
  if (options.realTime && !realTime)
    debug(log, 'real-time', 'no real-time scheduling: the process may not (CAP_SYS_NICE)');
  const unfinished: Unfinished[] = [];
  const stop = serve(node, unfinished);
  post({ kind: 'ready', summary: node.summary });
  while (stop.asked === undefined) {
    node.runtime.round(unfinished.length > 0 || node.dataPlane.isBusy);
    workOn(unfinished);
    debugging.send(node.runtime.tracer.outlet);
    node.review();
    flush();
    realTime?.review();
  }
  node.stop(stop.asked);
  flush();
}

/** The first handovers are slower without it, and nothing else. */
function rehearseIfPermitted(log: LogLimiter): void {
  try {
    for (let i = 0; i < REHEARSALS; i++) rehearse(REHEARSED_HANDOVERS, options.dataPlane);
  } catch (error) {
    debug(log, 'rehearsal', `no rehearsal: ${(error as Error).message}`);
  }
}

function debug(log: LogLimiter, code: string, text: string): void {
  log.log('daemon', { kind: 'log', level: 'debug', code, text, fields: {} }, monotonicMilliseconds());
}

/** A request that is answered a slice at a time. */
interface Unfinished {
  readonly id: number;
  readonly sliced: Sliced;
}

/** A slice of one of them; each has its turn. */
function workOn(unfinished: Unfinished[]): void {
  const one = unfinished.shift();
  if (!one) return;
  reply(one.id, () => {
    const outcome = one.sliced.work();
    if (outcome.done) return outcome.answer;
    unfinished.push(one);
    return LATER;
  });
}

/** Answers requests in the rounds of the node's loop. */
function serve(node: Node, unfinished: Unfinished[]): { asked: NodeEnd | undefined } {
  const wake = new EventChannel(options.wakeFd);
  const stop: { asked: NodeEnd | undefined } = { asked: undefined };
  const inbox = new RadiusInbox();
  /** Whether there may be more. */
  const take = (): boolean => {
    for (let i = 0; i < MESSAGES_A_ROUND; i++) {
      const one = receiveMessageOnPort(port);
      if (!one) return false;
      const message = one.message as ToWorker;
      if (message.kind === 'stop') stop.asked = message.end;
      else if (message.kind === 'radius') inbox.add(message.messages);
      else answer(node, message, unfinished);
    }
    return true;
  };
  const receive = () => {
    wake.clear();
    const more = take();
    for (const message of inbox.take(RADIUS_A_ROUND)) node.answerRadius(message);
    if (more || inbox.length > 0) wake.signal();
  };
  node.runtime.loop.watch(wake.fd, receive);
  receive();
  return stop;
}

function answer(node: Node, { id, request }: Extract<ToWorker, { kind: 'request' }>, unfinished: Unfinished[]): void {
  reply(id, () => {
    const result = answerRequest(node, request);
    if (!(result instanceof Sliced)) return result;
    if (unfinished.length >= UNFINISHED_MAXIMUM) throw new RequestError('refused', 'too many requests at once');
    unfinished.push({ id, sliced: result });
    return LATER;
  });
}

function reply(id: number, work: () => unknown): void {
  try {
    const result = work();
    if (result !== LATER) post({ kind: 'result', id, result });
  } catch (error) {
    const code = error instanceof RequestError ? error.code : 'internal';
    post({ kind: 'error', id, code, message: (error as Error).message });
  }
}

function post(message: FromWorker): void {
  port.postMessage(message);
}
