import { readU16, writeU16 } from '#base/bytes.ts';
import type { Duration } from '#base/time.ts';
import { fromSeconds, toSeconds16 } from '../time-units.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface FastBindingAcknowledgement {
  readonly kind: 'fast-binding-acknowledgement';
  /** 0 or 1: accepted; from 128 on: rejected. */
  readonly status: number;
  /** K of `BindingAcknowledgementFlag`. */
  readonly flags: number;
  readonly sequence: number;
  /** On the wire in seconds. */
  readonly lifetime: Duration;
  readonly options: readonly MobilityOption[];
}

export const fastBindingAcknowledgement = defineMobilityMessage<FastBindingAcknowledgement>({
  type: 9,
  kind: 'fast-binding-acknowledgement',
  name: 'Fast Binding Acknowledgment',
  rfc: 'RFC 5568 §6.2.3 "Fast Binding Acknowledgment (FBack)"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'fast-binding-acknowledgement',
    status: bytes[6] as number,
    flags: bytes[7] as number,
    sequence: readU16(bytes, 8),
    lifetime: fromSeconds(readU16(bytes, 10)),
    options,
  }),
  encode(message, out) {
    out[6] = message.status;
    out[7] = message.flags;
    writeU16(out, 8, message.sequence);
    writeU16(out, 10, toSeconds16(message.lifetime));
  },
});
