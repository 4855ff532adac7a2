import { writeU16 } from '#base/bytes.ts';
import { copyOctets, writeOctets } from '../octets.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface CareOfTestInit {
  readonly kind: 'care-of-test-init';
  /** 8 octets. */
  readonly cookie: Uint8Array;
  readonly options: readonly MobilityOption[];
}

export const careOfTestInit = defineMobilityMessage<CareOfTestInit>({
  type: 2,
  kind: 'care-of-test-init',
  name: 'Care-of Test Init',
  rfc: 'RFC 6275 §6.1.4 "Care-of Test Init Message"',
  optionsAt: 16,
  decode: (bytes, options) => ({ kind: 'care-of-test-init', cookie: copyOctets(bytes, 8, 16), options }),
  encode(message, out) {
    writeU16(out, 6, 0);
    writeOctets(message.cookie, out, 8);
  },
});
