import { readU16, writeU16 } from '#base/bytes.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

/**
 * RFC 5846 §5 "Binding Revocation Message": "If the Binding Revocation Type field is set to 1, the Binding Revocation Message is a Binding Revocation Indication". §6.2.1(1) "Receiving Binding Revocation Indication": "The responder MUST validate
 * that the Binding Revocation Indication is formatted as in Section 5.1."
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *                                    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *                                    | B.R. Type = 1 |  R. Trigger   |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |          Sequence #           |P|V|G|       Reserved          |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                        Mobility options                       |
 * ```
 */
export interface BindingRevocationIndication {
  readonly kind: 'binding-revocation-indication';
  /** One of `RevocationTrigger`. */
  readonly trigger: number;
  readonly sequence: number;
  /** A sum of `BindingRevocationFlag`s. */
  readonly flags: number;
  readonly options: readonly MobilityOption[];
}

export const BindingRevocationFlag = {
  /** Proxy binding. */
  P: 0x8000,
  /** IPv4 home address binding only. */
  V: 0x4000,
  /** Global: all bindings of the peer, or of a group. */
  G: 0x2000,
} as const;

/** Below 128 about one mobile node, from 128 to 249 with flag G. */
export const RevocationTrigger = {
  UNSPECIFIED: 0,
  ADMINISTRATIVE_REASON: 1,
  INTER_MAG_HANDOVER_SAME_ACCESS_TYPE: 2,
  INTER_MAG_HANDOVER_DIFFERENT_ACCESS_TYPE: 3,
  INTER_MAG_HANDOVER_UNKNOWN: 4,
  USER_INITIATED_TERMINATION: 5,
  ACCESS_NETWORK_TERMINATION: 6,
  POSSIBLE_OUT_OF_SYNC_BCE: 7,
  PER_PEER_POLICY: 128,
  REVOKING_NODE_LOCAL_POLICY: 129,
} as const;

export const bindingRevocationIndication = defineMobilityMessage<BindingRevocationIndication>({
  type: 16,
  subtype: { at: 6, value: 1 },
  kind: 'binding-revocation-indication',
  name: 'Binding Revocation Indication',
  rfc: 'RFC 5846 §5.1 "Binding Revocation Indication Message"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'binding-revocation-indication',
    trigger: bytes[7] as number,
    sequence: readU16(bytes, 8),
    flags: readU16(bytes, 10),
    options,
  }),
  encode(message, out) {
    out[6] = 1;
    out[7] = message.trigger;
    writeU16(out, 8, message.sequence);
    writeU16(out, 10, message.flags);
  },
});
