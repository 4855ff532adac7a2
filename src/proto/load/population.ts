import type { IpAddress } from '#base/ip-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { after, type Duration, elapsed, type Instant, type UtcTime } from '#base/time.ts';
import {
  type BindingRevocationIndication,
  decodeMobilityHeader,
  findOption,
  type MobilitySecurityAssociation,
  verifyAuthentication,
} from '#wire/mobility/index.ts';
import { gatewayCareOf } from '../care-of-address.ts';
import { type PeerAddress, transportOf } from '../peer.ts';
import { proofOf } from '../peer-proof.ts';
import { sentOctets } from '../sent-octets.ts';
import { Answer } from './answer.ts';
import type { Figures } from './figures.ts';
import { Granted } from './granted.ts';
import { HeldAddresses } from './held-addresses.ts';
import { type Grant, identifierText, nodeNumber, type Operation, replyTo, type Service } from './messages.ts';
import { OpenRequests } from './open-requests.ts';
import { UpdateWriter } from './update-writer.ts';

export interface PopulationConfig {
  readonly lma: IpAddress;
  /** The Proxy Care-of Addresses of the MAGs, of the family of the LMA's address. */
  readonly gateways: readonly IpAddress[];
  /** How many mobile nodes there are. They begin at the MAGs in turn. */
  readonly nodes: number;
  readonly realm: string;
  readonly service: Service;
  readonly lifetime: Duration;
  /** Messages carry the time of day (RFC 5213 §5.5 "Timestamp Option for Message Ordering"), or else only their numbers count. */
  readonly timestamps: boolean;
  readonly authentication?: MobilitySecurityAssociation;
  /** How long an answer may take before the message is sent again, and how often it is sent. */
  readonly patience: Duration;
  readonly tries: number;
}

export interface Outgoing {
  /** Which of the MAGs sends it. */
  readonly gateway: number;
  /** Valid until the population makes the next message. */
  readonly octets: Uint8Array;
}

export interface Holding {
  readonly nai: string;
  readonly grant: Grant;
}

/** RFC 6275 §6.1.8 "Binding Acknowledgement Message": the update was rejected. */
const REFUSED = 128;

/** MAGs with many mobile nodes, which do one operation after the other at one LMA: what a load generator sends, and what it makes of the answers. */
export class Population {
  readonly #config: PopulationConfig;
  readonly #careOf: readonly Ipv6Address[];
  readonly #gatewayOf: Uint16Array;
  /** Of the last message. */
  readonly #sequence: Uint16Array;
  readonly #held: HeldAddresses;
  readonly #requests: OpenRequests;
  readonly #updates: UpdateWriter;
  readonly #answer = new Answer();
  readonly #granted = new Granted();
  #revocations = 0;
  #malformed = 0;
  #next = 0;

  constructor(config: PopulationConfig) {
    this.#config = config;
    const { nodes, gateways } = config;
    this.#careOf = gateways.map(gatewayCareOf);
    this.#gatewayOf = Uint16Array.from({ length: nodes }, (_, node) => node % gateways.length);
    this.#sequence = new Uint16Array(nodes);
    this.#held = new HeldAddresses(nodes);
    this.#requests = new OpenRequests(nodes);
    this.#updates = new UpdateWriter(config);
  }

  /** Messages without an answer yet. */
  get waiting(): number {
    return this.#requests.size;
  }

  get attached(): number {
    return this.#held.size;
  }

  /** Mobile nodes that the LMA has sent away. */
  get revocations(): number {
    return this.#revocations;
  }

  /** Messages of the LMA that cannot be read, and count as none. */
  get malformed(): number {
    return this.#malformed;
  }

  /** The next one asked is the first mobile node again. */
  rewind(): void {
    this.#next = 0;
  }

