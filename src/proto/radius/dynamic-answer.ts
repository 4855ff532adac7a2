import { OctetWriter } from '#wire/octet-writer.ts';
import { MESSAGE_AUTHENTICATOR, setMessageAuthenticator, setRadiusAuthenticator } from '#wire/radius/authenticators.ts';
import type { ErrorCause } from '#wire/radius/error-cause.ts';
import { encodeRadius, type RadiusAttribute, RadiusCode, type RadiusPacket } from '#wire/radius.ts';

const PROXY_STATE = 33;
const ERROR_CAUSE = 101;
/** Octets of the longest packet, without what an answer has beside Proxy-State. */
const PROXY_STATES_MAXIMUM = 4000;

/** The signed answer to a Disconnect-Request or a CoA-Request: an ACK, or a NAK with the Error-Cause. */
export function encodeDynamicAnswer(request: RadiusPacket, secret: Uint8Array, errorCause?: ErrorCause): Uint8Array {
  const octets = encodeRadius({
    code: codeOf(request, errorCause),
    identifier: request.identifier,
    authenticator: request.authenticator,
    attributes: [
      { vendor: 0, type: MESSAGE_AUTHENTICATOR, value: new Uint8Array(16) },
      ...(errorCause === undefined
        ? []
        : [{ vendor: 0, type: ERROR_CAUSE, value: new OctetWriter(4).u32(errorCause).finish() }]),
      ...proxyStates(request.attributes),
    ],
  });
  // RFC 5176 §3.4 "Message-Authenticator": "The Message-Authenticator is calculated and inserted in the packet before the Response Authenticator is calculated."
  setMessageAuthenticator(octets, secret, request.authenticator);
  setRadiusAuthenticator(octets, secret, request.authenticator);
  return octets;
}

/** Whether the answer to a request with these attributes fits into a packet. */
export function fitsAnswer(attributes: readonly RadiusAttribute[]): boolean {
  const octets = proxyStates(attributes).reduce((sum, { value }) => sum + 2 + value.length, 0);
  return octets <= PROXY_STATES_MAXIMUM;
}

/**
 * RFC 5176 §3.1 "Proxy State": "If there are any Proxy-State attributes in a Disconnect-Request or CoA-Request received from the Dynamic Authorization Client, the Dynamic
 * Authorization Server MUST include those Proxy-State attributes in its response to the Dynamic Authorization Client."
 */
function proxyStates(attributes: readonly RadiusAttribute[]): RadiusAttribute[] {
  return attributes.filter(({ vendor, type }) => vendor === 0 && type === PROXY_STATE);
}

function codeOf({ code }: RadiusPacket, errorCause: ErrorCause | undefined): number {
  if (code === RadiusCode.COA_REQUEST) return errorCause === undefined ? RadiusCode.COA_ACK : RadiusCode.COA_NAK;
  return errorCause === undefined ? RadiusCode.DISCONNECT_ACK : RadiusCode.DISCONNECT_NAK;
}
