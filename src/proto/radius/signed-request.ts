import {
  checkMessageAuthenticator,
  checkRadiusAuthenticator,
  MESSAGE_AUTHENTICATOR,
} from '#wire/radius/authenticators.ts';
import { findRadiusAttribute, type RadiusPacket } from '#wire/radius.ts';

/**
 * Whether an accounting, CoA or Disconnect request was made by someone who has the secret. RFC 5176 §2.3 "Packet Format": "The Request Authenticator is calculated the same way as for an Accounting-
 * Request, specified in [RFC2866]."
 */
export function isSignedRequest(packet: RadiusPacket, octets: Uint8Array, secret: Uint8Array): boolean {
  if (!checkRadiusAuthenticator(octets, secret)) return false;
  if (findRadiusAttribute(packet, MESSAGE_AUTHENTICATOR) === undefined) return true;
  // RFC 5176 §3.4 "Message-Authenticator": a server that receives a request with one "MUST calculate the correct value of the Message-Authenticator and silently discard the
  // packet if it does not match the value sent".
  return checkMessageAuthenticator(octets, secret, new Uint8Array(16)) === true;
}