  /**
   * The message of the next mobile node that can do this and waits for nothing; `undefined` when all have been asked since `rewind`.
   * `dueAt`: when it should have been sent, from which its latency counts.
   */
  ask(operation: Operation, figures: Figures, now: Instant, utc: UtcTime, dueAt = now): Outgoing | undefined {
    while (this.#next < this.#config.nodes) {
      const node = this.#next++;
      if (this.#requests.operation(node) || this.#held.has(node) === (operation === 'attach')) continue;
      const at = this.#gatewayOf[node] as number;
      const gateway = operation === 'handover' ? (at + 1) % this.#config.gateways.length : at;
      this.#requests.open(node, operation, gateway, figures, dueAt);
      figures.sent++;
      return this.#send(node, operation, now, utc);
    }
    return undefined;
  }

  /** When `retransmission` is to be asked next. */
  nextRetransmission(): Instant | undefined {
    const { oldest } = this.#requests;
    return oldest < 0 ? undefined : after(this.#requests.sentAt(oldest), this.#config.patience);
  }

  /** The next message that has waited too long, to be sent again. One that had all its tries is lost. */
  retransmission(now: Instant, utc: UtcTime): Outgoing | undefined {
    const requests = this.#requests;
    const { patience, tries } = this.#config;
    for (;;) {
      const node = requests.oldest;
      const operation = requests.operation(node);
      if (!operation || elapsed(requests.sentAt(node), now) < patience) return undefined;
      if (requests.tries(node) < tries) {
        requests.figures(node).retransmitted++;
        return this.#send(node, operation, now, utc);
      }
      requests.figures(node).lost++;
      requests.close(node);
    }
  }

  /** A Mobility Header that came to this MAG, and what the MAG answers. What is no answer to an open request of its own is not looked at. */
  receive(gateway: number, octets: Uint8Array, now: Instant): Outgoing | undefined {
    if (this.#answer.read(octets)) {
      this.#answered(gateway, octets, now);
      return undefined;
    }
    const decoded = decodeMobilityHeader(octets);
    if (!decoded.ok) {
      this.#malformed++;
      return undefined;
    }
    const message = decoded.value;
    if (message.kind === 'binding-acknowledgement') {
      this.#answer.set(message);
      this.#answered(gateway, octets, now);
    } else if (message.kind === 'binding-revocation-indication') this.#revoked(gateway, message);
    const reply = replyTo(message);
    if (!reply) return undefined;
    const to = this.#lmaAt(gateway);
    const { authentication } = this.#config;
    const proof = proofOf(authentication ? { authentication } : {}, to.local);
    return { gateway, octets: sentOctets({ kind: 'send', to, message: reply, ...proof }) };
  }

  #answered(gateway: number, octets: Uint8Array, now: Instant): void {
    const { node, sequence, status } = this.#answer;
    const requests = this.#requests;
    const operation = requests.operation(node);
    if (!operation || requests.gateway(node) !== gateway || this.#sequence[node] !== sequence) return;
    const figures = requests.figures(node);
    if (!this.#isAuthentic(gateway, octets)) {
      figures.notAuthentic++;
      return;
    }
    requests.close(node);
    if (status >= REFUSED) {
      figures.refuse(status);
      return;
    }
    figures.accept(requests.dueAt(node), now);
    this.#gatewayOf[node] = gateway;
    this.#accept(node, operation, figures);
  }

  /**
   * The LMA has been away: nobody knows what became of what waits. A mobile node that came or left is taken for absent, one that stayed or
   * moved has its addresses still.
   */
  forget(): void {
    const requests = this.#requests;
    for (let node = requests.oldest; node >= 0; node = requests.oldest) {
      requests.figures(node).lost++;
      if (requests.operation(node) === 'detach') this.#held.leave(node);
      requests.close(node);
    }
  }

  /** What the attached ones have. */
  *holdings(): Generator<Holding> {
    for (let node = 0; node < this.#config.nodes; node++) {
      if (!this.#held.has(node)) continue;
      this.#held.read(node, this.#granted);
      yield { nai: identifierText(node, this.#config.realm), grant: this.#granted.toGrant() };
    }
  }

  /** Of a mobile node that has gone on to another MAG, or is about to, it means nothing. */
  #revoked(gateway: number, { options }: BindingRevocationIndication): void {
    const identifier = findOption(options, 'mobile-node-identifier')?.identifier;
    const node = identifier ? nodeNumber(identifier, 0, identifier.length) : -1;
    if (!this.#held.has(node) || this.#gatewayOf[node] !== gateway) return;
    if (this.#requests.operation(node) === 'handover') return;
    this.#held.leave(node);
    this.#revocations++;
  }

  #send(node: number, operation: Operation, now: Instant, utc: UtcTime): Outgoing {
    const gateway = this.#requests.gateway(node);
    const sequence = ((this.#sequence[node] as number) + 1) & 0xffff;
    this.#sequence[node] = sequence;
    this.#requests.sent(node, now);
    const granted = this.#granted;
    if (this.#held.has(node)) this.#held.read(node, granted);
    else granted.clear();
    const careOfAddress = this.#careOf[gateway] as Ipv6Address;
    return { gateway, octets: this.#updates.write({ node, operation, sequence, utc, granted, careOfAddress }) };
  }

  #accept(node: number, operation: Operation, figures: Figures): void {
    const { granted, isRegistered } = this.#answer;
    const held = this.#held;
    const isGone = operation === 'detach' || !isRegistered;
    if (held.has(node) && (isGone || !held.isSame(node, granted))) {
      held.leave(node);
      if (!isGone) figures.changedAddresses++;
    }
    if (!isGone && held.take(node, granted)) figures.givenTwice++;
  }

  #isAuthentic(gateway: number, octets: Uint8Array): boolean {
    const { authentication } = this.#config;
    const careOf = this.#careOf[gateway] as Ipv6Address;
    return !authentication || verifyAuthentication(octets, authentication, careOf) === 'authentic';
  }

  #lmaAt(gateway: number): PeerAddress {
    const { gateways, lma } = this.#config;
    return { transport: transportOf(lma), local: gateways[gateway] as IpAddress, remote: lma };
  }
}
