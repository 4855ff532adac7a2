import type { ClockReading, Instant } from '#base/time.ts';
import { EventChannel } from '#host/event-channel.ts';
import type { LmaEvent, LmaOutput } from '#proto/lma/index.ts';

/** A machine that does what the test says. */
export class Puppet {
  readonly events: LmaEvent[] = [];
  readonly stats = {};
  outputs: LmaOutput[] = [];
  onEvent: (event: LmaEvent) => void = () => {};

  handle(event: LmaEvent): void {
    this.events.push(event);
    this.onEvent(event);
  }
  renew(): boolean {
    return false;
  }
  drain(): LmaOutput[] {
    return this.outputs.splice(0);
  }
  nextTimeout(): undefined {
    return undefined;
  }
  snapshot(): never[] {
    return [];
  }
}

/** Stores at once, or when the test lets it. */
export class FakeStore {
  durable = 0;
  awaited = 0;
  fails = false;
  isSlow = false;
  groupAt: Instant | undefined;
  readonly disk = new EventChannel();
  readonly fd = this.disk.fd;
  readonly #onCommit: () => void;
  #broken = false;

  constructor(onCommit: () => void) {
    this.#onCommit = onCommit;
  }

  commit(): boolean {
    this.#onCommit();
    if (this.fails) throw new Error('disk full');
    this.awaited++;
    if (!this.isSlow) this.durable = this.awaited;
    return false;
  }

  finish(group: number): void {
    this.durable = group;
    this.disk.signal();
  }

  fail(): void {
    this.#broken = true;
    this.disk.signal();
  }

  settle(_now: ClockReading, wait = false): void {
    this.disk.clear();
    if (wait) this.durable = this.awaited;
    if (!this.#broken) return;
    this.#broken = false;
    this.awaited = this.durable;
    throw new Error('disk full');
  }

  nextFlush(): Instant | undefined {
    return this.nextGroup();
  }
  nextGroup(): Instant | undefined {
    return this.awaited > this.durable ? this.groupAt : undefined;
  }
  flushIfDue(): void {}
}
