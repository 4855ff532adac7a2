import { readU16, writeU16 } from '#base/bytes.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

/** Its options start at offset 10, right after the code. */
export interface HandoverAcknowledge {
  readonly kind: 'handover-acknowledge';
  readonly sequence: number;
  /** A sum of `HandoverAcknowledgeFlag`s: one bit to the left of the same flags in Handover Initiate. */
  readonly flags: number;
  /** One of `HandoverAcknowledgeCode`. */
  readonly code: number;
  readonly options: readonly MobilityOption[];
}

/** RFC 5949 §6.1.2 "Handover Acknowledge (HAck)". */
export const HandoverAcknowledgeFlag = {
  /** Buffer. */
  U: 0x80,
  /** Proxy. */
  P: 0x40,
  /** Forwarding. */
  F: 0x20,
} as const;

/** Registry "Handover Acknowledge Status Codes". */
export const HandoverAcknowledgeCode = {
  ACCEPTED: 0,
  NEW_CARE_OF_ADDRESS_NOT_VALID: 1,
  NEW_CARE_OF_ADDRESS_ASSIGNED: 2,
  USE_PREVIOUS_CARE_OF_ADDRESS: 3,
  UNSOLICITED: 4,
  CONTEXT_TRANSFER_ACCEPTED: 5,
  ALL_CONTEXT_TRANSFERRED: 6,
  REASON_UNSPECIFIED: 128,
  ADMINISTRATIVELY_PROHIBITED: 129,
  INSUFFICIENT_RESOURCES: 130,
  CONTEXT_NOT_AVAILABLE: 131,
  FORWARDING_NOT_AVAILABLE: 132,
} as const;

export const handoverAcknowledge = defineMobilityMessage<HandoverAcknowledge>({
  type: 15,
  kind: 'handover-acknowledge',
  name: 'Handover Acknowledge',
  rfc: 'RFC 5568 §6.2.1.2 "Handover Acknowledge (HAck)"',
  optionsAt: 10,
  decode: (bytes, options) => ({
    kind: 'handover-acknowledge',
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
