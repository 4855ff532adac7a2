import { copyOctets, writeOctets } from '../../octets.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';

/** The last option of its message, with no padding after it. */
export interface BindingAuthorizationDataOption {
  readonly kind: 'binding-authorization-data';
  /** 12 octets today. */
  readonly authenticator: Uint8Array;
}

export const bindingAuthorizationData = defineMobilityOption<BindingAuthorizationDataOption>({
  type: 5,
  kind: 'binding-authorization-data',
  name: 'Binding Authorization Data',
  rfc: 'RFC 6275 §6.2.7 "Binding Authorization Data"',
  align: aligned(8, 2),
  length: atLeast(1),
  decode: (bytes, at, end) => ({ kind: 'binding-authorization-data', authenticator: copyOctets(bytes, at, end) }),
  encode: (option, out, at) => writeOctets(option.authenticator, out, at),
});
