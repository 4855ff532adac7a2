import { readU16, writeU16 } from '#base/bytes.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

/** Its options start at offset 10, right after the code. */
export interface HandoverInitiate {
  readonly kind: 'handover-initiate';
  readonly sequence: number;
  /** A sum of `HandoverInitiateFlag`s. */
  readonly flags: number;
  /** One of `HandoverInitiateCode`. */
  readonly code: number;
  readonly options: readonly MobilityOption[];
}

/** RFC 5949 §6.1.1 "Handover Initiate (HI)". */
export const HandoverInitiateFlag = {
  /** Assigned address configuration; 0 in a proxy message. */
  S: 0x80,
  /** Buffer. */
  U: 0x40,
  /** Proxy. */
  P: 0x20,
  /** Forwarding. */
  F: 0x10,
} as const;

export const HandoverInitiateCode = {
  DEFAULT: 0,
  /** The Fast Binding Update did not come from the previous care-of address. */
  NOT_FROM_PREVIOUS_CARE_OF_ADDRESS: 1,
  /** Completion of forwarding. */
  FORWARDING_COMPLETED: 2,
  /** All available context transferred. */
  ALL_CONTEXT_TRANSFERRED: 3,
} as const;

export const handoverInitiate = defineMobilityMessage<HandoverInitiate>({
  type: 14,
  kind: 'handover-initiate',
  name: 'Handover Initiate',
  rfc: 'RFC 5568 §6.2.1.1 "Handover Initiate (HI)"',
  optionsAt: 10,
  decode: (bytes, options) => ({
    kind: 'handover-initiate',
    sequence: readU16(bytes, 6),
    flags: bytes[8] as number,
    code: bytes[9] as number,
    options,
  }),
  encode(message, out) {
    writeU16(out, 6, message.sequence);
    out[8] = message.flags;
    out[9] = message.code;
  },
});
