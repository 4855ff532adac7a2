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
  /** Seconds between two operations, in which nobody is asked. */
  readonly pause?: number;
}

/** What carries the messages of the MAGs. */
export type LoadSockets = Pick<GatewaySockets, 'send' | 'flush' | 'round'>;

export interface OperationReport extends FiguresReport {
  readonly operation: Operation;
  /** The time of day when it began, in milliseconds since 1970. */
  readonly startedAt: number;
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

/** At most so many messages wait for each other before they are sent. */
const BURST = 32;
/** Without any answer for so long, the LMA is given up. */
const SILENCE_MS = 10_000;
/** The longest sleep, so that an interruption is seen. */
export const LONGEST_WAIT_MS = 20;
/** A sleep ends so long before a message is due, as whoever sleeps wakes late. */
const WAKING_MS = 0.2;

/** The mobile nodes of a population do one operation, each once or again and again. */
export class OperationRun {
  readonly #operation: Operation;
  readonly #population: Population;
  readonly #sockets: LoadSockets;
  readonly #figures: Figures;
  readonly #inFlight: number;
  /** 0: as fast as the answers come. */
  readonly #rate: number;
  readonly #start: Instant;
  /** When nobody is asked any more; without it when all have been. */
  readonly #end: number | undefined;
  /** Of the time of day at the origin of the monotonic clock: timestamps of one mobile node must rise, and finer than milliseconds. */
  readonly #epoch = Date.now() - monotonicMilliseconds();
  readonly #handle = (gateway: number, octets: Uint8Array) => this.#receive(gateway, octets);
  /** When the messages that are queued could have been sent at first. */
  readonly #queued = new Float64Array(BURST);
  #queuedCount = 0;
  /** Nothing more can be asked before an answer comes, or none is waited for any longer. */
  #isFull = false;
  /** When that ended last. */
  #roomSince = instant(0);
  #lastAnswer: Instant;
  #silentSince: Instant;
  #isAsked = false;
  /** The LMA has answered nothing for too long. */
  gaveUp = false;

  constructor(operation: Operation, population: Population, sockets: LoadSockets, plan: LoadPlan) {
    const { inFlight, rate = 0, seconds, warmUp = 0 } = plan;
    this.#operation = operation;
    this.#population = population;
    this.#sockets = sockets;
    this.#inFlight = inFlight;
    this.#rate = rate;
    this.#start = now();
    this.#figures = new Figures(instant(this.#start + warmUp * 1000));
    const goesOn = seconds !== undefined && operation !== 'attach' && operation !== 'detach';
    this.#end = goesOn ? this.#start + seconds * 1000 : undefined;
    this.#lastAnswer = this.#start;
    this.#silentSince = this.#start;
    population.rewind();
  }

  get isOver(): boolean {
    return this.gaveUp || (this.#isAsked && this.#population.waiting === 0);
  }

  /** Goes on for so long, or until it is over. */
  work(milliseconds: number): void {
    for (const start = now(); !this.isOver && elapsed(start, now()) < milliseconds; ) this.#round();
  }

  /** Sends what is due, and takes the answers that are there, or come before the next message is due. */
  #round(): void {
    const population = this.#population;
    const time = now();
    if (this.#end !== undefined && time >= this.#end) this.#isAsked = true;
    if (population.waiting === 0) this.#silentSince = time;
    if (time - this.#silentSince > SILENCE_MS) this.gaveUp = true;
    for (;;) {
      const again = population.retransmission(time, this.#utc(time));
      if (!again) break;
      this.#send(again);
    }
    if (!this.#isAsked) {
      this.#isAsked = this.#ask();
      this.#flush();
    }
    this.#sockets.round(this.#wait(), this.#handle);
  }

  progress(): Progress {
    const seconds = elapsed(this.#start, now()) / 1000;
    return { operation: this.#operation, figures: this.#figures, waiting: this.#population.waiting, seconds };
  }

  report(): OperationReport {
    const seconds = elapsed(this.#start, this.#lastAnswer) / 1000;
    const perSecond = seconds > 0 ? Math.round(this.#figures.accepted / seconds) : 0;
    const startedAt = Math.round(this.#utc(this.#start));
    return { operation: this.#operation, startedAt, seconds, perSecond, ...this.#figures.report() };
  }

  #receive(gateway: number, octets: Uint8Array): void {
    const time = now();
    this.#silentSince = time;
    this.#lastAnswer = time;
    this.#noteRoom(time);
    const reply = this.#population.receive(gateway, octets, time);
    if (reply) this.#send(reply);
  }

  /** Queues what may be sent now. Returns whether all mobile nodes have been asked and none is to be asked again. */
  #ask(): boolean {
    const population = this.#population;
    let rewound = false;
    // What was lost makes room too.
    if (population.waiting < this.#inFlight) this.#noteRoom(now());
    while (population.waiting < this.#inFlight) {
      const time = now();
      const dueAt = this.#dueAt(time);
      if (dueAt > time) return false;
      const next = population.ask(this.#operation, this.#figures, time, this.#utc(time), dueAt);
      if (next) {
        this.#send(next);
        this.#queued[this.#queuedCount++] = Math.max(dueAt, this.#roomSince);
        if (this.#queuedCount === BURST) this.#flush();
      } else if (this.#end === undefined) return true;
      else if (rewound) {
        this.#isFull = true;
        return population.waiting === 0;
      } else {
        population.rewind();
        rewound = true;
      }
    }
    this.#isFull = true;
    return false;
  }

  #noteRoom(time: Instant): void {
    if (this.#isFull) this.#roomSince = time;
    this.#isFull = false;
  }

  /** Sends what is queued, and notes how late that is. */
  #flush(): void {
    if (this.#queuedCount === 0) return;
    this.#sockets.flush();
    const time = now();
    const count = this.#rate === 0 ? 0 : this.#queuedCount;
    for (let i = 0; i < count; i++) this.#figures.sentAt(instant(this.#queued[i] as number), time);
    this.#queuedCount = 0;
  }

  /** When the next message is due, which with a rate does not depend on the answers. */
  #dueAt(time: Instant): Instant {
    return this.#rate === 0 ? time : instant(this.#start + (this.#figures.sent * 1000) / this.#rate);
  }

  /** Milliseconds. */
  #wait(): number {
    const time = now();
    const again = this.#population.nextRetransmission();
    const untilAgain = again === undefined ? LONGEST_WAIT_MS : elapsed(time, again);
    const canAsk = !this.#isAsked && this.#population.waiting < this.#inFlight;
    const untilDue = canAsk ? elapsed(time, this.#dueAt(time)) : LONGEST_WAIT_MS;
    // poll(2) counts whole milliseconds: what is left of one is not slept.
    return Math.max(0, Math.min(untilAgain, Math.floor(untilDue - WAKING_MS), LONGEST_WAIT_MS));
  }

  #send({ gateway, octets }: Outgoing): void {
    this.#sockets.send(gateway, octets);
  }

  #utc(time: Instant): UtcTime {
    return (this.#epoch + time) as UtcTime;
  }
}

function now(): Instant {
  return monotonicMilliseconds() as Instant;
}
