import { readU32, writeU32 } from '#base/bytes.ts';
import { copyOctets, writeOctets } from '../../octets.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';

/** The last option of its message. */
export interface BindingAuthorizationDataForFmipv6Option {
  readonly kind: 'binding-authorization-data-for-fmipv6';
  readonly spi: number;
  readonly authenticator: Uint8Array;
}

/**
 * Chooses: the Length field counts the SPI too, as in every other option, although the RFC says "The length of the
 * Authenticator in bytes": a receiver that does not know the option could not skip it otherwise.
 */
export const bindingAuthorizationDataForFmipv6 = defineMobilityOption<BindingAuthorizationDataForFmipv6Option>({
  type: 21,
  kind: 'binding-authorization-data-for-fmipv6',
  name: 'Binding Authorization Data for FMIPv6',
  rfc: 'RFC 5568 §6.4.5 "Binding Authorization Data for FMIPv6 (BADF)"',
  align: aligned(4, 2),
  length: atLeast(4),
  decode: (bytes, at, end) => ({
    kind: 'binding-authorization-data-for-fmipv6',
    spi: readU32(bytes, at),
    authenticator: copyOctets(bytes, at + 4, end),
  }),
  encode(option, out, at) {
    writeU32(out, at, option.spi);
    return writeOctets(option.authenticator, out, at + 4);
  },
});
