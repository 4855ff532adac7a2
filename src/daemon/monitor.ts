import type { ControlConnection } from './control-connection.ts';
import { RequestError } from './control-protocol.ts';
import type { DebugBatch } from './debug/outlet.ts';
import { DEBUG_CODE, type LogLine } from './log-buffer.ts';

/** What a client that watches is sent beside the answers to its requests; plain JSON. */
export type MonitorEvent =
  | { readonly monitor: 'line'; readonly line: LogLine }
  /** Debug messages that there was no time for, or that the client had not read in time. */
  | { readonly monitor: 'dropped'; readonly count: number };

const WATCHER_MAXIMUM = 16;

/** The clients that watch the log and what is debugged: `terminal monitor`. A client that does not read is sent nothing, and told how much that was. */
export class Monitor {
  readonly #watchers = new Map<ControlConnection, { dropped: number }>();
  /** Those whose end it hears of. */
  readonly #met = new WeakSet<ControlConnection>();

  /** Throws `RequestError` when there are too many. */
  watch(connection: ControlConnection): void {
    if (this.#watchers.has(connection)) return;
    if (this.#watchers.size >= WATCHER_MAXIMUM)
      throw new RequestError('refused', `${WATCHER_MAXIMUM} terminals watch already`);
    this.#watchers.set(connection, { dropped: 0 });
    connection.keepOpen();
    if (this.#met.has(connection)) return;
    this.#met.add(connection);
    connection.onEnd(() => this.unwatch(connection));
  }

  unwatch(connection: ControlConnection): void {
    this.#watchers.delete(connection);
  }

  line(line: LogLine): void {
    this.#send({ monitor: 'line', line }, 1);
  }

  dropped(count: number): void {
    this.#send({ monitor: 'dropped', count }, count);
  }

  #send(event: MonitorEvent, weight: number): void {
    for (const [connection, watcher] of this.#watchers) {
      if (watcher.dropped > 0 && connection.push({ monitor: 'dropped', count: watcher.dropped })) watcher.dropped = 0;
      if (watcher.dropped > 0 || !connection.push(event)) watcher.dropped += weight;
    }
  }
}

/** The lines of a batch as the log has them. */
export function debugLogLines({ lines }: DebugBatch): LogLine[] {
  return lines.map(({ at, text }) => ({
    time: new Date(at).toISOString(),
    level: 'debug',
    facility: 'daemon',
    code: DEBUG_CODE,
    text,
    fields: {},
  }));
}
