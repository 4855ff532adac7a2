import { readU16, readU32, toHex } from '#base/bytes.ts';
import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import { RateLimit } from '#base/rate-limit.ts';
import { type ClockReading, elapsed, type Instant, inSeconds, seconds } from '#base/time.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import {
  decodeRadius,
  findRadiusAttribute,
  type RadiusAttribute,
  RadiusCode,
  type RadiusPacket,
} from '#wire/radius.ts';
import type { LogOutput } from '../peer.ts';
import { encodeDynamicAnswer, fitsAnswer } from './dynamic-answer.ts';
import { createDynamicAuthorizationStats, type DynamicAuthorizationStats } from './dynamic-authorization-stats.ts';
import { isSignedRequest } from './signed-request.ts';

/** Who may ask, and the secret that we share. */
export interface DynamicAuthorizationClient {
  readonly address: IpAddress;
  readonly secret: Uint8Array;
}

export interface DynamicAuthorizationDatagram {
  readonly from: IpAddress;
  readonly port: number;
  readonly octets: Uint8Array;
}

export type DynamicAuthorizationOutput =
  /** Sessions are to end, or to have another authorization; what became of it is told by `answer`. */
  | { readonly kind: 'disconnect' | 'change'; readonly id: number; readonly attributes: readonly RadiusAttribute[] }
  | DynamicAuthorizationReply
  | LogOutput;

/** From where the request came to. */
export interface DynamicAuthorizationReply extends DynamicAuthorizationDatagram {
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
  /** Absent while it is being carried out. */
  answer?: Uint8Array;
}

/**
 * RFC 5176 §6.3 "Replay Protection": "The time window used for duplicate detection MUST be the same as the window used to detect a stale Event-Timestamp Attribute." "A
 * default time window of 300 seconds should be adequate in many circumstances."
 */
const WINDOW = seconds(300);
/** Requests whose answers are remembered: about 4 MB. */
const REQUESTS_MAXIMUM = 16_384;
const SERVICE_TYPE = 6;
const EVENT_TIMESTAMP = 55;

/** A Dynamic Authorization Server: RFC 5176 §2 "Overview". Whoever is not configured, or does not prove that it has the secret, gets no answer. */
export class DynamicAuthorizationServer {
  readonly stats: DynamicAuthorizationStats = createDynamicAuthorizationStats();
  #clients: readonly DynamicAuthorizationClient[] = [];
  /** In the order in which they came, by where they came from, identifier and authenticator. */
  readonly #requests = new Map<string, Request>();
  readonly #underWay = new Map<number, Request>();
  readonly #complaints = new RateLimit(1, 1 / 60);
  #lastId = 0;

  configure(clients: readonly DynamicAuthorizationClient[]): void {
    this.#clients = clients;
  }

  /** At most one thing is to be done. */
  receive(datagram: DynamicAuthorizationDatagram, now: ClockReading): DynamicAuthorizationOutput | undefined {
    // RFC 5176 §2.3 "Packet Format": "The Dynamic Authorization Server MUST use the source IP address of the RADIUS UDP packet to decide which shared secret to use".
    const client = this.#clients.find(({ address }) => sameAddress(address, datagram.from));
    // RFC 5176 §6.1 "Authorization Issues": "A Dynamic Authorization Server MUST silently discard Disconnect-Request or CoA-Request packets from untrusted sources."
    if (!client) return this.#drop('strangers');
    const decoded = decodeRadius(datagram.octets);
    if (!decoded.ok || !fitsAnswer(decoded.value.attributes)) return this.#drop('malformed');
    const { code, identifier, authenticator } = decoded.value;
    // RFC 5176 §2.3: "Packets received with an invalid Code field MUST be silently discarded."
    if (code !== RadiusCode.DISCONNECT_REQUEST && code !== RadiusCode.COA_REQUEST) return this.#drop('wrongCodes');
    // RFC 5176 §2.3: "Octets outside the range of the Length field MUST be treated as padding and ignored on reception."
    const octets = datagram.octets.subarray(0, readU16(datagram.octets, 2));
    if (!isSignedRequest(decoded.value, octets, client.secret)) {
      this.stats.badAuthenticators++;
      return this.#complain(datagram.from, now);
    }
    // RFC 5176 §6.3: "If the Event-Timestamp Attribute is not current, then the packet MUST be silently discarded."
    // Differs: RFC 5176 §6.3 also says that "Implementations SHOULD be configurable to discard" requests without that attribute: IOS has no such command.
    if (!isCurrent(decoded.value, now)) return this.#drop('stale');
    this.#forgetOld(now);
    // RFC 5176 §2.3: an "implementation MUST be capable of detecting a duplicate request if it has the same source IP address, source UDP port, and Identifier within a
    // short span of time": here with the same authenticator, so that a client may use its 256 identifiers again.
    const key = `${datagram.from} ${datagram.port} ${identifier} ${toHex(authenticator)}`;
    const known = this.#requests.get(key);
    if (known) {
      this.stats.duplicates++;
      return known.answer && replyTo(known, known.answer);
    }
    const { from, port } = datagram;
    const { secret } = client;
    return this.#begin({ id: ++this.#lastId, key, from, port, secret, packet: decoded.value, at: now.instant });
  }

