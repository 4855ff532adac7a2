import { readU16, writeU16 } from '#base/bytes.ts';
import { copyOctets, writeOctets } from '../octets.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface CareOfTest {
  readonly kind: 'care-of-test';
  readonly nonceIndex: number;
  /** 8 octets. */
  readonly cookie: Uint8Array;
  /** 8 octets. */
  readonly keygenToken: Uint8Array;
  readonly options: readonly MobilityOption[];
}

export const careOfTest = defineMobilityMessage<CareOfTest>({
  type: 4,
  kind: 'care-of-test',
  name: 'Care-of Test',
  rfc: 'RFC 6275 §6.1.6 "Care-of Test Message"',
  optionsAt: 24,
  decode: (bytes, options) => ({
    kind: 'care-of-test',
    nonceIndex: readU16(bytes, 6),
    cookie: copyOctets(bytes, 8, 16),
    keygenToken: copyOctets(bytes, 16, 24),
    options,
  }),
  encode(message, out) {
    writeU16(out, 6, message.nonceIndex);
    writeOctets(message.cookie, out, 8);
    writeOctets(message.keygenToken, out, 16);
  },
});
