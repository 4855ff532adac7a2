import { readU16, toHex } from '#base/bytes.ts';
import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { RateLimit } from '#base/rate-limit.ts';
import { type ClockReading, elapsed, type Instant, seconds } from '#base/time.ts';
import { decodeRadius, type RadiusAttribute, RadiusCode, type RadiusPacket } from '#wire/radius.ts';
import type { LogOutput } from '../peer.ts';
import { type AccountingProxyStats, createAccountingProxyStats } from './accounting-proxy-stats.ts';
import type { RadiusOutcome } from './events.ts';
import { encodeProxiedAnswer, fitsProxying, forwardedAttributes } from './proxied-packet.ts';
import { isSignedRequest } from './signed-request.ts';

/** An access point or a controller, or all of a network, and the secret that we share. */
export interface AccountingClient {
  readonly address: IpAddress;
  /** Of an IPv4 network; a single address without it. */
  readonly prefixLength?: number;
  readonly secret: Uint8Array;
}

export interface AccountingDatagram {
  readonly from: IpAddress;
  readonly port: number;
  readonly octets: Uint8Array;
}

export type AccountingProxyOutput = AccountingCall | AccountingReply | LogOutput;

/**
 * A client tells of a station: what becomes of that is told by `taken`, and what the server that it is forwarded to answers by `answered`; the client has its answer
 * after both.
 */
export interface AccountingCall {
  readonly kind: 'call';
  readonly id: number;
  readonly client: AccountingClient;
  /** As the client sent them. */
  readonly attributes: readonly RadiusAttribute[];
  /** For the server. */
  readonly forwarded: readonly RadiusAttribute[];
}

/** From where the request came to. */
export interface AccountingReply extends AccountingDatagram {
  readonly kind: 'reply';
}

interface Request {
  readonly id: number;
  readonly key: string;
  readonly from: IpAddress;
  readonly port: number;
  readonly secret: Uint8Array;
  readonly packet: RadiusPacket;
  readonly at: Instant;
  taken: boolean;
  /** The server's; without one there is nobody to ask, and ours is empty. */
  recorded: readonly RadiusAttribute[] | undefined;
  /** Absent while it is under way. */
  answer?: Uint8Array;
}

/** So long a request that comes again is a duplicate: RFC 2866 §3 "Packet Format" has "within a short span of time". A client that waits for an answer asks again within seconds. */
const WINDOW = seconds(30);
/** Requests whose answers are remembered, and those among them that have none yet: about 4 MB and 16 MB. */
const REQUESTS_MAXIMUM = 16_384;
const UNDER_WAY_MAXIMUM = 4096;

/**
 * The accounting server that access points and controllers tell of their stations, which forwards what they say to the real one: RFC 2866 §2.1 "Proxy". Whoever is not
 * configured, or does not prove that it has the secret, gets no answer.
 * Chooses: it takes responsibility for retransmissions to the server, so that those of the client reach nobody: "A forwarding server may either perform its
 * forwarding function in a pass through manner, where it sends retransmissions on as soon as it gets them, or it may take responsibility for retransmissions".
 */
export class AccountingProxy {
  readonly stats: AccountingProxyStats = createAccountingProxyStats();
  #clients: readonly AccountingClient[] = [];
  /** In the order in which they came, by where they came from, identifier and authenticator. */
  readonly #requests = new Map<string, Request>();
  readonly #underWay = new Map<number, Request>();
  readonly #complaints = new RateLimit(1, 1 / 60);
  #lastId = 0;

  /** Where several mean one address, the most exact does. */
  configure(clients: readonly AccountingClient[]): void {
    this.#clients = [...clients].sort((a, b) => (b.prefixLength ?? 128) - (a.prefixLength ?? 128));
  }

  /** Whether it is the address of a client; nothing is proved by that. */
  knows(from: IpAddress): boolean {
    return this.#clients.some((each) => isOf(each, from));
  }

