/** What a RADIUS server of a lab answers. */
import { DICTIONARY } from '#proto/aaa/attributes.ts';
import { MESSAGE_AUTHENTICATOR, setMessageAuthenticator, setRadiusAuthenticator } from '#wire/radius/authenticators.ts';
import { encodeRadius, type RadiusAttribute, RadiusCode, type RadiusPacket } from '#wire/radius.ts';

const encoder = new TextEncoder();

/** An Access-Accept with these attributes, and a Message-Authenticator before them. */
export function acceptance(request: RadiusPacket, secret: string, attributes: readonly RadiusAttribute[]): Uint8Array {
  const signature = { vendor: 0, type: MESSAGE_AUTHENTICATOR, value: new Uint8Array(16) };
  const answer = encodeRadius({ ...request, code: RadiusCode.ACCESS_ACCEPT, attributes: [signature, ...attributes] });
  setMessageAuthenticator(answer, encoder.encode(secret), request.authenticator);
  setRadiusAuthenticator(answer, encoder.encode(secret), request.authenticator);
  return answer;
}

/** An Accounting-Response: the record is kept. */
export function accountingResponse(request: RadiusPacket, secret: string): Uint8Array {
  const answer = encodeRadius({ ...request, code: RadiusCode.ACCOUNTING_RESPONSE, attributes: [] });
  setRadiusAuthenticator(answer, encoder.encode(secret), request.authenticator);
  return answer;
}

/** A text in a request. */
export function textIn(request: RadiusPacket, name: string): string {
  return String(DICTIONARY.find(request, name) ?? '');
}
