import type { ClockReading, Instant } from '#base/time.ts';
import { elapsed, milliseconds } from '#base/time.ts';
import type { Machine } from '#proto/machine.ts';
import type { Scheduler } from './scheduler.ts';

/** Gives a machine its events and its time, and hands out what it wants. */
export class MachineDriver<Event, Output> {
  readonly machine: Machine<Event | { readonly kind: 'timeout' }, Output>;
  readonly #scheduler: Scheduler;
  readonly #perform: (output: Output) => void;
  #wakeAt: Instant | undefined;
  #cancelWake: () => void = () => {};
  #stopped = false;

  constructor(
    machine: Machine<Event | { readonly kind: 'timeout' }, Output>,
    scheduler: Scheduler,
    perform: (output: Output) => void,
  ) {
    this.machine = machine;
    this.#scheduler = scheduler;
    this.#perform = perform;
  }

  get now(): ClockReading {
    return this.#scheduler.clock();
  }

  handle(event: Event | { readonly kind: 'timeout' }): void {
    if (this.#stopped) return;
    this.machine.handle(event, this.now);
    for (const output of this.machine.drain()) this.#perform(output);
    this.#sleep();
  }

  /** As if the process had been killed. */
  stop(): void {
    this.#stopped = true;
    this.#cancelWake();
  }

  #sleep(): void {
    const next = this.machine.nextTimeout();
    if (next === this.#wakeAt) return;
    this.#cancelWake();
    this.#wakeAt = next;
    if (next === undefined) return;
    const delay = milliseconds(Math.max(0, elapsed(this.#scheduler.now, next)));
    this.#cancelWake = this.#scheduler.schedule(delay, () => {
      this.#wakeAt = undefined;
      this.handle({ kind: 'timeout' });
    });
  }
}
