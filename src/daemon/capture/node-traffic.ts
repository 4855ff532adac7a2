import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, type Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Instant } from '#base/time.ts';
import { decapsulate } from '#dataplane/encapsulation.ts';
import { readIpHeader } from '#dataplane/ip-packet.ts';
import { PacketTap } from '#host/packet-tap.ts';
import type { PollLoop } from '#host/poll-loop.ts';
import type { CapturedPacket } from './ring.ts';

/** A binding of the mobile node, with its addresses. */
export interface TappedBinding {
  /** As a comment names it. */
  readonly text: string;
  readonly homeAddress: Ipv4Address | undefined;
  readonly prefixes: readonly Ipv6Prefix[];
}

/** What of the data of a mobile node is captured. */
export interface TrafficLimits {
  /** Packets a second at most. */
  readonly rate: number;
  /** Octets of a packet at most; the rest of it is not kept. */
  readonly length: number;
}

/** Packets that are read in one round, so that signalling does not wait for them. */
const READ = 64;

/** Reads the packets of one mobile node while it has addresses, as many a second as is wanted. */
export class NodeTraffic {
  readonly #loop: PollLoop;
  readonly #limits: TrafficLimits;
  readonly #keep: (packet: CapturedPacket) => void;
  readonly #bindings = new Map<string, TappedBinding>();
  #tap: PacketTap | undefined;
  #tokens: number;
  #filledAt: Instant | undefined;
  #listening = false;
  /** Of taps that were closed. */
  #passedBy = 0;

  constructor(loop: PollLoop, limits: TrafficLimits, keep: (packet: CapturedPacket) => void) {
    this.#loop = loop;
    this.#limits = limits;
    this.#tokens = limits.rate;
    this.#keep = keep;
  }

  /** The mobile node has this binding, or without one it has it no longer. Throws `SystemCallError`. */
  follow(key: string, binding: TappedBinding | undefined): void {
    if (binding) this.#bindings.set(key, binding);
    else if (!this.#bindings.delete(key)) return;
    const bindings = [...this.#bindings.values()];
    const addresses = {
      ipv4: bindings.flatMap(({ homeAddress }) => homeAddress ?? []),
      ipv6: bindings.flatMap(({ prefixes }) => prefixes),
    };
    if (addresses.ipv4.length + addresses.ipv6.length === 0) this.close();
    else if (this.#tap) this.#tap.follow(addresses);
    else this.#open(new PacketTap(addresses));
  }

  /** Time has passed, and with it packets may be read again. */
  review(now: Instant): void {
    const { rate } = this.#limits;
    const since = this.#filledAt === undefined ? 0 : now - this.#filledAt;
    this.#filledAt = now;
    this.#tokens = Math.min(rate, this.#tokens + (since * rate) / 1000);
    if (this.#tap && !this.#listening && this.#tokens >= 1) this.#listen(this.#tap);
  }

  /** Packets since the last call that there was no room for, as the rate was used up. */
  takePassedBy(): number {
    const passedBy = this.#passedBy + (this.#tap?.takePassedBy() ?? 0);
    this.#passedBy = 0;
    return passedBy;
  }

  close(): void {
    if (!this.#tap) return;
    if (this.#listening) this.#loop.unwatch(this.#tap.fd);
    this.#listening = false;
    this.#passedBy += this.#tap.close();
    this.#tap = undefined;
  }

  #open(tap: PacketTap): void {
    this.#tap = tap;
    this.#listen(tap);
  }

  #listen(tap: PacketTap): void {
    this.#listening = true;
    this.#loop.watch(tap.fd, () => this.#read(tap));
  }

  #read(tap: PacketTap): void {
    for (let count = 0; count < READ && this.#tokens >= 1; count++) {
      const packet = tap.next();
      if (!packet) return;
      this.#tokens--;
      const { octets, ...seen } = packet;
      const start = new Uint8Array(octets.subarray(0, this.#limits.length));
      this.#keep({ kind: 'packet', ...seen, length: octets.length, octets: start, ...this.#ownerOf(octets) });
    }
    if (this.#tokens >= 1) return;
    // What waits from now on waits in the kernel, which has room for some.
    this.#loop.unwatch(tap.fd);
    this.#listening = false;
  }

  /** Whose packet it is: an address of the binding is in the header, or in that of the packet in the tunnel. */
  #ownerOf(packet: Uint8Array): Pick<CapturedPacket, 'binding' | 'tunnelled'> {
    const own = this.#bindingAt(packet);
    if (own) return { binding: own.text, tunnelled: false };
    const tunnel = decapsulate(packet);
    const inner = tunnel && tunnel !== 'malformed' ? this.#bindingAt(tunnel.inner) : undefined;
    const [first] = this.#bindings.values();
    return { binding: (inner ?? first)?.text ?? '', tunnelled: true };
  }

  #bindingAt(packet: Uint8Array): TappedBinding | undefined {
    const header = readIpHeader(packet);
    if (!header) return undefined;
    for (const binding of this.#bindings.values())
      if (has(binding, header.source) || has(binding, header.destination)) return binding;
    return undefined;
  }
}

function has({ homeAddress, prefixes }: TappedBinding, address: IpAddress): boolean {
  if (address instanceof Ipv4Address) return homeAddress?.equals(address) === true;
  return address instanceof Ipv6Address && prefixes.some((prefix) => prefix.contains(address));
}
