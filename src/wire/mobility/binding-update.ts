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
 *                                    |          Sequence #           |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |A|H|L|K|M|R|P|F|T|B|S|D|  Res. |           Lifetime            |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                        Mobility options                       |
 * ```
 * With flag P it is a Proxy Binding Update (RFC 5213 §8.1 "Proxy Binding Update Message").
 */
export interface BindingUpdate {
  readonly kind: 'binding-update';
  readonly sequence: number;
  /** A sum of `BindingUpdateFlag`s. */
  readonly flags: number;
  /** 0: de-registration. On the wire in units of 4 seconds. */
  readonly lifetime: Duration;
  readonly options: readonly MobilityOption[];
}

/** Registry "Binding Update Flags". */
export const BindingUpdateFlag = {
  /** Acknowledge. */
  A: 0x8000,
  /** Home registration. */
  H: 0x4000,
  /** Link-local address compatibility. */
  L: 0x2000,
  /** Key management mobility capability. */
  K: 0x1000,
  /** MAP registration (RFC 5380). */
  M: 0x0800,
  /** Mobile router (RFC 3963). */
  R: 0x0400,
  /** Proxy registration (RFC 5213). */
  P: 0x0200,
  /** Forcing UDP encapsulation (RFC 5555). */
  F: 0x0100,
  /** Type-length-value header wanted (RFC 5845). */
  T: 0x0080,
  /** Bulk binding update (RFC 6602). */
  B: 0x0040,
  /** Multicast signaling (RFC 7161, with the bit of its erratum 4146). */
  S: 0x0020,
  /** Distributed mobility management (RFC 8885). */
  D: 0x0010,
} as const;

export const bindingUpdate = defineMobilityMessage<BindingUpdate>({
  type: 5,
  kind: 'binding-update',
  name: 'Binding Update',
  rfc: 'RFC 6275 §6.1.7 "Binding Update Message"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'binding-update',
    sequence: readU16(bytes, 6),
    flags: readU16(bytes, 8),
    lifetime: fromFourSeconds(readU16(bytes, 10)),
    options,
  }),
  encode(message, out) {
    writeU16(out, 6, message.sequence);
    writeU16(out, 8, message.flags);
    writeU16(out, 10, toFourSeconds(message.lifetime));
  },
});
