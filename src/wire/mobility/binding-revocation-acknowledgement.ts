import { readU16, writeU16 } from '#base/bytes.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

/**
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *                                    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *                                    | B.R. Type = 2 |    Status     |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |          Sequence #           |P|V|G|       Reserved          |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |                        Mobility options                       |
 * ```
 */
export interface BindingRevocationAcknowledgement {
  readonly kind: 'binding-revocation-acknowledgement';
  /** One of `RevocationStatus`. */
  readonly status: number;
  readonly sequence: number;
  /** `BindingRevocationFlag`s, as in the indication. */
  readonly flags: number;
  readonly options: readonly MobilityOption[];
}

export const RevocationStatus = {
  SUCCESS: 0,
  PARTIAL_SUCCESS: 1,
  BINDING_DOES_NOT_EXIST: 128,
  IPV4_HOME_ADDRESS_OPTION_REQUIRED: 129,
  GLOBAL_REVOCATION_NOT_AUTHORIZED: 130,
  REVOKED_MOBILE_NODES_IDENTITY_REQUIRED: 131,
  MOBILE_NODE_IS_ATTACHED: 132,
  TRIGGER_NOT_SUPPORTED: 133,
  FUNCTION_NOT_SUPPORTED: 134,
  PROXY_BINDING_REVOCATION_NOT_SUPPORTED: 135,
} as const;

export const bindingRevocationAcknowledgement = defineMobilityMessage<BindingRevocationAcknowledgement>({
  type: 16,
  subtype: { at: 6, value: 2 },
  kind: 'binding-revocation-acknowledgement',
  name: 'Binding Revocation Acknowledgement',
  rfc: 'RFC 5846 §5.2 "Binding Revocation Acknowledgement Message"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'binding-revocation-acknowledgement',
    status: bytes[7] as number,
    sequence: readU16(bytes, 8),
    flags: readU16(bytes, 10),
    options,
  }),
  encode(message, out) {
    out[6] = 2;
    out[7] = message.status;
    writeU16(out, 8, message.sequence);
    writeU16(out, 10, message.flags);
  },
});
