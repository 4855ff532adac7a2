import { writeU32 } from '#base/bytes.ts';
import { WireFault } from '../../error.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';
import { decodeSubOptions, encodeSubOptions, type SubOptionTable } from '../sub-option-list.ts';
import { type FlowTrafficSelector, flowTrafficSelector } from './flow-identification.ts';
import type { TrafficSelector } from './traffic-selector.ts';

export interface Ipv4TrafficOffloadSelectorOption {
  readonly kind: 'ipv4-traffic-offload-selector';
  /** M: what matches goes through the tunnel and all else is offloaded at the MAG; otherwise the other way round. */
  readonly tunnelMatches: boolean;
  /** Absent in a request without wishes. */
  readonly selector: TrafficSelector | undefined;
}

const TUNNEL_MATCHES = 0x80;

const table: SubOptionTable<FlowTrafficSelector> = {
  codecs: [flowTrafficSelector],
  padding: true,
  rfc: 'RFC 6909 §3.1 "IPv4 Traffic Offload Selector Option"',
};

export const ipv4TrafficOffloadSelector = defineMobilityOption<Ipv4TrafficOffloadSelectorOption>({
  type: 53,
  kind: 'ipv4-traffic-offload-selector',
  name: 'IPv4 Traffic Offload Selector',
  rfc: 'RFC 6909 §3.1 "IPv4 Traffic Offload Selector Option"',
  align: aligned(4),
  length: atLeast(4),
  decode(bytes, at, end) {
    const subOptions = decodeSubOptions(table, bytes, at + 4, end);
    if (subOptions instanceof WireFault) return subOptions;
    const first = subOptions.find((each) => each.kind === 'traffic-selector');
    return {
      kind: 'ipv4-traffic-offload-selector',
      tunnelMatches: ((bytes[at] as number) & TUNNEL_MATCHES) !== 0,
      selector: first?.selector,
    };
  },
  encode(option, out, at) {
    writeU32(out, at, 0);
    out[at] = option.tunnelMatches ? TUNNEL_MATCHES : 0;
    const subOptions = option.selector ? [{ kind: 'traffic-selector', selector: option.selector } as const] : [];
    return encodeSubOptions(table, subOptions, out, at + 4);
  },
});
