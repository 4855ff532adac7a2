import { readU16, writeU16 } from '#base/bytes.ts';
import { copyOctets, writeOctets } from '../../octets.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';

export interface DynamicIpMulticastSelectorOption {
  readonly kind: 'dynamic-ip-multicast-selector';
  /** 143: MLDv2, 131: MLDv1. */
  readonly protocol: number;
  /** M: these groups are subscribed directly at the MAG, not through the multicast tree anchor. */
  readonly directRouting: boolean;
  readonly recordCount: number;
  /** Multicast address records as in a report of that protocol. */
  readonly records: Uint8Array;
}

const DIRECT_ROUTING = 0x80;

export const dynamicIpMulticastSelector = defineMobilityOption<DynamicIpMulticastSelectorOption>({
  type: 54,
  kind: 'dynamic-ip-multicast-selector',
  name: 'Dynamic IP Multicast Selector',
  rfc: 'RFC 7028 §5.1 "Dynamic IP Multicast Selector Option"',
  align: aligned(4, 2),
  length: atLeast(4),
  decode: (bytes, at, end) => ({
    kind: 'dynamic-ip-multicast-selector',
    protocol: bytes[at] as number,
    directRouting: ((bytes[at + 1] as number) & DIRECT_ROUTING) !== 0,
    recordCount: readU16(bytes, at + 2),
    records: copyOctets(bytes, at + 4, end),
  }),
  encode(option, out, at) {
    out[at] = option.protocol;
    out[at + 1] = option.directRouting ? DIRECT_ROUTING : 0;
    writeU16(out, at + 2, option.recordCount);
    return writeOctets(option.records, out, at + 4);
  },
});
