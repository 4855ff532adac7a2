import { readU16, writeU16 } from '#base/bytes.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { WireFault } from '../../error.ts';
import {
  ANYWHERE,
  aligned,
  atLeast,
  defineMobilityOption,
  exactly,
  type MobilityOptionCodec,
  oneOf,
} from '../option.ts';
import { decodeSubOptions, encodeSubOptions, type SubOptionTable, type UnknownSubOption } from '../sub-option-list.ts';
import { readEitherAddress, writeEitherAddress } from './either-address.ts';
import {
  decodeTrafficSelector,
  encodeTrafficSelector,
  type TrafficSelector,
  trafficSelectorFormat,
} from './traffic-selector.ts';

export interface FlowIdentificationOption {
  readonly kind: 'flow-identification';
  /** Not 0. */
  readonly flowIdentifier: number;
  /** Not 0; the lower, the better. */
  readonly priority: number;
  /** 0: success; 128 and more: rejected. */
  readonly status: number;
  readonly subOptions: readonly (FlowSubOption | UnknownSubOption)[];
}

export type FlowSubOption = BindingReference | FlowTrafficSelector | FlowBindingAction | TargetCareOfAddress;

export interface BindingReference {
  readonly kind: 'binding-reference';
  readonly bindingIdentifiers: readonly number[];
}

export interface FlowTrafficSelector {
  readonly kind: 'traffic-selector';
  readonly selector: TrafficSelector;
}

export interface FlowBindingAction {
  readonly kind: 'flow-binding-action';
  /** 11 add, 12 delete, 13 modify, 14 refresh, 15 move, 16 revoke. */
  readonly action: number;
}

export interface TargetCareOfAddress {
  readonly kind: 'target-care-of-address';
  readonly address: Ipv4Address | Ipv6Address | undefined;
}

const bindingReference = defineMobilityOption<BindingReference>({
  type: 2,
  kind: 'binding-reference',
  name: 'Binding Reference',
  rfc: 'RFC 6089 §4.2.1.3 "Binding Reference Sub-Option"',
  align: aligned(2),
  length: atLeast(2),
  decode(bytes, at, end) {
    if ((end - at) % 2 !== 0) return new WireFault('bad-length', at - 1, 'Sub-Opt Len', 'odd (RFC 6089 §4.2.1.3)');
    const bindingIdentifiers: number[] = [];
    for (let next = at; next < end; next += 2) bindingIdentifiers.push(readU16(bytes, next));
    return { kind: 'binding-reference', bindingIdentifiers };
  },
  encode(value, out, at) {
    value.bindingIdentifiers.forEach((identifier, i) => {
      writeU16(out, at + 2 * i, identifier);
    });
    return at + 2 * value.bindingIdentifiers.length;
  },
});

/** Of its traffic selector the sub-option needs the alignment that the widest field has. */
export const flowTrafficSelector = defineMobilityOption<FlowTrafficSelector>({
  type: 3,
  kind: 'traffic-selector',
  name: 'Traffic Selector',
  rfc: 'RFC 6089 §4.2.1.4 "Traffic Selector Sub-Option"',
  align: ({ selector }) => (selector.kind === 'ipv6-traffic-selector' && selector.source ? aligned(8) : aligned(4)),
  length: atLeast(2),
  decode(bytes, at, end) {
    const selector = decodeTrafficSelector(bytes[at] as number, bytes, at + 2, end);
    return selector instanceof WireFault ? selector : { kind: 'traffic-selector', selector };
  },
  encode(value, out, at) {
    out[at] = trafficSelectorFormat(value.selector);
    out[at + 1] = 0;
    return encodeTrafficSelector(value.selector, out, at + 2);
  },
});

const flowBindingAction = defineMobilityOption<FlowBindingAction>({
  type: 4,
  kind: 'flow-binding-action',
  name: 'Flow Binding Action',
  rfc: 'RFC 7109 §6.2.1 "Flow Binding Action Sub-Option"',
  align: ANYWHERE,
  length: exactly(2),
  decode: (bytes, at) => ({ kind: 'flow-binding-action', action: bytes[at + 1] as number }),
  encode(value, out, at) {
    out[at] = 0;
    out[at + 1] = value.action;
    return at + 2;
  },
});

const targetCareOfAddress = defineMobilityOption<TargetCareOfAddress>({
  type: 5,
  kind: 'target-care-of-address',
  name: 'Target Care-of Address',
  rfc: 'RFC 7109 §6.2.2 "Target Care-of Address Sub-Option"',
  align: aligned(4),
  length: oneOf(6, 18),
  decode: (bytes, at, end) => ({ kind: 'target-care-of-address', address: readEitherAddress(bytes, at + 2, end) }),
  encode(value, out, at) {
    writeU16(out, at, 0);
    return writeEitherAddress(value.address, out, at + 2);
  },
});

const table: SubOptionTable<FlowSubOption> = {
  codecs: [
    bindingReference,
    flowTrafficSelector,
    flowBindingAction,
    targetCareOfAddress,
  ] as unknown as MobilityOptionCodec<number, FlowSubOption>[],
  padding: true,
  rfc: 'RFC 6089 §4.2.1 "Flow Identification Sub-Options Definition"',
};

export const flowIdentification = defineMobilityOption<FlowIdentificationOption>({
  type: 45,
  kind: 'flow-identification',
  name: 'Flow Identification',
  rfc: 'RFC 6089 §4.2 "Flow Identification Mobility Option"',
  align: aligned(2),
  length: atLeast(6),
  decode(bytes, at, end) {
    const subOptions = decodeSubOptions(table, bytes, at + 6, end);
    if (subOptions instanceof WireFault) return subOptions;
    return {
      kind: 'flow-identification',
      flowIdentifier: readU16(bytes, at),
      priority: readU16(bytes, at + 2),
      status: bytes[at + 5] as number,
      subOptions,
    };
  },
  encode(option, out, at) {
    writeU16(out, at, option.flowIdentifier);
    writeU16(out, at + 2, option.priority);
    out[at + 4] = 0;
    out[at + 5] = option.status;
    return encodeSubOptions(table, option.subOptions, out, at + 6);
  },
});
