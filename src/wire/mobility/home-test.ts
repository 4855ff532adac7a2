import { readU16, writeU16 } from '#base/bytes.ts';
import { copyOctets, writeOctets } from '../octets.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface HomeTest {
  readonly kind: 'home-test';
  readonly nonceIndex: number;
  /** 8 octets. */
  readonly cookie: Uint8Array;
  /** 8 octets. */
  readonly keygenToken: Uint8Array;
  readonly options: readonly MobilityOption[];
}

export const homeTest = defineMobilityMessage<HomeTest>({
  type: 3,
  kind: 'home-test',
  name: 'Home Test',
  rfc: 'RFC 6275 §6.1.5 "Home Test Message"',
  optionsAt: 24,
  decode: (bytes, options) => ({
    kind: 'home-test',
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
