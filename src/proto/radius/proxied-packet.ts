import { readU16 } from '#base/bytes.ts';
import { OctetWriter } from '#wire/octet-writer.ts';
import { MESSAGE_AUTHENTICATOR, setMessageAuthenticator, setRadiusAuthenticator } from '#wire/radius/authenticators.ts';
import {
  encodeRadius,
  LONGEST_PACKET,
  type RadiusAttribute,
  RadiusCode,
  type RadiusPacket,
  radiusAttributesAsSent,
} from '#wire/radius.ts';

const PROXY_STATE = 33;
/** Octets that forwarding adds: a Proxy-State and a Message-Authenticator. */
const ADDED = 6 + 18;

/** Whether a request has room for what forwarding adds. */
export function fitsProxying(octets: Uint8Array): boolean {
  return readU16(octets, 2) + ADDED <= LONGEST_PACKET;
}

/**
 * The attributes of a request as they go on to the server. RFC 2866 §2.1 "Proxy": the forwarding server "adds its Proxy-State (if desired) after any other Proxy-State attributes". "A forwarding
 * server MUST not modify existing Proxy-State or Class attributes present in the packet." RFC 2865 §2.3 "Proxy": "The forwarding server MUST NOT change the order of any attributes of the same
 * type". The Message-Authenticator is for the one hop.
 */
export function forwardedAttributes(request: Uint8Array, id: number): RadiusAttribute[] {
  const state = new OctetWriter(4).u32(id >>> 0).finish();
  return [
    ...radiusAttributesAsSent(request).filter(({ type }) => type !== MESSAGE_AUTHENTICATOR),
    { vendor: 0, type: PROXY_STATE, value: state },
  ];
}

/**
 * The answer to the client. RFC 2866 §2.1: the forwarding server "strips the last Proxy-State (if it added one in step 2), updates the Response Authenticator". RFC 2865 §2.3: "If there are any Proxy-State
 * attributes in the request received from the client, the forwarding server MUST include those Proxy-State attributes in its reply to the client": they
 * are those of the request, whatever the server made of them.
 * Chooses: it has a Message-Authenticator where the request has one, as RFC 2866 knows none.
 */
export function encodeProxiedAnswer(
  request: RadiusPacket,
  secret: Uint8Array,
  said: readonly RadiusAttribute[],
): Uint8Array {
  const isSigned = request.attributes.some((each) => isOf(each, MESSAGE_AUTHENTICATOR));
  const hop = [
    ...(isSigned ? [{ vendor: 0, type: MESSAGE_AUTHENTICATOR, value: new Uint8Array(16) }] : []),
    ...request.attributes.filter((each) => isOf(each, PROXY_STATE)),
  ];
  const own = said.filter((each) => !isOf(each, MESSAGE_AUTHENTICATOR) && !isOf(each, PROXY_STATE));
  const attributes = fits([...hop, ...own]) ? [...hop, ...own] : hop;
  const { identifier, authenticator } = request;
  const octets = encodeRadius({ code: RadiusCode.ACCOUNTING_RESPONSE, identifier, authenticator, attributes });
  setMessageAuthenticator(octets, secret, authenticator);
  setRadiusAuthenticator(octets, secret, authenticator);
  return octets;
}

function isOf({ vendor, type }: RadiusAttribute, wanted: number): boolean {
  return vendor === 0 && type === wanted;
}

/** What a server says beside Proxy-State is left out where it does not fit. */
function fits(attributes: readonly RadiusAttribute[]): boolean {
  const octets = attributes.reduce((sum, { vendor, value }) => sum + (vendor === 0 ? 2 : 8) + value.length, 20);
  return octets <= LONGEST_PACKET;
}
