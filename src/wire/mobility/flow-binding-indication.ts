import { readU16, writeU16 } from '#base/bytes.ts';
import { defineMobilityMessage } from './message.ts';
import type { MobilityOption } from './options/table.ts';

export interface FlowBindingIndication {
  readonly kind: 'flow-binding-indication';
  readonly sequence: number;
  /** 1: unspecified, 2: administrative reason, 3: possible out-of-sync state. */
  readonly trigger: number;
  /** A. */
  readonly acknowledge: boolean;
  readonly options: readonly MobilityOption[];
}

const ACKNOWLEDGE = 0x80;

export const flowBindingIndication = defineMobilityMessage<FlowBindingIndication>({
  type: 21,
  subtype: { at: 7, value: 1 },
  kind: 'flow-binding-indication',
  name: 'Flow Binding Indication',
  rfc: 'RFC 7109 §6.1.1 "Flow Binding Indication"',
  optionsAt: 12,
  decode: (bytes, options) => ({
    kind: 'flow-binding-indication',
    sequence: readU16(bytes, 8),
    trigger: bytes[10] as number,
    acknowledge: ((bytes[11] as number) & ACKNOWLEDGE) !== 0,
    options,
  }),
  encode(message, out) {
    writeU16(out, 6, 1);
    writeU16(out, 8, message.sequence);
    out[10] = message.trigger;
    out[11] = message.acknowledge ? ACKNOWLEDGE : 0;
  },
});
