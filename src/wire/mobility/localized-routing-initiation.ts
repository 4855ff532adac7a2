import { readU16, writeU16 } from '#base/bytes.ts';
import type { Duration } from '#base/time.ts';
import { fromSeconds16OrInfinite, toSeconds16OrInfinite } from '../time-units.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface LocalizedRoutingInitiation {
  readonly kind: 'localized-routing-initiation';
  readonly sequence: number;
  /** On the wire in seconds, all ones for endless; 0 ends localized routing. */
  readonly lifetime: Duration;
  readonly options: readonly MobilityOption[];
}

export const localizedRoutingInitiation = defineMobilityMessage<LocalizedRoutingInitiation>({
  type: 17,
  kind: 'localized-routing-initiation',
  name: 'Localized Routing Initiation',
  rfc: 'RFC 6705 §10.1 "Localized Routing Initiation (LRI)"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'localized-routing-initiation',
    sequence: readU16(bytes, 6),
    lifetime: fromSeconds16OrInfinite(readU16(bytes, 10)),
    options,
  }),
  encode(message, out) {
    writeU16(out, 6, message.sequence);
    writeU16(out, 8, 0);
    writeU16(out, 10, toSeconds16OrInfinite(message.lifetime));
  },
});
