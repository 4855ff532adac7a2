/** What proves that a RADIUS packet comes from who has the secret. Each function takes or fills an encoded packet. */
import { equalInConstantTime } from '../hmac-sha1.ts';
import { hmacMd5, MD5_LENGTH, md5 } from '../md5.ts';
import { copyOctets } from '../octets.ts';
import { RADIUS_ATTRIBUTES_AT, RADIUS_AUTHENTICATOR_AT } from '../radius.ts';

export const MESSAGE_AUTHENTICATOR = 80;

const ZEROS = new Uint8Array(MD5_LENGTH);
const LONGEST_PASSWORD = 128;

/**
 * RFC 2865 §3 "Packet Format": "ResponseAuth = MD5(Code+ID+Length+RequestAuth+Attributes+Secret)". With 16 zero octets as
 * `requestAuthenticator` it is that of an accounting, CoA or Disconnect request (RFC 2866 §3 "Packet Format", RFC 5176 §2.3 "Packet Format").
 */
export function radiusAuthenticator(
  packet: Uint8Array,
  requestAuthenticator: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  return md5(
    packet.subarray(0, RADIUS_AUTHENTICATOR_AT),
    requestAuthenticator,
    packet.subarray(RADIUS_ATTRIBUTES_AT),
    secret,
  );
}

export function setRadiusAuthenticator(
  packet: Uint8Array,
  secret: Uint8Array,
  requestAuthenticator: Uint8Array = ZEROS,
): void {
  packet.set(radiusAuthenticator(packet, requestAuthenticator, secret), RADIUS_AUTHENTICATOR_AT);
}

export function checkRadiusAuthenticator(
  packet: Uint8Array,
  secret: Uint8Array,
  requestAuthenticator: Uint8Array = ZEROS,
): boolean {
  const field = packet.subarray(RADIUS_AUTHENTICATOR_AT, RADIUS_ATTRIBUTES_AT);
  return equalInConstantTime(field, radiusAuthenticator(packet, requestAuthenticator, secret));
}

/**
 * RFC 3579 §3.2 "Message-Authenticator": HMAC-MD5 over the packet with the attribute's value zero. `authenticator` is the Request
 * Authenticator, also in the answer to that request; 16 zero octets for accounting, CoA and Disconnect requests. Fills the value of the
 * attribute, and is false when the packet has none.
 */
export function setMessageAuthenticator(packet: Uint8Array, secret: Uint8Array, authenticator: Uint8Array): boolean {
  const at = messageAuthenticatorAt(packet);
  if (at === undefined) return false;
  packet.set(messageAuthenticator(packet, at, secret, authenticator), at);
  return true;
}

/** `undefined`: the packet has no such attribute. */
export function checkMessageAuthenticator(
  packet: Uint8Array,
  secret: Uint8Array,
  authenticator: Uint8Array,
): boolean | undefined {
  const at = messageAuthenticatorAt(packet);
  if (at === undefined) return undefined;
  const expected = messageAuthenticator(packet, at, secret, authenticator);
  return equalInConstantTime(packet.subarray(at, at + MD5_LENGTH), expected);
}

/** RFC 2865 §5.2 "User-Password": padded to a multiple of 16 octets and hidden. Throws RangeError when longer than 128 octets. */
export function hideUserPassword(
  password: Uint8Array,
  requestAuthenticator: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  if (password.length > LONGEST_PASSWORD) throw new RangeError('a password of more than 128 octets');
  const clear = new Uint8Array(Math.max(MD5_LENGTH, Math.ceil(password.length / MD5_LENGTH) * MD5_LENGTH));
  clear.set(password);
  const hidden = new Uint8Array(clear.length);
  let previous = requestAuthenticator;
  for (let at = 0; at < clear.length; at += MD5_LENGTH) {
    const mask = md5(secret, previous);
    for (let i = 0; i < MD5_LENGTH; i++) hidden[at + i] = (clear[at + i] as number) ^ (mask[i] as number);
    previous = hidden.subarray(at, at + MD5_LENGTH);
  }
  return hidden;
}

function messageAuthenticator(
  packet: Uint8Array,
  at: number,
  secret: Uint8Array,
  authenticator: Uint8Array,
): Uint8Array {
  const clear = copyOctets(packet, 0, packet.length);
  clear.set(authenticator, RADIUS_AUTHENTICATOR_AT);
  clear.fill(0, at, at + MD5_LENGTH);
  return hmacMd5(secret, clear);
}

/** Of the value. */
function messageAuthenticatorAt(packet: Uint8Array): number | undefined {
  let at = RADIUS_ATTRIBUTES_AT;
  while (at + 2 <= packet.length) {
    const length = packet[at + 1] as number;
    if (length < 2 || at + length > packet.length) return undefined;
    if (packet[at] === MESSAGE_AUTHENTICATOR && length === 2 + MD5_LENGTH) return at + 2;
    at += length;
  }
  return undefined;
}
