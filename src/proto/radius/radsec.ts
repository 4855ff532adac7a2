/** What RADIUS over TLS (RFC 6614) has beside the packets of RADIUS: their bounds in a stream, and questions whether the other end is there. */
import { readU16 } from '#base/bytes.ts';
import { copyOctets } from '#wire/octets.ts';
import { MESSAGE_AUTHENTICATOR, setMessageAuthenticator } from '#wire/radius/authenticators.ts';
import { ErrorCause } from '#wire/radius/error-cause.ts';
import {
  decodeRadius,
  encodeRadius,
  LONGEST_PACKET,
  RADIUS_ATTRIBUTES_AT,
  RadiusCode,
  type RadiusPacket,
} from '#wire/radius.ts';
import { encodeDynamicAnswer, fitsAnswer } from './dynamic-answer.ts';
import type { Entropy } from './events.ts';
import { answersTo, type SignedRequest } from './request-packet.ts';
import { TLS_IDENTIFIERS } from './server-state.ts';

/** RFC 6614 §2.3(4) "Connection Setup": "The shared secret to compute the (obsolete) MD5 integrity checks and attribute encryption MUST be "radsec" (see Section 3.4(2))." */
export const RADSEC_SECRET = new TextEncoder().encode('radsec');

/** RFC 6614 §3.4(1) "RADIUS Datagram Considerations": "packet boundaries of RADIUS packets that arrive in the stream are calculated by evaluating the packet's Length field." */
export class RadiusStream {
  #rest: Uint8Array = new Uint8Array(0);

  /** The packets that are whole by now. `undefined` when the stream is none of RADIUS packets: nothing after that has a meaning. */
  receive(octets: Uint8Array): Uint8Array[] | undefined {
    let rest: Uint8Array = octets;
    if (this.#rest.length > 0) {
      rest = new Uint8Array(this.#rest.length + octets.length);
      rest.set(this.#rest);
      rest.set(octets, this.#rest.length);
    }
    const packets: Uint8Array[] = [];
    while (rest.length >= 4) {
      const length = readU16(rest, 2);
      if (length < RADIUS_ATTRIBUTES_AT || length > LONGEST_PACKET) return undefined;
      if (rest.length < length) break;
      packets.push(copyOctets(rest, 0, length));
      rest = rest.subarray(length);
    }
    this.#rest = copyOctets(rest, 0, rest.length);
    return packets;
  }
}

/** RFC 5997: the question whether a server is there, with the Identifier that no other request of the connection has. */
export function encodeStatusServer(entropy: Entropy): SignedRequest {
  const authenticator = entropy(16);
  const octets = encodeRadius({
    code: RadiusCode.STATUS_SERVER,
    identifier: TLS_IDENTIFIERS,
    authenticator,
    attributes: [{ vendor: 0, type: MESSAGE_AUTHENTICATOR, value: new Uint8Array(16) }],
  });
  setMessageAuthenticator(octets, RADSEC_SECRET, authenticator);
  return { octets, authenticator };
}

export function isStatusAnswer(octets: Uint8Array, question: SignedRequest): boolean {
  return octets[1] === TLS_IDENTIFIERS && answersTo(question, octets, RADSEC_SECRET);
}

/**
 * The answer to what a server asks over the connection. RFC 6614 §2.5 "RADIUS Datagrams": for an unwanted CoA-Request or Disconnect-Request "The NAK SHOULD contain an attribute Error-Cause with the
 * value 406 ("Unsupported Extension")". Chooses: both are unwanted here; `aaa server radius dynamic-author` hears them over UDP. `undefined` for anything else.
 */
export function refuseRequest(octets: Uint8Array): Uint8Array | undefined {
  const decoded = decodeRadius(octets);
  if (!decoded.ok || !isRequest(decoded.value) || !fitsAnswer(decoded.value.attributes)) return undefined;
  return encodeDynamicAnswer(decoded.value, RADSEC_SECRET, ErrorCause.UNSUPPORTED_EXTENSION);
}

function isRequest({ code }: RadiusPacket): boolean {
  return code === RadiusCode.DISCONNECT_REQUEST || code === RadiusCode.COA_REQUEST;
}
