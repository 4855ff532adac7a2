import type { ClockReading } from '#base/time.ts';
import type { PollLoop } from '#host/poll-loop.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { RequestError } from '../control-protocol.ts';
import { NodeTraffic, type TappedBinding, type TrafficLimits } from './node-traffic.ts';
import { type CapturedMessage, type CapturedPacket, CaptureRing, type Cursor, type Direction } from './ring.ts';

const MEGABYTE = 1_000_000;
const DEFAULT_MEGABYTES = 10;
/** Every one has a copy of each message. */
const CAPTURE_MAXIMUM = 4;
const DEFAULT_LIMITS: TrafficLimits = { rate: 1000, length: 65_535 };

/** The mobile node whose data is captured: by its name, or by its link-layer address as `0024.d78e.21a4`. */
export type MobileNodeName = { readonly nai: string } | { readonly mac: string };

/** What `show monitor capture` shows of one; plain JSON. */
export interface CaptureView {
  readonly name: string;
  readonly active: boolean;
  readonly circular: boolean;
  readonly megabytes: number;
  readonly octets: number;
  readonly messages: number;
  /** Of the mobile node whose data is captured, `null` without. */
  readonly mobileNode: MobileNodeName | null;
  readonly packets: number;
  /** Packets of it in a second, and octets of one, at most. */
  readonly packetsPerSecond: number;
  readonly packetLength: number;
  /** What was not kept, or was and had to make room. */
  readonly lost: number;
}

interface Capture {
  readonly name: string;
  ring: CaptureRing;
  active: boolean;
  mobileNode: MobileNodeName | null;
  limits: TrafficLimits;
  traffic: NodeTraffic | undefined;
}

/** The captures of a node's signalling, and of the data of one mobile node in each: `monitor capture`. */
export class Captures {
  /** Whether one runs: all that is looked at while none does. */
  active = false;
  /** Whether one takes data, and wants to be told of bindings. */
  followsData = false;
  readonly #loop: PollLoop;
  readonly #captures = new Map<string, Capture>();

  constructor(loop: PollLoop) {
    this.#loop = loop;
  }

  add(at: number, direction: Direction, peer: PeerAddress, octets: Uint8Array): void {
    for (const { active, ring } of this.#captures.values())
      if (active) ring.add({ kind: 'message', at, direction, peer, octets: new Uint8Array(octets) });
  }

  /** How much is kept, and whether the oldest make room; what was captured is gone. Throws `RequestError`. */
  configure(name: string, megabytes: number, circular: boolean): void {
    this.#stopped(name).ring = new CaptureRing(megabytes * MEGABYTE, circular);
  }

  /** The data of this mobile node too, or of none, from now on. Throws `RequestError`. */
  take(name: string, mobileNode: MobileNodeName | null): void {
    const capture = this.#makeNamed(name);
    this.#endTraffic(capture);
    capture.mobileNode = mobileNode;
    if (capture.active) this.start(name);
  }

  /** How much data; what is left out is as it is without being said. Throws `RequestError`. */
  limit(name: string, limits: Partial<TrafficLimits>): void {
    this.#stopped(name).limits = { ...DEFAULT_LIMITS, ...limits };
  }

  start(name: string): void {
    const capture = this.#makeNamed(name);
    capture.active = true;
    if (capture.mobileNode && !capture.traffic)
      capture.traffic = new NodeTraffic(this.#loop, capture.limits, (packet) => capture.ring.add(packet));
    this.#update();
  }

  stop(name: string): void {
    this.#end(this.#named(name));
  }

  clear(name: string): void {
    this.#named(name).ring.clear();
  }

  remove(name: string): void {
    this.#end(this.#named(name));
    this.#captures.delete(name);
  }

  /** All end; the node does. */
  close(): void {
    for (const capture of this.#captures.values()) this.#end(capture);
  }

  /** What a capture takes the data of, while it runs. Throws `RequestError` when there is no such capture. */
  mobileNodeOf(name: string): MobileNodeName | null {
    const { active, mobileNode } = this.#named(name);
    return active ? mobileNode : null;
  }

  /** A mobile node has this binding, or no longer: for the captures that take its data. Throws `SystemCallError`. */
  follow(key: string, binding: TappedBinding | undefined, isMeant: (mobileNode: MobileNodeName) => boolean): void {
    for (const { mobileNode, traffic } of this.#captures.values())
      if (traffic && mobileNode) traffic.follow(key, isMeant(mobileNode) ? binding : undefined);
  }

  /** Time has passed. */
  review({ instant }: ClockReading): void {
    if (!this.followsData) return;
    for (const { traffic } of this.#captures.values()) traffic?.review(instant);
  }

  /** From the cursor on; `next` is where the rest begins. */
  read(
    name: string,
    from: Cursor,
    count: number,
  ): { readonly found: readonly (CapturedMessage | CapturedPacket)[]; readonly next: Cursor } {
    return this.#named(name).ring.read(from, count);
  }

  view(): CaptureView[] {
    for (const capture of this.#captures.values()) countPassedBy(capture);
    return Array.from(this.#captures.values(), ({ name, active, ring, mobileNode, limits }) => ({
      name,
      active,
      circular: ring.circular,
      megabytes: ring.limit / MEGABYTE,
      octets: ring.size,
      messages: ring.messages,
      mobileNode,
      packets: ring.packets,
      packetsPerSecond: limits.rate,
      packetLength: limits.length,
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
    const ring = new CaptureRing(DEFAULT_MEGABYTES * MEGABYTE, true);
    const capture: Capture = {
      name,
      ring,
      active: false,
      mobileNode: null,
      limits: DEFAULT_LIMITS,
      traffic: undefined,
    };
    this.#captures.set(name, capture);
    return capture;
  }

  #stopped(name: string): Capture {
    const capture = this.#makeNamed(name);
    if (capture.active) throw new RequestError('refused', `capture ${name} runs; stop it first`);
    return capture;
  }

  #named(name: string): Capture {
    const capture = this.#captures.get(name);
    if (capture) return capture;
    throw new RequestError('not-found', `there is no capture ${name}`);
  }

  #end(capture: Capture): void {
    capture.active = false;
    this.#endTraffic(capture);
  }

  #endTraffic(capture: Capture): void {
    capture.traffic?.close();
    countPassedBy(capture);
    capture.traffic = undefined;
    this.#update();
  }

  #update(): void {
    const captures = [...this.#captures.values()];
    this.active = captures.some(({ active }) => active);
    this.followsData = captures.some(({ traffic }) => traffic !== undefined);
  }
}

function countPassedBy({ ring, traffic }: Capture): void {
  ring.lost += traffic?.takePassedBy() ?? 0;
}
