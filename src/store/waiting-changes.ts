import { type ClockReading, type Duration, type Instant, instant, milliseconds } from '#base/time.ts';
import { LatestEntries } from './latest-entries.ts';
import { entryPlaces, FRAME_MAXIMUM, FrameWriter } from './log-format.ts';
import { type StoredChange, StoreError } from './store.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** So many are written without waiting for more: a group of them is no long work. */
const PORTION = 1024;
/** Beyond so many octets, of a store that has taken nothing for long, and then again beyond so many times what was left, it is seen to that nothing waits that a later change has made void. */
const SQUEEZED_ABOVE = 1 << 24;
const SQUEEZED_AGAIN = 1.5;

/**
 * Changes that are not durable yet, in their order, as the entries of a frame: as objects they would be moved by the collector of young objects, again and again. A group of
 * them is taken to be written, and others come meanwhile. One that could not be written is put back and is overdue: nothing counts as durable before it is.
 *
 * When there are more than are kept, the store lacks one, and gets no other any more: it would be whole to look at, and have bindings that are over.
 */
export class WaitingChanges {
  /** What is added now, and what was taken before or is taken next. */
  #frame: FrameWriter;
  #other: FrameWriter;
  #size = 0;
  #window: Duration;
  #oldest: Instant | undefined;
  #overdue = false;
  /** Something is to be written as soon as there is time. */
  #isDue = false;
  #squeezedAbove = SQUEEZED_ABOVE;
  #isLacking = false;

  /** `rooms`: where they wait, when they are to outlive the process. */
  constructor(window: Duration, rooms?: readonly [WaitingRoom, WaitingRoom]) {
    this.#window = window;
    this.#frame = new FrameWriter(rooms?.[0]);
    this.#other = new FrameWriter(rooms?.[1]);
  }

  get window(): Duration {
    return this.#window;
  }

  set window(window: Duration) {
    this.#window = window;
  }

  /** How many there are; of several of one key, each counts. */
  get size(): number {
    return this.#size;
  }

  /** What waits should be durable by now. */
  get overdue(): boolean {
    return this.#overdue;
  }

  /** Until when what waits is to be durable. */
  get deadline(): Instant | undefined {
    return this.#oldest === undefined ? undefined : instant(this.#oldest + this.#window);
  }

  /** Returns whether all of it must be durable now, as it must when it `isLate`. Throws `StoreError` when there are too many. */
  add(changes: readonly StoredChange[], now: ClockReading, isLate = false): boolean {
    if (this.#isLacking) throw tooMany();
    for (const change of changes) {
      this.#frame.add(change);
      if (change.urgency === 'before-reply') this.#overdue = true;
      else if (change.urgency === 'after-reply') this.#isDue = true;
    }
    this.#size += changes.length;
    if (this.#frame.length > this.#squeezedAbove && !this.#squeeze()) throw tooMany();
    this.#frame.keep();
    if (changes.length > 0) this.#oldest ??= now.instant;
    if (isLate) this.#overdue = true;
    return this.#overdue;
  }

  /** Half of the window is for the round that writes them. */
  due(): Instant | undefined {
    if (this.#oldest === undefined || this.#isDue || this.#size >= PORTION) return this.#oldest;
    return instant(this.#oldest + milliseconds(this.#window / 2));
  }

  /** All of it, to be written as one group; it holds until the next is taken. Throws `StoreError` when there were too many. */
  take(): Taken {
    if (this.#isLacking || (this.#frame.entries.length > FRAME_MAXIMUM && !this.#squeeze())) throw tooMany();
    const taken = { frame: this.#frame, size: this.#size, squeezedAbove: this.#squeezedAbove };
    this.#frame = this.#other;
    this.#other = taken.frame;
    this.#clear();
    return taken;
  }

  /** The store could not be written: what was taken last, if anything was, is not durable. */
  putBack(taken: Taken | undefined, now: ClockReading): void {
    if (this.#isLacking) return;
    this.#oldest = now.instant;
    this.#overdue = true;
    if (!taken) return;
    const later = this.#frame;
    this.#frame = taken.frame;
    this.#other = later;
    this.#frame.append(later.entries);
    this.#frame.keep();
    later.begin();
    this.#size += taken.size;
    this.#squeezedAbove = taken.squeezedAbove;
    if (this.#frame.length > this.#squeezedAbove) this.#squeeze();
  }

  /** Keeps the latest change of each key. Returns whether those are not too many; if they are, it keeps none. */
  #squeeze(): boolean {
    const { entries } = this.#frame;
    const latest = new LatestEntries([entries]);
    for (const at of entryPlaces(entries)) latest.put(0, at as number);
    const squeezed = new FrameWriter();
    let size = 0;
    for (const entry of latest.values()) {
      squeezed.add(entry);
      size++;
    }
    this.#frame.takeOver(squeezed);
    this.#size = size;
    this.#squeezedAbove = Math.max(SQUEEZED_ABOVE, SQUEEZED_AGAIN * this.#frame.length);
    if (this.#frame.entries.length > FRAME_MAXIMUM) this.#giveUp();
    return !this.#isLacking;
  }

  #giveUp(): void {
    this.#clear();
    this.#frame.lack();
    this.#overdue = true;
    this.#isLacking = true;
  }

  #clear(): void {
    this.#frame.begin();
    this.#size = 0;
    this.#oldest = undefined;
    this.#overdue = false;
    this.#isDue = false;
    this.#squeezedAbove = SQUEEZED_ABOVE;
  }
}

/** A group of changes. */
export interface Taken {
  /** With their entries, and nothing else. */
  readonly frame: FrameWriter;
  readonly size: number;
  /** So many octets may be put back before they are squeezed: not each time that the store fails. */
  readonly squeezedAbove: number;
}

function tooMany(): StoreError {
  const text =
    'more changes wait for the store than are kept; what it holds is no longer of use. Move it away and restart the node';
  return new StoreError('unwritable', text);
}