  /** What became of a request: it is carried out, or why not. */
  answer(id: number, errorCause?: ErrorCause): DynamicAuthorizationReply | undefined {
    const request = this.#underWay.get(id);
    if (!request) return undefined;
    this.#underWay.delete(id);
    if (errorCause === undefined) this.stats.acknowledged++;
    else this.stats.refused++;
    request.answer = encodeDynamicAnswer(request.packet, request.secret, errorCause);
    return replyTo(request, request.answer);
  }

  #begin(request: Request): DynamicAuthorizationOutput | undefined {
    const { id, key, packet } = request;
    this.#requests.set(key, request);
    this.#underWay.set(id, request);
    if (packet.code === RadiusCode.DISCONNECT_REQUEST) {
      this.stats.disconnectRequests++;
      return { kind: 'disconnect', id, attributes: packet.attributes };
    }
    this.stats.coaRequests++;
    if (findRadiusAttribute(packet, SERVICE_TYPE) === undefined) {
      return { kind: 'change', id, attributes: packet.attributes };
    }
    // RFC 5176 §3.2 "Authorize Only": "If the NAS does not support a Service-Type value of "Authorize Only", then it MUST respond with a CoA-NAK; an Error-Cause Attribute
    // with a value of 405 (Unsupported Service) SHOULD be included."
    return this.answer(id, ErrorCause.UNSUPPORTED_SERVICE);
  }

  #forgetOld({ instant }: ClockReading): void {
    for (const request of this.#requests.values()) {
      const old = elapsed(request.at, instant) > WINDOW;
      if (!old && this.#requests.size < REQUESTS_MAXIMUM) return;
      if (!old) this.stats.forgotten++;
      this.#requests.delete(request.key);
      this.#underWay.delete(request.id);
    }
  }

  #drop(counter: 'strangers' | 'malformed' | 'wrongCodes' | 'stale'): undefined {
    this.stats[counter]++;
  }

  #complain(from: IpAddress, { instant }: ClockReading): LogOutput | undefined {
    if (!this.#complaints.allows(instant)) return undefined;
    const text = `RADIUS client ${from} does not sign its requests with the key configured for it (aaa server radius dynamic-author)`;
    const fields = { client: from.toString() };
    return { kind: 'log', level: 'warn', code: 'dynamic-author-bad-authenticator', text, fields };
  }
}

function isCurrent(packet: RadiusPacket, { utc }: ClockReading): boolean {
  const value = findRadiusAttribute(packet, EVENT_TIMESTAMP);
  if (value === undefined) return true;
  return value.length === 4 && Math.abs(readU32(value, 0) - utc / 1000) <= inSeconds(WINDOW);
}

/** RFC 5176 §2.3: "For responses, the source and destination ports are reversed." */
function replyTo({ from, port }: Request, octets: Uint8Array): DynamicAuthorizationReply {
  return { kind: 'reply', from, port, octets };
}
