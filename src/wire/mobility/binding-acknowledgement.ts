import { readU16, writeU16 } from '#base/bytes.ts';
import type { Duration } from '#base/time.ts';
import { fromFourSeconds, toFourSeconds } from '../time-units.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

/**
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *                                    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *                                    |    Status     |K|R|P|T|B|S|D|r|
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |          Sequence #           |           Lifetime            |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                        Mobility options                       |
 * ```
 * With flag P it is a Proxy Binding Acknowledgement (RFC 5213 §8.2 "Proxy Binding Acknowledgement Message").
 */
export interface BindingAcknowledgement {
  readonly kind: 'binding-acknowledgement';
  /** One of `BindingStatus`; below 128 the registration is accepted. */
  readonly status: number;
  /** A sum of `BindingAcknowledgementFlag`s. */
  readonly flags: number;
  readonly sequence: number;
  /** On the wire in units of 4 seconds; without meaning when rejected. */
  readonly lifetime: Duration;
  readonly options: readonly MobilityOption[];
}

/** Registry "Binding Acknowledgment Flags". */
export const BindingAcknowledgementFlag = {
  /** Key management mobility capability. */
  K: 0x80,
  /** Mobile router (RFC 3963). */
  R: 0x40,
  /** Proxy registration (RFC 5213). */
  P: 0x20,
  /** Type-length-value header granted (RFC 5845). */
  T: 0x10,
  /** Bulk binding update (RFC 6602). */
  B: 0x08,
  /** Multicast signaling (RFC 7161). */
  S: 0x04,
  /** Distributed mobility management (RFC 8885). */
  D: 0x02,
} as const;

export const bindingAcknowledgement = defineMobilityMessage<BindingAcknowledgement>({
  type: 6,
  kind: 'binding-acknowledgement',
  name: 'Binding Acknowledgement',
  rfc: 'RFC 6275 §6.1.8 "Binding Acknowledgement Message"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'binding-acknowledgement',
    status: bytes[6] as number,
    flags: bytes[7] as number,
    sequence: readU16(bytes, 8),
    lifetime: fromFourSeconds(readU16(bytes, 10)),
    options,
  }),
  encode(message, out) {
    out[6] = message.status;
    out[7] = message.flags;
    writeU16(out, 8, message.sequence);
    writeU16(out, 10, toFourSeconds(message.lifetime));
  },
});
