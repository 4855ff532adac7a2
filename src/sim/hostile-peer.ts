import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Random } from '#base/random.ts';
import { nextBelow, nextFraction, pick } from '#base/random.ts';
import { milliseconds, seconds } from '#base/time.ts';
import { gatewayCareOf } from '#proto/care-of-address.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { transportOf } from '#proto/peer.ts';
import { HmacSha1 } from '#wire/hmac-sha1.ts';
import type { MobilityMessage, MobilityOption } from '#wire/mobility/index.ts';
import {
  BindingRevocationFlag,
  BindingUpdateFlag,
  canBeAuthenticated,
  decodeMobilityHeader,
  encodeAuthenticated,
  encodeMobilityHeader,
  HandoffIndicator,
  MobileNodeIdentifierSubtype,
  RevocationTrigger,
  timestampFromUtc,
} from '#wire/mobility/index.ts';
import { destinationOf, sourceOf } from './network.ts';
import { mobilityHeaderOf, packOctets } from './signalling.ts';
import { association } from './swarm-world.ts';
import type { World } from './world.ts';

const STRANGER = new Ipv6Address(0x20010db8, 0xbad00000, 0, 0x666);
const STRANGER_IPV4 = new Ipv4Address(0xcb0071fe);
const KEPT = 64;
/** The right SPI, and what was thought to be the key. */
const GUESS = { ...association(), hmac: new HmacSha1(new TextEncoder().encode('cisco')) };

/** Somebody on the transport network who hears the signalling and sends what it likes. */
export class HostilePeer {
  readonly #world: World;
  readonly #random: Random;
  /** Names of nodes that it leaves in peace when it pretends to be a peer. */
  readonly #spared: readonly string[];
  readonly #heard: Uint8Array[] = [];
  /** The numbers of the latest ones, by kind and addresses. */
  readonly #questions = new Map<string, number>();
  /** Where the next question is answered before it arrives. */
  readonly #ambush = new Map<string, PeerAddress>();
  #bogus = 0;

  constructor(world: World, random: Random, spared: readonly string[]) {
    this.#world = world;
    this.#random = random;
    this.#spared = spared;
  }

  /** A signalling packet that it may change or send again later. */
  hears(packet: Uint8Array): void {
    const octets = mobilityHeaderOf(packet);
    if (!octets) return;
    const decoded = decodeMobilityHeader(octets);
    const message = decoded.ok ? decoded.value : undefined;
    const isHeartbeat = message?.kind === 'heartbeat' && !message.response;
    if (isHeartbeat || message?.kind === 'binding-revocation-indication') {
      const asked = `${sourceOf(packet).key} ${destinationOf(packet).key}`;
      this.#questions.set(`${message.kind} ${asked}`, message.sequence);
      const ends = isHeartbeat ? this.#ambush.get(asked) : undefined;
      if (ends && this.#ambush.delete(asked)) this.#answerFirst(ends, message.sequence);
    }
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
    this.#ambush.set(`${remote.key} ${local.key}`, ends);
    const count = nextFraction(this.#random) < 0.1 ? 100 : 1;
    for (let i = 0; i < count; i++) {
      const { octets, forged = false } = this.#octets(ends, victims);
      if (octets) this.#world.network.inject(packOctets(ends, octets), forged);
    }
  }

  #octets(ends: PeerAddress, victims: readonly string[]): { octets: Uint8Array | undefined; forged?: boolean } {
    switch (nextBelow(this.#random, 5)) {
      case 0:
        return { octets: this.#randomOctets() };
      case 1:
        return { octets: this.#heardFor(ends)?.slice() };
      case 2:
        return { octets: this.#mutated(ends) };
      default:
        return { octets: this.#signed(ends, this.#forged(ends, victims)), forged: true };
    }
  }

  /** Without authentication, or with what it guesses the key to be. */
  #signed({ local, remote }: PeerAddress, message: MobilityMessage): Uint8Array {
    if (!canBeAuthenticated(message) || nextFraction(this.#random) < 0.5) return encodeMobilityHeader(message);
    const isGateway = this.#world.mags.some(({ addresses }) => addresses.some((own) => sameAddress(own, local)));
    return encodeAuthenticated(message, [GUESS], gatewayCareOf(isGateway ? local : remote));
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

  #forged(ends: PeerAddress, victims: readonly string[]): MobilityMessage {
    const random = this.#random;
    const victim = victims.length > 0 && nextFraction(random) < 0.7 ? pick(random, victims) : `bogus${this.#bogus++}`;
    const identifier: MobilityOption = {
      kind: 'mobile-node-identifier',
      subtype: MobileNodeIdentifierSubtype.NAI,
      identifier: new TextEncoder().encode(victim),
    };
    const sequence = nextBelow(random, 0x10000);
    const stamp = timestampFromUtc(this.#world.scheduler.clock().utc);
    switch (nextBelow(random, 5)) {
      case 0:
        return {
          kind: 'binding-revocation-indication',
          trigger: pick(random, Object.values(RevocationTrigger)),
          sequence,
          flags:
            nextFraction(random) < 0.2 ? BindingRevocationFlag.P | BindingRevocationFlag.G : BindingRevocationFlag.P,
          options: [identifier, stamp],
        };
      case 1:
        return {
          kind: 'binding-revocation-acknowledgement',
          status: 0,
          sequence: this.#asked('binding-revocation-indication', ends) ?? sequence,
          flags: 0,
          options: [],
        };
      case 2:
        return this.#forgedHeartbeat(ends, sequence);
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

  #answerFirst(ends: PeerAddress, sequence: number): void {
    const octets = this.#signed(ends, this.#restart(sequence, false));
    this.#world.network.inject(packOctets(ends, octets), true);
  }

  /** A request, or the answer to one that was heard. */
  #forgedHeartbeat(ends: PeerAddress, sequence: number): MobilityMessage {
    const random = this.#random;
    const response = nextFraction(random) < 0.7;
    if (!response) return { kind: 'heartbeat', response, unsolicited: false, sequence, options: [] };
    return this.#restart(this.#asked('heartbeat', ends) ?? sequence, nextFraction(random) < 0.3);
  }

  #restart(sequence: number, unsolicited: boolean): MobilityMessage {
    const options = [{ kind: 'restart-counter', counter: nextBelow(this.#random, 10) } as const];
    return { kind: 'heartbeat', response: true, unsolicited, sequence, options };
  }

  /** The number in the latest question of a kind that the victim asked whom it pretends to be. */
  #asked(kind: 'heartbeat' | 'binding-revocation-indication', { local, remote }: PeerAddress): number | undefined {
    return this.#questions.get(`${kind} ${remote.key} ${local.key}`);
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
