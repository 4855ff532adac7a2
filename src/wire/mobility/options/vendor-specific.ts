import { readU32, writeU32 } from '#base/bytes.ts';
import { copyOctets, writeOctets } from '../../octets.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';

export interface VendorSpecificOption {
  readonly kind: 'vendor-specific';
  /** SMI private enterprise number. */
  readonly vendorId: number;
  readonly subtype: number;
  readonly data: Uint8Array;
}

export const vendorSpecific = defineMobilityOption<VendorSpecificOption>({
  type: 19,
  kind: 'vendor-specific',
  name: 'Vendor Specific',
  rfc: 'RFC 5094 §3 "Vendor-Specific Mobility Option"',
  align: aligned(4, 2),
  length: atLeast(5),
  decode: (bytes, at, end) => ({
    kind: 'vendor-specific',
    vendorId: readU32(bytes, at),
    subtype: bytes[at + 4] as number,
    data: copyOctets(bytes, at + 5, end),
  }),
  encode(option, out, at) {
    writeU32(out, at, option.vendorId);
    out[at + 4] = option.subtype;
    return writeOctets(option.data, out, at + 5);
  },
});
