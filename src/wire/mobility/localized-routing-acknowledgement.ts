import { readU16, writeU16 } from '#base/bytes.ts';
import type { Duration } from '#base/time.ts';
import { fromSeconds16OrInfinite, toSeconds16OrInfinite } from '../time-units.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface LocalizedRoutingAcknowledgement {
  readonly kind: 'localized-routing-acknowledgement';
  readonly sequence: number;
  /** U. */
  readonly unsolicited: boolean;
  /** One of `LocalizedRoutingStatus`. */
  readonly status: number;
  /** On the wire in seconds, all ones for endless. */
  readonly lifetime: Duration;
  readonly options: readonly MobilityOption[];
}

export const LocalizedRoutingStatus = {
  SUCCESS: 0,
  LOCALIZED_ROUTING_NOT_ALLOWED: 128,
  MN_NOT_ATTACHED: 129,
} as const;

const UNSOLICITED = 0x80;

export const localizedRoutingAcknowledgement = defineMobilityMessage<LocalizedRoutingAcknowledgement>({
  type: 18,
  kind: 'localized-routing-acknowledgement',
  name: 'Localized Routing Acknowledgment',
  rfc: 'RFC 6705 §10.2 "Localized Routing Acknowledgment (LRA)"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'localized-routing-acknowledgement',
    sequence: readU16(bytes, 6),
    unsolicited: ((bytes[8] as number) & UNSOLICITED) !== 0,
    status: bytes[9] as number,
    lifetime: fromSeconds16OrInfinite(readU16(bytes, 10)),
    options,
  }),
  encode(message, out) {
    writeU16(out, 6, message.sequence);
    out[8] = message.unsolicited ? UNSOLICITED : 0;
    out[9] = message.status;
    writeU16(out, 10, toSeconds16OrInfinite(message.lifetime));
  },
});
