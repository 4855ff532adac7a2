import { readU16, writeU16 } from '#base/bytes.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface FlowBindingAcknowledgement {
  readonly kind: 'flow-binding-acknowledgement';
  readonly sequence: number;
  /** From 128 on: rejected. */
  readonly status: number;
  readonly options: readonly MobilityOption[];
}

export const flowBindingAcknowledgement = defineMobilityMessage<FlowBindingAcknowledgement>({
  type: 21,
  subtype: { at: 7, value: 2 },
  kind: 'flow-binding-acknowledgement',
  name: 'Flow Binding Acknowledgement',
  rfc: 'RFC 7109 §6.1.2 "Flow Binding Acknowledgement"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'flow-binding-acknowledgement',
    sequence: readU16(bytes, 8),
    status: bytes[10] as number,
    options,
  }),
  encode(message, out) {
    writeU16(out, 6, 2);
    writeU16(out, 8, message.sequence);
    out[10] = message.status;
    out[11] = 0;
  },
});
