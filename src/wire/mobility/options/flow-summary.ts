import { readU16, writeU16 } from '#base/bytes.ts';
import { WireFault } from '../../error.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';

export interface FlowSummaryOption {
  readonly kind: 'flow-summary';
  readonly flowIdentifiers: readonly number[];
}

export const flowSummary = defineMobilityOption<FlowSummaryOption>({
  type: 44,
  kind: 'flow-summary',
  name: 'Flow Summary',
  rfc: 'RFC 6089 §4.2.2 "Flow Summary Mobility Option"',
  align: aligned(2),
  length: atLeast(2),
  decode(bytes, at, end) {
    if ((end - at) % 2 !== 0) {
      return new WireFault('bad-length', at - 1, 'Option Length', 'not a multiple of 2 (RFC 6089 §4.2.2)');
    }
    const flowIdentifiers: number[] = [];
    for (let next = at; next < end; next += 2) flowIdentifiers.push(readU16(bytes, next));
    return { kind: 'flow-summary', flowIdentifiers };
  },
  encode(option, out, at) {
    let next = at;
    for (const identifier of option.flowIdentifiers) {
      writeU16(out, next, identifier);
      next += 2;
    }
    return next;
  },
});
