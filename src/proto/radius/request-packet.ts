import { equalInConstantTime } from '#wire/hmac-sha1.ts';
import {
  checkMessageAuthenticator,
  hideUserPassword,
  MESSAGE_AUTHENTICATOR,
  radiusAuthenticator,
  setMessageAuthenticator,
  setRadiusAuthenticator,
} from '#wire/radius/authenticators.ts';
import {
  encodeRadius,
  RADIUS_ATTRIBUTES_AT,
  RADIUS_AUTHENTICATOR_AT,
  type RadiusAttribute,
  RadiusCode,
} from '#wire/radius.ts';
import type { Entropy, RadiusRequest } from './events.ts';

export interface SignedRequest {
  readonly octets: Uint8Array;
  /** The Request Authenticator. */
  readonly authenticator: Uint8Array;
}

const USER_PASSWORD = 2;
const ZEROS = new Uint8Array(16);

/**
 * The packet of a request.
 * Chooses: every request begins with a Message-Authenticator, which also binds the attributes of an Access-Request to the secret (RFC 3579 §3.2 "Message-Authenticator"); at the beginning nobody can
 * prepend anything to it.
 */
export function encodeRequest(
  { exchange, attributes, password }: RadiusRequest,
  identifier: number,
  secret: Uint8Array,
  entropy: Entropy,
): SignedRequest {
  const signature: RadiusAttribute = { vendor: 0, type: MESSAGE_AUTHENTICATOR, value: ZEROS };
  if (exchange === 'accounting') {
    const octets = encodeRadius({
      code: RadiusCode.ACCOUNTING_REQUEST,
      identifier,
      authenticator: ZEROS,
      attributes: [signature, ...attributes],
    });
    setMessageAuthenticator(octets, secret, ZEROS);
    setRadiusAuthenticator(octets, secret);
    return { octets, authenticator: octets.slice(RADIUS_AUTHENTICATOR_AT, RADIUS_ATTRIBUTES_AT) };
  }
  const authenticator = entropy(16);
  const hidden = password && {
    vendor: 0,
    type: USER_PASSWORD,
    value: hideUserPassword(password, authenticator, secret),
  };
  const octets = encodeRadius({
    code: RadiusCode.ACCESS_REQUEST,
    identifier,
    authenticator,
    attributes: [signature, ...attributes, ...(hidden ? [hidden] : [])],
  });
  setMessageAuthenticator(octets, secret, authenticator);
  return { octets, authenticator };
}

/**
 * Whether an answer was made by someone who has the secret, for that request: RFC 2865 §3 "Packet Format", Response Authenticator, and RFC 3579 §3.2 "Message-Authenticator" where
 * the answer has one.
 */
export function answersTo({ authenticator }: SignedRequest, answer: Uint8Array, secret: Uint8Array): boolean {
  const field = answer.subarray(RADIUS_AUTHENTICATOR_AT, RADIUS_ATTRIBUTES_AT);
  return (
    equalInConstantTime(field, radiusAuthenticator(answer, authenticator, secret)) &&
    checkMessageAuthenticator(answer, secret, authenticator) !== false
  );
}
