import type { ClockReading, Instant } from '#base/time.ts';
import { elapsed, milliseconds } from '#base/time.ts';
import type { Machine } from '#proto/machine.ts';
import type { MessageEvent, PeerAddress } from '#proto/peer.ts';
import { isBindingUpdate } from '#wire/mobility/index.ts';
import type { NodeClock } from './node-clock.ts';
import type { Scheduler } from './scheduler.ts';
import { SimulationFault } from './scheduler.ts';

/** A machine with its counters. */
export interface CountingMachine<Event, Output> extends Machine<Event | Timeout, Output> {
  readonly stats: object;
  readonly heartbeatStats?: object;
  renew?(from: PeerAddress, octets: Uint8Array, now: ClockReading): boolean;
}

interface Timeout {
  readonly kind: 'timeout';
}

/** Gives a machine its events and its time, and hands out what it wants, as much as one event led to at once. */
export class MachineDriver<Event extends { readonly kind: string }, Output> {
  readonly machine: CountingMachine<Event, Output>;
  readonly #scheduler: Scheduler;
  readonly #clock: NodeClock;
  readonly #perform: (outputs: readonly Output[]) => void;
  /** As in the daemon, which takes what waits at its sockets before it carries out what that led to. */
  readonly #inBatches: boolean;
  #cancelBatch: (() => void) | undefined;
  #wakeAt: Instant | undefined;
  #cancelWake: () => void = () => {};
  #stopped = false;

  constructor(
    machine: CountingMachine<Event, Output>,
    scheduler: Scheduler,
    clock: NodeClock,
    perform: (outputs: readonly Output[]) => void,
    inBatches = false,
  ) {
    this.machine = machine;
    this.#scheduler = scheduler;
    this.#clock = clock;
    this.#perform = perform;
    this.#inBatches = inBatches;
    this.#sleep();
  }

  handle(event: Event | Timeout): void {
    if (this.#stopped) return;
    const now = this.#clock.read();
    // What a machine wants to do first of all comes before the first thing that it is told.
    if (this.#wakeAt !== undefined && this.#wakeAt < now.instant) this.#wake();
    const counted = COUNTED_EVENTS.has(event.kind) ? this.#counted() : -1;
    if (!this.#isRenewal(event, now)) this.machine.handle(event, now);
    if (this.#counted() <= counted) {
      throw new SimulationFault(
        'everything that comes is counted',
        `no counter of ${this.machine.constructor.name} moved for ${describe(event)}`,
      );
    }
    this.#checkTimeout(event, now);
    if (this.#inBatches && COUNTED_EVENTS.has(event.kind)) this.#waitForMore();
    else this.#carryOut();
  }

  /** As in the daemon, where anchors see messages before they are decoded. */
  #isRenewal(event: Event | Timeout | MessageEvent, now: ClockReading): boolean {
    if (!('octets' in event) || !event.octets || !this.machine.renew) return false;
    return isBindingUpdate(event.octets) && this.machine.renew(event.from, event.octets, now);
  }

  #waitForMore(): void {
    this.#cancelBatch ??= this.#scheduler.schedule(milliseconds(0), () => this.#carryOut());
  }

  #carryOut(): void {
    this.#cancelBatch?.();
    this.#cancelBatch = undefined;
    this.#perform(this.machine.drain());
    if (!this.#stopped) this.#sleep();
  }

  /** False while a batch waits for more. */
  get isSettled(): boolean {
    return this.#cancelBatch === undefined;
  }

  /** As if the process had been killed. */
  stop(): void {
    this.#stopped = true;
    this.#cancelBatch?.();
    this.#cancelWake();
  }

  #counted(): number {
    const { stats, heartbeatStats } = this.machine;
    return total(stats) + total(heartbeatStats ?? {});
  }

  /** What is due stays due only until its event: a loop over the machine's timeouts would never end. */
  #checkTimeout({ kind }: Event | Timeout, now: ClockReading): void {
    const next = this.machine.nextTimeout();
    if (next === undefined || next > now.instant || (next === now.instant && kind !== 'timeout')) return;
    throw new SimulationFault(
      'the next timeout lies ahead',
      `${this.machine.constructor.name}: ${now.instant - next} ms ago, after a ${kind}`,
    );
  }

  #sleep(): void {
    const next = this.machine.nextTimeout();
    if (next === this.#wakeAt) return;
    this.#cancelWake();
    this.#wakeAt = next;
    if (next === undefined) return;
    const delay = milliseconds(Math.max(0, elapsed(this.#scheduler.now, next)));
    this.#cancelWake = this.#scheduler.schedule(delay, () => this.#wake());
  }

  #wake(): void {
    this.#cancelWake();
    this.#wakeAt = undefined;
    this.handle({ kind: 'timeout' });
  }
}

/** What peers and mobile nodes send. */
const COUNTED_EVENTS: ReadonlySet<string> = new Set(['message', 'malformed', 'frame', 'relayed']);

function describe(event: { readonly kind: string; readonly message?: { readonly kind: string } }): string {
  return event.message ? `a ${event.message.kind}` : `a ${event.kind}`;
}

/** The sum of all counters, those in groups too. */
function total(stats: object): number {
  let sum = 0;
  for (const value of Object.values(stats)) sum += typeof value === 'number' ? value : total(value as object);
  return sum;
}
