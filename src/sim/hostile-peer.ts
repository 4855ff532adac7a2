import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Random } from '#base/random.ts';
import { nextBelow, nextFraction, pick } from '#base/random.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { transportOf } from '#proto/peer.ts';
import type { MobilityMessage, MobilityOption } from '#wire/mobility/index.ts';
import {
  BindingRevocationFlag,
  BindingUpdateFlag,
  encodeMobilityHeader,
  HandoffIndicator,
  MobileNodeIdentifierSubtype,
  RevocationTrigger,
  timestampFromUtc,
} from '#wire/mobility/index.ts';
import { destinationOf, sourceOf } from './network.ts';
import { mobilityHeaderOf, packOctets } from './signalling.ts';
import type { World } from './world.ts';

const STRANGER = new Ipv6Address(0x20010db8, 0xbad00000, 0, 0x666);
const STRANGER_IPV4 = new Ipv4Address(0xcb0071fe);
const KEPT = 64;

/** Somebody on the transport network who hears the signalling and sends what it likes. */
export class HostilePeer {
  readonly #world: World;
  readonly #random: Random;
  /** Names of nodes that it leaves in peace when it pretends to be a peer. */
  readonly #spared: readonly string[];
  readonly #heard: Uint8Array[] = [];
  #bogus = 0;

  constructor(world: World, random: Random, spared: readonly string[]) {
    this.#world = world;
    this.#random = random;
    this.#spared = spared;
  }

  /** A signalling packet that it may change or send again later. */
  hears(packet: Uint8Array): void {
    if (!mobilityHeaderOf(packet)) return;
    if (this.#heard.length < KEPT) this.#heard.push(packet);
    else this.#heard[nextBelow(this.#random, KEPT)] = packet;
  }

  /** From an address that no peer has; to anybody. */
  sendAsStranger(victims: readonly string[]): void {
    const { lmas, mags } = this.#world;
    const remote = this.#addressOf(pick(this.#random, [...lmas, ...mags]));
    this.#send(remote instanceof Ipv4Address ? STRANGER_IPV4 : STRANGER, remote, victims);
  }

  /** From the address of a peer of the addressed node. */
  sendAsPeer(victims: readonly string[]): void {
    const { lmas, mags, network } = this.#world;
    const free = (nodes: readonly { readonly name: string; readonly addresses: IpAddress[] }[]) =>
      nodes.filter(({ name }) => !this.#spared.includes(name));
    const [from, to] = nextFraction(this.#random) < 0.5 ? [free(lmas), free(mags)] : [free(mags), free(lmas)];
    if (from.length === 0 || to.length === 0) return;
    const local = this.#addressOf(pick(this.#random, from));
    const remotes = pick(this.#random, to).addresses.map((address) => network.outside(address));
    const remote = remotes.find((address) => transportOf(address) === transportOf(local));
    if (remote) this.#send(local, remote, victims);
  }

  /** One of a node's addresses, as others know it. */
  #addressOf({ addresses }: { readonly addresses: readonly IpAddress[] }): IpAddress {
    return this.#world.network.outside(pick(this.#random, addresses));
  }

  #send(local: IpAddress, remote: IpAddress, victims: readonly string[]): void {
    const ends: PeerAddress = { transport: transportOf(local), local, remote };
    const count = nextFraction(this.#random) < 0.1 ? 100 : 1;
    for (let i = 0; i < count; i++) {
      const octets = this.#octets(ends, victims);
      if (octets) this.#world.network.inject(packOctets(ends, octets));
    }
  }

  #octets(ends: PeerAddress, victims: readonly string[]): Uint8Array | undefined {
    switch (nextBelow(this.#random, 5)) {
      case 0:
        return this.#randomOctets();
      case 1:
        return this.#heardFor(ends)?.slice();
      case 2:
        return this.#mutated(ends);
      default:
        return encodeMobilityHeader(this.#forged(victims));
    }
  }

  /** Of all types of messages, and none. */
  #randomOctets(): Uint8Array {
    const units = nextBelow(this.#random, 12);
    const octets = Uint8Array.from({ length: 8 * (units + 1) }, () => this.#random.nextU32());
    octets[0] = 59;
    octets[1] = units;
    octets[2] = nextBelow(this.#random, 30);
    octets[3] = 0;
    return octets;
  }

  /** The Mobility Header of what one of the ends sent to the other, or of anything. */
  #heardFor({ local, remote }: PeerAddress): Uint8Array | undefined {
    const own = this.#heard.filter((packet) => {
      return sourceOf(packet).key === local.key && destinationOf(packet).key === remote.key;
    });
    const from = own.length > 0 ? own : this.#heard;
    return from.length > 0 ? mobilityHeaderOf(pick(this.#random, from)) : undefined;
  }

  #mutated(ends: PeerAddress): Uint8Array | undefined {
    const octets = this.#heardFor(ends)?.slice();
    if (!octets) return undefined;
    const changes = 1 + nextBelow(this.#random, 4);
    for (let i = 0; i < changes; i++) {
      const at = nextBelow(this.#random, octets.length);
      octets[at] = (octets[at] ?? 0) ^ (1 << nextBelow(this.#random, 8));
    }
    return nextFraction(this.#random) < 0.2 ? octets.subarray(0, nextBelow(this.#random, octets.length)) : octets;
  }

  #forged(victims: readonly string[]): MobilityMessage {
    const random = this.#random;
    const victim = victims.length > 0 && nextFraction(random) < 0.7 ? pick(random, victims) : `bogus${this.#bogus++}`;
    const identifier: MobilityOption = {
      kind: 'mobile-node-identifier',
      subtype: MobileNodeIdentifierSubtype.NAI,
      identifier: new TextEncoder().encode(victim),
    };
    const sequence = nextBelow(random, 0x10000);
    switch (nextBelow(random, 5)) {
      case 0:
        return {
          kind: 'binding-revocation-indication',
          trigger: pick(random, Object.values(RevocationTrigger)),
          sequence,
          flags:
            nextFraction(random) < 0.2 ? BindingRevocationFlag.P | BindingRevocationFlag.G : BindingRevocationFlag.P,
          options: [identifier],
        };
      case 1:
        return { kind: 'binding-revocation-acknowledgement', status: 0, sequence, flags: 0, options: [] };
      case 2:
        return { kind: 'heartbeat', response: nextFraction(random) < 0.5, unsolicited: false, sequence, options: [] };
      case 3:
        return {
          kind: 'binding-acknowledgement',
          status: nextBelow(random, 180),
          flags: 0x20,
          sequence,
          lifetime: seconds(4 * nextBelow(random, 100)),
          options: [identifier],
        };
      default:
        return this.#forgedUpdate(identifier, sequence);
    }
  }

  #forgedUpdate(identifier: MobilityOption, sequence: number): MobilityMessage {
    const random = this.#random;
    return {
      kind: 'binding-update',
      sequence,
      flags: BindingUpdateFlag.A | BindingUpdateFlag.P,
      lifetime: milliseconds(nextFraction(random) < 0.3 ? 0 : 4000 * (1 + nextBelow(random, 1000))),
      options: [
        identifier,
        { kind: 'home-network-prefix', prefix: Ipv6Prefix.allZero, offLink: false },
        { kind: 'handoff-indicator', indicator: pick(random, Object.values(HandoffIndicator)) },
        { kind: 'access-technology-type', accessTechnology: 4 },
        timestampFromUtc(this.#world.scheduler.clock().utc),
      ],
    };
  }
}
