import { writeU16 } from '#base/bytes.ts';
import { copyOctets, writeOctets } from '../octets.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface HomeTestInit {
  readonly kind: 'home-test-init';
  /** 8 octets. */
  readonly cookie: Uint8Array;
  readonly options: readonly MobilityOption[];
}

export const homeTestInit = defineMobilityMessage<HomeTestInit>({
  type: 1,
  kind: 'home-test-init',
  name: 'Home Test Init',
  rfc: 'RFC 6275 §6.1.3 "Home Test Init Message"',
  optionsAt: 16,
  decode: (bytes, options) => ({ kind: 'home-test-init', cookie: copyOctets(bytes, 8, 16), options }),
  encode(message, out) {
    writeU16(out, 6, 0);
    writeOctets(message.cookie, out, 8);
  },
});
