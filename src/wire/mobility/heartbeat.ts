import { readU16, readU32, writeU16, writeU32 } from '#base/bytes.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

/**
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *                                    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *                                    |          Reserved         |U|R|
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                        Sequence Number                        |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                        Mobility options                       |
 * ```
 */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  /** R. */
  readonly response: boolean;
  /** U: a response that nobody asked for; its sequence number has no meaning. */
  readonly unsolicited: boolean;
  readonly sequence: number;
  readonly options: readonly MobilityOption[];
}

const UNSOLICITED = 0x02;
const RESPONSE = 0x01;

export const heartbeat = defineMobilityMessage<Heartbeat>({
  type: 13,
  kind: 'heartbeat',
  name: 'Heartbeat',
  rfc: 'RFC 5847 §3.3 "Heartbeat Message"',
  optionsAt: 12,
  decode(bytes, options) {
    const flags = readU16(bytes, 6);
    return {
      kind: 'heartbeat',
      response: (flags & RESPONSE) !== 0,
      unsolicited: (flags & UNSOLICITED) !== 0,
      sequence: readU32(bytes, 8),
      options,
    };
  },
  encode(message, out) {
    writeU16(out, 6, (message.unsolicited ? UNSOLICITED : 0) | (message.response ? RESPONSE : 0));
    writeU32(out, 8, message.sequence);
  },
});
