import type { PeerAddress } from '#proto/peer.ts';
import { RequestError } from '../control-protocol.ts';
import { type CapturedMessage, CaptureRing, type Direction } from './ring.ts';

const MEGABYTE = 1_000_000;
const DEFAULT_MEGABYTES = 10;
/** Every one has a copy of each message. */
const CAPTURE_MAXIMUM = 4;

/** What `show monitor capture` shows of one; plain JSON. */
export interface CaptureView {
  readonly name: string;
  readonly active: boolean;
  readonly circular: boolean;
  readonly megabytes: number;
  readonly octets: number;
  readonly messages: number;
  readonly lost: number;
}

interface Capture {
  ring: CaptureRing;
  active: boolean;
}

/** The captures of a node's signalling: `monitor capture`. */
export class Captures {
  /** Whether one runs: all that is looked at while none does. */
  active = false;
  readonly #captures = new Map<string, Capture>();

  add(at: number, direction: Direction, peer: PeerAddress, octets: Uint8Array): void {
    for (const { active, ring } of this.#captures.values()) if (active) ring.add(at, direction, peer, octets);
  }

  /** How much is kept, and whether the oldest make room; what was captured is gone. Throws `RequestError`. */
  configure(name: string, megabytes: number, circular: boolean): void {
    const capture = this.#makeNamed(name);
    if (capture.active) throw new RequestError('refused', `capture ${name} runs; stop it first`);
    capture.ring = new CaptureRing(megabytes * MEGABYTE, circular);
  }

  start(name: string): void {
    this.#makeNamed(name).active = true;
    this.#update();
  }

  stop(name: string): void {
    this.#named(name).active = false;
    this.#update();
  }

  clear(name: string): void {
    this.#named(name).ring.clear();
  }

  remove(name: string): void {
    this.#named(name);
    this.#captures.delete(name);
    this.#update();
  }

  /** From the number `from` on; `next` is the number of the message after the last one. */
  read(
    name: string,
    from: number,
    count: number,
  ): { readonly messages: readonly CapturedMessage[]; readonly next: number } {
    const { ring } = this.#named(name);
    const start = Math.max(from, ring.first);
    const messages = ring.read(start, count);
    return { messages, next: start + messages.length };
  }

  view(): CaptureView[] {
    return Array.from(this.#captures, ([name, { active, ring }]) => ({
      name,
      active,
      circular: ring.circular,
      megabytes: ring.limit / MEGABYTE,
      octets: ring.size,
      messages: ring.count,
      lost: ring.lost,
    }));
  }

  #makeNamed(name: string): Capture {
    const known = this.#captures.get(name);
    if (known) return known;
    if (this.#captures.size >= CAPTURE_MAXIMUM)
      throw new RequestError(
        'refused',
        `there are ${CAPTURE_MAXIMUM} captures already; "no monitor capture NAME" removes one`,
      );
    const capture = { ring: new CaptureRing(DEFAULT_MEGABYTES * MEGABYTE, true), active: false };
    this.#captures.set(name, capture);
    return capture;
  }

  #named(name: string): Capture {
    const capture = this.#captures.get(name);
    if (capture) return capture;
    throw new RequestError('refused', `there is no capture ${name}`);
  }

  #update(): void {
    this.active = [...this.#captures.values()].some(({ active }) => active);
  }
}
