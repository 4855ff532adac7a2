import { readU16, writeU16 } from '#base/bytes.ts';
import type { Duration } from '#base/time.ts';
import { fromSeconds, toSeconds16 } from '../time-units.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface FastBindingUpdate {
  readonly kind: 'fast-binding-update';
  readonly sequence: number;
  /** A, H, L and K of `BindingUpdateFlag`. */
  readonly flags: number;
  /** On the wire in seconds, unlike a Binding Update's. */
  readonly lifetime: Duration;
  readonly options: readonly MobilityOption[];
}

export const fastBindingUpdate = defineMobilityMessage<FastBindingUpdate>({
  type: 8,
  kind: 'fast-binding-update',
  name: 'Fast Binding Update',
  rfc: 'RFC 5568 §6.2.2 "Fast Binding Update (FBU)"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'fast-binding-update',
    sequence: readU16(bytes, 6),
    flags: readU16(bytes, 8),
    lifetime: fromSeconds(readU16(bytes, 10)),
    options,
  }),
  encode(message, out) {
    writeU16(out, 6, message.sequence);
    writeU16(out, 8, message.flags);
    writeU16(out, 10, toSeconds16(message.lifetime));
  },
});
