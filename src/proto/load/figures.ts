import { Histogram } from '#base/histogram.ts';
import { elapsed, type Instant, instant } from '#base/time.ts';
import { statusName } from '#wire/mobility/index.ts';

/** What came of the messages of one operation. */
export class Figures {
  /** Messages that were sent for the first time. */
  sent = 0;
  retransmitted = 0;
  accepted = 0;
  /** Requests that had no answer after all tries. */
  lost = 0;
  /** Answers without the authentication that was agreed on; they count as none. */
  notAuthentic = 0;
  /** Accepted ones that brought a mobile node other addresses than it had. */
  changedAddresses = 0;
  /** Accepted ones that brought a mobile node an address of another one that is attached. */
  givenTwice = 0;
  readonly refused = new Map<number, number>();
  /** From when a message was due to its acceptance, of those that were due at `latencyFrom` or later. */
  readonly latency = new Histogram();
  /** From when a message was due to when it was sent, of the same ones: what of a latency is of whoever sends. */
  readonly lateness = new Histogram();
  readonly #latencyFrom: Instant;

  constructor(latencyFrom = instant(0)) {
    this.#latencyFrom = latencyFrom;
  }

  accept(dueAt: Instant, now: Instant): void {
    this.accepted++;
    if (dueAt >= this.#latencyFrom) this.latency.record(elapsed(dueAt, now) * 1000);
  }

  /** A message that was due at `dueAt` was sent. */
  sentAt(dueAt: Instant, now: Instant): void {
    if (dueAt >= this.#latencyFrom) this.lateness.record(elapsed(dueAt, now) * 1000);
  }

  refuse(status: number): void {
    this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
  }

  /** With the names of the status codes; durations in microseconds. */
  report(): FiguresReport {
    const { sent, retransmitted, accepted, lost, notAuthentic, changedAddresses, givenTwice } = this;
    const refused = Object.fromEntries([...this.refused].map(([status, count]) => [statusName(status), count]));
    return {
      ...{ sent, retransmitted, accepted, refused, lost, notAuthentic, changedAddresses, givenTwice },
      latencyMicroseconds: percentiles(this.latency),
      lateMicroseconds: percentiles(this.lateness),
    };
  }
}

/** In microseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly maximum: number;
}

export interface FiguresReport {
  readonly sent: number;
  readonly retransmitted: number;
  readonly accepted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly notAuthentic: number;
  readonly changedAddresses: number;
  readonly givenTwice: number;
  readonly latencyMicroseconds: Percentiles | undefined;
  /** How late messages were sent; of those with a rate. */
  readonly lateMicroseconds: Percentiles | undefined;
}

function percentiles(histogram: Histogram): Percentiles | undefined {
  const summary = histogram.summary();
  if (!summary) return undefined;
  const p999 = Math.round(histogram.quantile(0.999) * 10) / 10;
  return { p50: summary.median, p99: summary.p99, p999, maximum: summary.maximum };
}
