import type { IpAddress } from '#base/ip-address.ts';
import { type Duration, elapsed, type Instant, inSeconds, type UtcTime } from '#base/time.ts';
import {
  type BindingAcknowledgement,
  type BindingRevocationIndication,
  decodeMobilityHeader,
  findOption,
  findOptions,
  type MobilitySecurityAssociation,
  verifyAuthentication,
} from '#wire/mobility/index.ts';
import { careOfAddress } from '../care-of-address.ts';
import { type PeerAddress, transportOf } from '../peer.ts';
import { proofOf } from '../peer-proof.ts';
import { sentOctets } from '../sent-octets.ts';
import type { Figures } from './figures.ts';
import {
  type Grant,
  identifierText,
  nodeNumber,
  type Operation,
  proxyBindingUpdate,
  replyTo,
  type Service,
} from './messages.ts';

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
  readonly octets: Uint8Array;
}

export interface Holding {
  readonly nai: string;
  readonly grant: Grant;
}

interface Request {
  readonly node: number;
  readonly operation: Operation;
  readonly gateway: number;
  readonly dueAt: Instant;
  readonly figures: Figures;
  sentAt: Instant;
  sequence: number;
  tries: number;
  answered: boolean;
}

/** MAGs with many mobile nodes, which do one operation after the other at one LMA: what a load generator sends, and what it makes of the answers. */
export class Population {
  readonly #config: PopulationConfig;
  readonly #gatewayOf: Uint16Array;
  readonly #sequence: Uint16Array;
  readonly #grants: (Grant | undefined)[];
  readonly #requests: (Request | undefined)[];
  /** By the time when they were sent; some have been answered since. */
  #sent: Request[] = [];
  #firstSent = 0;
  readonly #owners = new Map<string, number>();
  #waiting = 0;
  #attached = 0;
  #revocations = 0;
  #next = 0;

  constructor(config: PopulationConfig) {
    this.#config = config;
    const { nodes, gateways } = config;
    this.#gatewayOf = Uint16Array.from({ length: nodes }, (_, node) => node % gateways.length);
    this.#sequence = new Uint16Array(nodes);
    this.#grants = new Array<Grant | undefined>(nodes);
    this.#requests = new Array<Request | undefined>(nodes);
  }

  /** Messages without an answer yet. */
  get waiting(): number {
    return this.#waiting;
  }

  get attached(): number {
    return this.#attached;
  }

  /** Mobile nodes that the LMA has sent away. */
  get revocations(): number {
    return this.#revocations;
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
      if (this.#requests[node] || (this.#grants[node] === undefined) !== (operation === 'attach')) continue;
      const at = this.#gatewayOf[node] as number;
      const gateway = operation === 'handover' ? (at + 1) % this.#config.gateways.length : at;
      const request: Request = {
        ...{ node, operation, gateway, dueAt, figures },
        ...{ sentAt: now, sequence: 0, tries: 0, answered: false },
      };
      this.#requests[node] = request;
      this.#waiting++;
      figures.sent++;
      return this.#send(request, now, utc);
    }
    return undefined;
  }

