import type { FromRadius, ToRadius } from './aaa/radius-messages.ts';
import type { ControlErrorCode, ControlRequest } from './control-protocol.ts';
import type { DebugBatch } from './debug/outlet.ts';
import type { LogLevel } from './log-levels.ts';
import type { LogEntry } from './log-limiter.ts';
import type { DataPlaneChoice } from './preflight.ts';

/** What the main thread starts the packet worker with. */
export interface WorkerOptions {
  /** The main thread's end of the message channel is the other one; every message to the worker is followed by a signal here. */
  readonly wakeFd: number;
  readonly configurationText: string;
  readonly dataPlane: DataPlaneChoice;
  readonly fileName: string;
  readonly logLevel: LogLevel;
  /** Whether the worker may run before other threads. */
  /** Handovers are played before anybody is served. */
  readonly rehearsal: boolean;
  readonly realTime: boolean;
  readonly seed: number;
  /** Where bindings are kept; `undefined`: nowhere. */
  readonly stateDirectory: string | undefined;
  /** Begins the names of sockets that the node has in the file system. */
  readonly socketPrefix: string;
  /** Of the program. */
  readonly version: string;
  /** One 32-bit number: batches of debug lines that the main thread has taken. */
  readonly debugTaken: SharedArrayBuffer;
}

export type ToWorker =
  | { readonly kind: 'request'; readonly id: number; readonly request: ControlRequest }
  | { readonly kind: 'radius'; readonly messages: readonly FromRadius[] }
  | { readonly kind: 'stop'; readonly end: NodeEnd };

/** What becomes of bindings and forwarding; see `Node.stop`. */
export type NodeEnd = 'for-good' | 'restart' | 'keep';

export type FromWorker =
  | { readonly kind: 'ready'; readonly summary: string }
  /** It could not start; the worker ends. */
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'log'; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'debug'; readonly batch: DebugBatch }
  | { readonly kind: 'radius'; readonly messages: readonly ToRadius[] }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: ControlErrorCode; readonly message: string };
