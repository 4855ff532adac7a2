import { setImmediate as turn } from 'node:timers/promises';
import { elapsed, type Instant, instant, type UtcTime } from '#base/time.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import { Figures, type FiguresReport, type Operation, type Outgoing, type Population } from '#proto/load/index.ts';
import type { GatewaySockets } from './gateway-sockets.ts';

export interface LoadPlan {
  readonly operations: readonly Operation[];
  /** Messages a second, whether answers come or not; without it `inFlight` alone holds back. */
  readonly rate?: number;
  /** The most requests that wait for answers. */
  readonly inFlight: number;
  /** How long refreshes and handovers go on, round and round; without it each mobile node does each operation once. */
  readonly seconds?: number;
  /** Seconds at the beginning of each operation whose latencies do not count. */
  readonly warmUp?: number;
}

export interface OperationReport extends FiguresReport {
  readonly operation: Operation;
  readonly seconds: number;
  /** Accepted ones. */
  readonly perSecond: number;
}

export interface Progress {
  readonly operation: Operation;
  readonly figures: Figures;
  readonly waiting: number;
  readonly seconds: number;
}

/** With a rate, no more than this may be made up for at once after the machine stood still. */
const CATCH_UP = 256;
const PROGRESS_MS = 1000;
/** Without any answer for so long, the LMA is given up. */
const SILENCE_MS = 10_000;
/** The longest sleep, so that an interruption is seen. */
const LONGEST_WAIT_MS = 20;

/** Lets the mobile nodes of a population do one operation after the other. `stopped` is looked at all the time; what was reached is reported. */
export class LoadRun {
  readonly #population: Population;
  readonly #sockets: GatewaySockets;
  readonly #plan: LoadPlan;
  readonly #onProgress: (progress: Progress) => void;
  #stopped = false;
  /** The LMA has answered nothing for too long. */
  gaveUp = false;
  /** Of the time of day at the origin of the monotonic clock: timestamps of one mobile node must rise, and finer than milliseconds. */
  readonly #epoch = Date.now() - monotonicMilliseconds();

  constructor(
    population: Population,
    sockets: GatewaySockets,
    plan: LoadPlan,
    onProgress: (progress: Progress) => void,
  ) {
    this.#population = population;
    this.#sockets = sockets;
    this.#plan = plan;
    this.#onProgress = onProgress;
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<OperationReport[]> {
    const reports: OperationReport[] = [];
    for (const operation of this.#plan.operations) {
      if (this.#stopped) break;
      reports.push(await this.#operate(operation));
    }
    return reports;
  }

  async #operate(operation: Operation): Promise<OperationReport> {
    const population = this.#population;
    const start = this.#now();
    const figures = new Figures(instant(start + (this.#plan.warmUp ?? 0) * 1000));
    const end =
      this.#plan.seconds === undefined || operation === 'attach' || operation === 'detach'
        ? undefined
        : start + this.#plan.seconds * 1000;
    let lastAnswer = start;
    let silentSince = start;
    let told = start;
    let over = false;
    population.rewind();
    while (!this.#stopped && !(over && population.waiting === 0)) {
      const now = this.#now();
      if (end !== undefined && now >= end) over = true;
      if (population.waiting === 0) silentSince = now;
      if (now - silentSince > SILENCE_MS) {
        this.gaveUp = true;
        this.stop();
      }
      for (;;) {
        const again = population.retransmission(now, this.#utc(now));
        if (!again) break;
        this.#send(again);
      }
      if (!over) over = this.#ask(operation, figures, start, end === undefined);
      this.#sockets.round(this.#wait(figures, start, over), (gateway, octets) => {
        silentSince = lastAnswer = this.#now();
        const reply = population.receive(gateway, octets, lastAnswer);
        if (reply) this.#send(reply);
      });
      if (now - told >= PROGRESS_MS) {
        told = now;
        this.#onProgress({ operation, figures, waiting: population.waiting, seconds: (now - start) / 1000 });
      }
      // Signals are handled between two rounds.
      await turn();
    }
    const seconds = elapsed(start, lastAnswer) / 1000;
    const perSecond = seconds > 0 ? Math.round(figures.accepted / seconds) : 0;
    return { operation, seconds, perSecond, ...figures.report() };
  }

  /** Sends what may be sent now. Returns whether all mobile nodes have been asked and none is to be asked again. */
  #ask(operation: Operation, figures: Figures, start: Instant, once: boolean): boolean {
    const { inFlight } = this.#plan;
    let rewound = false;
    while (this.#population.waiting < inFlight) {
      const now = this.#now();
      const dueAt = this.#dueAt(figures, start, now);
      if (dueAt > now) return false;
      const next = this.#population.ask(operation, figures, now, this.#utc(now), dueAt);
      if (next) this.#send(next);
      else if (once) return true;
      else if (rewound) return this.#population.waiting === 0;
      else {
        this.#population.rewind();
        rewound = true;
      }
    }
    return false;
  }

  /** When the next message is due, which with a rate does not depend on the answers. */
  #dueAt({ sent }: Figures, start: Instant, now: Instant): Instant {
    const { rate } = this.#plan;
    if (rate === undefined) return now;
    const dueAt = start + (sent * 1000) / rate;
    return Math.max(dueAt, now - (CATCH_UP * 1000) / rate) as Instant;
  }

  #wait(figures: Figures, start: Instant, over: boolean): number {
    const now = this.#now();
    const again = this.#population.nextRetransmission();
    const untilAgain = again === undefined ? LONGEST_WAIT_MS : elapsed(now, again);
    const canAsk = !over && this.#population.waiting < this.#plan.inFlight;
    const untilDue = canAsk ? elapsed(now, this.#dueAt(figures, start, now)) : LONGEST_WAIT_MS;
    // poll(2) counts whole milliseconds, and would oversleep what is due within one.
    return Math.max(0, Math.min(untilAgain, untilDue < 1 ? 0 : untilDue, LONGEST_WAIT_MS));
  }

  #send({ gateway, octets }: Outgoing): void {
    this.#sockets.send(gateway, octets);
  }

  #now(): Instant {
    return monotonicMilliseconds() as Instant;
  }

  #utc(now: Instant): UtcTime {
    return (this.#epoch + now) as UtcTime;
  }
}