  /** At most one thing is to be done. */
  receive(datagram: AccountingDatagram, now: ClockReading): AccountingProxyOutput | undefined {
    const client = this.#clients.find((each) => isOf(each, datagram.from));
    if (!client) return this.#drop('strangers');
    const decoded = decodeRadius(datagram.octets);
    if (!decoded.ok || !fitsProxying(datagram.octets)) return this.#drop('malformed');
    const packet = decoded.value;
    // RFC 2866 §3: "When a packet is received with an invalid Code field, it is silently discarded."
    if (packet.code !== RadiusCode.ACCOUNTING_REQUEST) return this.#drop('wrongCodes');
    // RFC 2866 §3: "Octets outside the range of the Length field MUST be treated as padding and ignored on reception."
    const octets = datagram.octets.subarray(0, readU16(datagram.octets, 2));
    if (!isSignedRequest(packet, octets, client.secret)) {
      this.stats.badAuthenticators++;
      return this.#complain(datagram.from, now);
    }
    this.#forgetOld(now);
    // RFC 2866 §3: "The RADIUS server can detect a duplicate request if it has the same client source IP address and source UDP port and Identifier within a short span of
    // time": here with the same authenticator, so that a client may use its 256 identifiers again.
    const key = `${datagram.from} ${datagram.port} ${packet.identifier} ${toHex(packet.authenticator)}`;
    const known = this.#requests.get(key);
    if (known) {
      this.stats.duplicates++;
      return known.answer && replyTo(known, known.answer);
    }
    if (this.#underWay.size >= UNDER_WAY_MAXIMUM) return this.#drop('overloads');
    const { from, port } = datagram;
    const { secret } = client;
    const id = ++this.#lastId;
    const request = { id, key, from, port, secret, packet, at: now.instant, taken: false, recorded: undefined };
    this.#requests.set(key, request);
    this.#underWay.set(id, request);
    this.stats.requests++;
    const { attributes } = packet;
    return { kind: 'call', id, client, attributes, forwarded: forwardedAttributes(octets, id) };
  }

  /** The mobile node was attached or detached, or there was nothing to do. */
  taken(id: number): AccountingReply | undefined {
    const request = this.#underWay.get(id);
    if (request) request.taken = true;
    return request && this.#answerWhenDone(request);
  }

  /** What the servers said. `no-server`: the answer is ours alone. */
  answered(id: number, outcome: RadiusOutcome, attributes: readonly RadiusAttribute[]): AccountingReply | undefined {
    const request = this.#underWay.get(id);
    if (!request) return undefined;
    if (outcome === 'accept' || outcome === 'no-server') {
      if (outcome === 'accept') this.stats.forwarded++;
      request.recorded = attributes;
      return this.#answerWhenDone(request);
    }
    // RFC 2866 §2 "Operation": "If the RADIUS accounting server is unable to successfully record the accounting packet it MUST NOT send an Accounting-Response acknowledgment to the client."
    // The client asks again, and then the servers are asked again.
    this.stats.notForwarded++;
    this.#requests.delete(request.key);
    this.#underWay.delete(id);
    return undefined;
  }

  isUnderWay(id: number): boolean {
    return this.#underWay.has(id);
  }

  #answerWhenDone(request: Request): AccountingReply | undefined {
    if (!request.taken || !request.recorded) return undefined;
    this.#underWay.delete(request.id);
    request.answer = encodeProxiedAnswer(request.packet, request.secret, request.recorded);
    this.stats.answered++;
    return replyTo(request, request.answer);
  }

  #forgetOld({ instant }: ClockReading): void {
    for (const request of this.#requests.values()) {
      if (!request.answer) continue;
      const isOld = elapsed(request.at, instant) > WINDOW;
      if (!isOld && this.#requests.size < REQUESTS_MAXIMUM) return;
      if (!isOld) this.stats.forgotten++;
      this.#requests.delete(request.key);
    }
  }

  #drop(counter: 'strangers' | 'malformed' | 'wrongCodes' | 'overloads'): undefined {
    this.stats[counter]++;
  }

  #complain(from: IpAddress, { instant }: ClockReading): LogOutput | undefined {
    if (!this.#complaints.allows(instant)) return undefined;
    const text = `RADIUS client ${from} does not sign its accounting with the key configured for it (aaa server radius proxy)`;
    const fields = { client: from.toString() };
    return { kind: 'log', level: 'warn', code: 'radius-proxy-bad-authenticator', text, fields };
  }
}

function isOf({ address, prefixLength }: AccountingClient, from: IpAddress): boolean {
  if (prefixLength === undefined || !(address instanceof Ipv4Address)) return sameAddress(address, from);
  return from instanceof Ipv4Address && new Ipv4Prefix(address, prefixLength).contains(from);
}

/** RFC 2866 §3: "When a reply is generated, the source and destination ports are reversed." */
function replyTo({ from, port }: Request, octets: Uint8Array): AccountingReply {
  return { kind: 'reply', from, port, octets };
}