  /** When `retransmission` is to be asked next. */
  nextRetransmission(): Instant | undefined {
    const oldest = this.#oldest();
    return oldest && ((oldest.sentAt + this.#config.patience) as Instant);
  }

  /** The next message that has waited too long, to be sent again. One that had all its tries is lost. */
  retransmission(now: Instant, utc: UtcTime): Outgoing | undefined {
    for (;;) {
      const request = this.#oldest();
      if (!request || elapsed(request.sentAt, now) < this.#config.patience) return undefined;
      this.#firstSent++;
      if (request.tries < this.#config.tries) {
        request.figures.retransmitted++;
        return this.#send(request, now, utc);
      }
      request.figures.lost++;
      this.#end(request);
    }
  }

  /** A Mobility Header that came to this MAG, and what the MAG answers. What is no answer to an open request of its own is not looked at. */
  receive(gateway: number, octets: Uint8Array, now: Instant): Outgoing | undefined {
    const decoded = decodeMobilityHeader(octets);
    if (!decoded.ok) return undefined;
    const message = decoded.value;
    if (message.kind === 'binding-acknowledgement') this.#answered(gateway, octets, message, now);
    else if (message.kind === 'binding-revocation-indication') this.#revoked(gateway, message);
    const reply = replyTo(message);
    if (!reply) return undefined;
    const to = this.#lmaAt(gateway);
    const { authentication } = this.#config;
    const proof = proofOf(authentication ? { authentication } : {}, to.local);
    return { gateway, octets: sentOctets({ kind: 'send', to, message: reply, ...proof }) };
  }

  #answered(gateway: number, octets: Uint8Array, answer: BindingAcknowledgement, now: Instant): void {
    const node = nodeNumber(findOption(answer.options, 'mobile-node-identifier')?.identifier);
    const request = node === undefined ? undefined : this.#requests[node];
    if (!request || request.gateway !== gateway || request.sequence !== answer.sequence) return;
    if (!this.#isAuthentic(gateway, octets, answer)) {
      request.figures.notAuthentic++;
      return;
    }
    this.#end(request);
    if (answer.status >= 128) {
      request.figures.refuse(answer.status);
      return;
    }
    request.figures.accept(request.dueAt, now);
    this.#accept(request, answer);
  }

  /**
   * The LMA has been away: nobody knows what became of what waits. A mobile node that came or left is taken for absent, one that stayed or
   * moved has its addresses still.
   */
  forget(): void {
    for (const [node, request] of this.#requests.entries()) {
      if (!request) continue;
      request.figures.lost++;
      this.#end(request);
      const grant = this.#grants[node];
      if (request.operation === 'detach' && grant) this.#leave(node, grant);
    }
  }

  /** What the attached ones have. */
  *holdings(): Generator<Holding> {
    for (const [node, grant] of this.#grants.entries())
      if (grant) yield { nai: identifierText(node, this.#config.realm), grant };
  }

  /** Of a mobile node that has gone on to another MAG, or is about to, it means nothing. */
  #revoked(gateway: number, { options }: BindingRevocationIndication): void {
    const node = nodeNumber(findOption(options, 'mobile-node-identifier')?.identifier);
    const grant = node === undefined ? undefined : this.#grants[node];
    if (node === undefined || !grant || this.#gatewayOf[node] !== gateway) return;
    if (this.#requests[node]?.operation === 'handover') return;
    this.#leave(node, grant);
    this.#revocations++;
  }

  #send(request: Request, now: Instant, utc: UtcTime): Outgoing {
    const { node, operation, gateway } = request;
    const { realm, service, lifetime, timestamps, authentication } = this.#config;
    request.sentAt = now;
    request.tries++;
    request.sequence = this.#sequence[node] = ((this.#sequence[node] as number) + 1) & 0xffff;
    this.#sent.push(request);
    const message = proxyBindingUpdate({
      ...{ node, realm, operation, service, lifetime },
      grant: this.#grants[node],
      sequence: request.sequence,
      ...(timestamps && { utc }),
    });
    const to = this.#lmaAt(gateway);
    const signed = authentication ? { authentication: [authentication] } : {};
    return { gateway, octets: sentOctets({ kind: 'send', to, message, ...signed }) };
  }

  #accept({ node, operation, gateway, figures }: Request, answer: BindingAcknowledgement): void {
    const before = this.#grants[node];
    if (before) this.#leave(node, before);
    this.#gatewayOf[node] = gateway;
    if (operation === 'detach' || inSeconds(answer.lifetime) === 0) return;
    const grant = grantOf(answer);
    this.#grants[node] = grant;
    this.#attached++;
    if (before && before.key !== grant.key) figures.changedAddresses++;
    const owner = this.#owners.get(grant.key) ?? node;
    if (owner !== node && this.#grants[owner]?.key === grant.key) figures.givenTwice++;
    this.#owners.set(grant.key, node);
  }

  #leave(node: number, grant: Grant): void {
    this.#grants[node] = undefined;
    this.#attached--;
    if (this.#owners.get(grant.key) === node) this.#owners.delete(grant.key);
  }

  #isAuthentic(gateway: number, octets: Uint8Array, answer: BindingAcknowledgement): boolean {
    const { authentication } = this.#config;
    if (!authentication) return true;
    const from = this.#lmaAt(gateway);
    return verifyAuthentication(octets, authentication, careOfAddress(answer, from, 'received')) === 'authentic';
  }

  #lmaAt(gateway: number): PeerAddress {
    const { gateways, lma } = this.#config;
    return { transport: transportOf(lma), local: gateways[gateway] as IpAddress, remote: lma };
  }

  #end(request: Request): void {
    request.answered = true;
    this.#requests[request.node] = undefined;
    this.#waiting--;
  }

  #oldest(): Request | undefined {
    while (this.#sent[this.#firstSent]?.answered) this.#firstSent++;
    if (this.#firstSent > 4096 && this.#firstSent * 2 > this.#sent.length) {
      this.#sent = this.#sent.slice(this.#firstSent);
      this.#firstSent = 0;
    }
    return this.#sent[this.#firstSent];
  }
}

function grantOf({ options }: BindingAcknowledgement): Grant {
  const homeAddress = findOption(options, 'ipv4-home-address-reply');
  const prefixes = findOptions(options, 'home-network-prefix').map(({ prefix }) => prefix);
  const home = homeAddress && { address: homeAddress.address, prefixLength: homeAddress.prefixLength };
  return { prefixes, home, key: `${home?.address ?? ''} ${prefixes.map(({ key }) => key).join(' ')}` };
}
