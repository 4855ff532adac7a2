import type { ClockReading, Instant } from '#base/time.ts';
import type { LogOutput } from '#proto/peer.ts';

/** What happened at a node, for whoever follows it; plain JSON. */
export interface NodeEvent {
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  /** As the log has it, and stable: `binding-handed-over`. */
  readonly kind: string;
  readonly level: LogOutput['level'];
  /** The LMA or MAG that it happened at; `null` for the node as a whole. */
  readonly node: string | null;
  readonly text: string;
  readonly fields: LogOutput['fields'];
}

export interface NodeEventBatch {
  readonly events: readonly NodeEvent[];
  /** Of each that is not there: there was no time for it, or nobody fetched it. */
  readonly dropped: number;
}

const PER_SECOND = 5000;
const BURST = 10_000;
/** The oldest make room. */
const KEPT_MAXIMUM = 4096;

/** The latest events of a node, until they are fetched. What is beyond the limits is counted before it costs anything. */
export class NodeEvents {
  /** Whether anybody wants them: all that is looked at while nobody does. */
  on = false;
  #kept: NodeEvent[] = [];
  #dropped = 0;
  #tokens = BURST;
  #filledAt: Instant | undefined;

  /** Returns it, unless nobody wants it or there is no time. */
  add({ instant, utc }: ClockReading, node: string | null, entry: Omit<LogOutput, 'kind'>): NodeEvent | undefined {
    if (!this.on) return undefined;
    this.#refill(instant);
    if (this.#tokens < 1) {
      this.#dropped++;
      return undefined;
    }
    this.#tokens--;
    const { level, code, text, fields } = entry;
    const event = { at: utc, kind: code, level, node, text, fields };
    this.#kept.push(event);
    if (this.#kept.length >= 2 * KEPT_MAXIMUM) {
      this.#dropped += KEPT_MAXIMUM;
      this.#kept.splice(0, KEPT_MAXIMUM);
    }
    return event;
  }

  take(): NodeEventBatch {
    const batch = { events: this.#kept, dropped: this.#dropped };
    this.#kept = [];
    this.#dropped = 0;
    return batch;
  }

  #refill(now: Instant): void {
    const since = this.#filledAt === undefined ? 0 : now - this.#filledAt;
    this.#filledAt = now;
    this.#tokens = Math.min(BURST, this.#tokens + (since * PER_SECOND) / 1000);
  }
}
