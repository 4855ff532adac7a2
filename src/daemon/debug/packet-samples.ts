import type { ClockReading, Instant } from '#base/time.ts';
import { readIpHeader } from '#dataplane/ip-packet.ts';
import type { PacketFate } from '#dataplane/packet-fate.ts';
import { PacketSampler } from '#host/packet-sampler.ts';
import { MAXIMUM_WAIT_MS, type PollLoop } from '#host/poll-loop.ts';
import { decodeEthernet, EtherType } from '#wire/ethernet.ts';
import type { PacketDebugView } from './flags.ts';
import type { DebugOutlet } from './outlet.ts';

/** What becomes of an IP packet that is seen at an interface of Linux. */
export type FateOf = (packet: Uint8Array, interfaceIndex: number, way: 'input' | 'output') => PacketFate;

const SAMPLERS_MAXIMUM = 16;
/** How often a socket is read: then the kernel wakes the packet worker for many packets at once, and not for each. */
const PORTION_MS = 100;
/** The most that is read at once; more than the outlet takes in that time. */
const PORTION_MAXIMUM = 200;

interface Watched extends PacketDebugView {
  readonly sampler: PacketSampler;
  tokens: number;
  filledAt: Instant | undefined;
  listening: boolean;
}

/** Tells of some of the packets of interfaces: `debug ip cef packet`. Between two portions a socket is not even looked at. */
export class PacketSamples {
  readonly #loop: PollLoop;
  readonly #outlet: DebugOutlet;
  readonly #fateOf: FateOf;
  readonly #now: () => ClockReading;
  readonly #watched = new Map<string, Watched>();

  constructor(loop: PollLoop, outlet: DebugOutlet, fateOf: FateOf, now: () => ClockReading) {
    this.#loop = loop;
    this.#outlet = outlet;
    this.#fateOf = fateOf;
    this.#now = now;
  }

  get view(): PacketDebugView[] {
    return Array.from(this.#watched.values(), ({ interface: name, way, rate }) => ({ interface: name, way, rate }));
  }

  /** `linkName`: the interface's name in Linux. Returns false when there are too many. Throws `SystemCallError`. */
  watch(wish: PacketDebugView, linkName: string): boolean {
    this.unwatch(wish);
    if (this.#watched.size >= SAMPLERS_MAXIMUM) return false;
    const portion = Math.min(PORTION_MAXIMUM, Math.ceil((wish.rate * PORTION_MS) / 1000));
    const sampler = new PacketSampler(linkName, wish.way, portion);
    const watched: Watched = { ...wish, sampler, tokens: 0, filledAt: undefined, listening: false };
    this.#watched.set(keyOf(wish), watched);
    this.#loop.longestWaitMs = PORTION_MS;
    return true;
  }

  unwatch(wish: Omit<PacketDebugView, 'rate'>): void {
    const watched = this.#watched.get(keyOf(wish));
    if (watched) this.#end(watched);
  }

  clear(): void {
    for (const watched of this.#watched.values()) this.#end(watched);
  }

  /** Time has passed, and with it packets may be told of again. */
  refill(now: ClockReading): void {
    if (this.#watched.size === 0) return;
    this.#outlet.refill(now);
    for (const watched of this.#watched.values()) {
      const since = watched.filledAt === undefined ? 1000 : now.instant - watched.filledAt;
      if (since < PORTION_MS) continue;
      watched.filledAt = now.instant;
      watched.tokens = Math.min(Math.max(1, watched.rate), watched.tokens + (since * watched.rate) / 1000);
      if (watched.tokens < 1 || watched.listening) continue;
      watched.listening = true;
      this.#loop.watch(watched.sampler.fd, () => this.#receive(watched));
    }
  }

  #receive(watched: Watched): void {
    // A portion, however many come meanwhile.
    for (let read = 0; read < PORTION_MAXIMUM && watched.tokens >= 1; read++) {
      let frame: Uint8Array | undefined;
      try {
        frame = watched.sampler.next();
      } catch {
        // The interface went down or away; said once, and frames come again when it is back up.
      }
      if (!frame) break;
      const text = this.#textOf(frame, watched);
      if (text === undefined) continue;
      watched.tokens--;
      if (this.#outlet.admits()) this.#outlet.write(this.#now(), [text]);
    }
    watched.listening = false;
    this.#loop.unwatch(watched.sampler.fd);
  }

  #textOf(frame: Uint8Array, { interface: name, way, sampler }: Watched): string | undefined {
    const packet = packetOf(frame);
    const header = packet && readIpHeader(packet);
    if (!header) return undefined;
    const fate = fateText(this.#fateOf(packet, sampler.interfaceIndex, way));
    const at =
      way === 'input'
        ? `s=${header.source} (${name}), d=${header.destination}`
        : `s=${header.source}, d=${header.destination} (${name})`;
    return `CEF-Packet: ${at}, len ${packet.length}, ${fate}`;
  }

  #end(watched: Watched): void {
    this.#watched.delete(keyOf(watched));
    if (this.#watched.size === 0) this.#loop.longestWaitMs = MAXIMUM_WAIT_MS;
    if (watched.listening) this.#loop.unwatch(watched.sampler.fd);
    watched.sampler.close();
  }
}

function keyOf({ interface: name, way }: Omit<PacketDebugView, 'rate'>): string {
  return `${way} ${name}`;
}

function packetOf(frame: Uint8Array): Uint8Array | undefined {
  const decoded = decodeEthernet(frame);
  const isIp = decoded.ok && (decoded.value.etherType === EtherType.IPV4 || decoded.value.etherType === EtherType.IPV6);
  return isIp ? decoded.value.payload : undefined;
}

function fateText(fate: PacketFate): string {
  switch (fate.kind) {
    case 'into-tunnel':
      return `forwarded into tunnel ${fate.local}->${fate.remote}`;
    case 'out-of-tunnel':
      return `forwarded out of tunnel ${fate.remote}->${fate.local}`;
    case 'to-mobile-node':
      return 'forwarded to the mobile node';
    case 'dropped':
      return `dropped: ${fate.reason}`;
    case 'elsewhere':
      return 'of no mobile node, left to Linux';
  }
}
