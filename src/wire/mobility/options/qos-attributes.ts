/** The attributes of the Quality-of-Service option; all bit rates are in bits per second. */
import { readU32, writeU16, writeU32 } from '#base/bytes.ts';
import { WireFault } from '../../error.ts';
import { copyOctets, writeOctets } from '../../octets.ts';
import { ANYWHERE, atLeast, defineMobilityOption, exactly, type MobilityOptionCodec } from '../option.ts';
import type { SubOptionTable } from '../sub-option-list.ts';
import {
  decodeTrafficSelector,
  encodeTrafficSelector,
  type TrafficSelector,
  trafficSelectorFormat,
} from './traffic-selector.ts';

export type QosAttribute =
  | BitRate<'per-mn-aggregate-maximum-downlink'>
  | BitRate<'per-mn-aggregate-maximum-uplink'>
  | SessionBitRate<'per-session-aggregate-maximum-downlink'>
  | SessionBitRate<'per-session-aggregate-maximum-uplink'>
  | AllocationRetentionPriority
  | BitRate<'aggregate-maximum-downlink'>
  | BitRate<'aggregate-maximum-uplink'>
  | BitRate<'guaranteed-downlink'>
  | BitRate<'guaranteed-uplink'>
  | QosTrafficSelector
  | QosVendorSpecific;

export interface BitRate<Kind extends string> {
  readonly kind: Kind;
  readonly bitsPerSecond: number;
}

export interface SessionBitRate<Kind extends string> extends BitRate<Kind> {
  /** S: over all sessions of the mobile node with the same service. */
  readonly service: boolean;
  /** E: flows with a guaranteed rate are not counted. */
  readonly exclude: boolean;
}

export interface AllocationRetentionPriority {
  readonly kind: 'allocation-retention-priority';
  /** 1 (highest) to 15. */
  readonly priorityLevel: number;
  /** 0: enabled, 1: disabled. */
  readonly preemptionCapability: number;
  /** 0: enabled, 1: disabled. */
  readonly preemptionVulnerability: number;
}

export interface QosTrafficSelector {
  readonly kind: 'qos-traffic-selector';
  readonly selector: TrafficSelector;
}

export interface QosVendorSpecific {
  readonly kind: 'qos-vendor-specific';
  readonly vendorId: number;
  readonly subtype: number;
  readonly data: Uint8Array;
}

const SERVICE = 0x8000;
const EXCLUDE = 0x4000;

function bitRate<const Kind extends string>(
  type: number,
  kind: Kind,
  name: string,
  rfc: string,
): MobilityOptionCodec<number, BitRate<Kind>> {
  return {
    type,
    kind,
    name,
    rfc,
    align: ANYWHERE,
    length: exactly(6),
    decode: (bytes, at) => ({ kind, bitsPerSecond: readU32(bytes, at + 2) }),
    encode(value, out, at) {
      writeU16(out, at, 0);
      writeU32(out, at + 2, value.bitsPerSecond);
      return at + 6;
    },
  };
}

function sessionBitRate<const Kind extends string>(
  type: number,
  kind: Kind,
  name: string,
  rfc: string,
): MobilityOptionCodec<number, SessionBitRate<Kind>> {
  return {
    type,
    kind,
    name,
    rfc,
    align: ANYWHERE,
    length: exactly(6),
    decode(bytes, at) {
      const flags = (bytes[at] as number) << 8;
      const service = (flags & SERVICE) !== 0;
      return { kind, service, exclude: (flags & EXCLUDE) !== 0, bitsPerSecond: readU32(bytes, at + 2) };
    },
    encode(value, out, at) {
      writeU16(out, at, (value.service ? SERVICE : 0) | (value.exclude ? EXCLUDE : 0));
      writeU32(out, at + 2, value.bitsPerSecond);
      return at + 6;
    },
  };
}

const allocationRetentionPriority = defineMobilityOption<AllocationRetentionPriority>({
  type: 5,
  kind: 'allocation-retention-priority',
  name: 'Allocation-Retention-Priority',
  rfc: 'RFC 7222 §4.2.5 "Allocation and Retention Priority"',
  align: ANYWHERE,
  length: exactly(2),
  decode(bytes, at) {
    const octet = bytes[at + 1] as number;
    return {
      kind: 'allocation-retention-priority',
      priorityLevel: octet >>> 4,
      preemptionCapability: (octet >>> 2) & 3,
      preemptionVulnerability: octet & 3,
    };
  },
  encode(value, out, at) {
    out[at] = 0;
    out[at + 1] =
      (value.priorityLevel << 4) | ((value.preemptionCapability & 3) << 2) | (value.preemptionVulnerability & 3);
    return at + 2;
  },
});

const qosTrafficSelector = defineMobilityOption<QosTrafficSelector>({
  type: 10,
  kind: 'qos-traffic-selector',
  name: 'QoS-Traffic-Selector',
  rfc: 'RFC 7222 §4.2.10 "QoS Traffic Selector"',
  align: ANYWHERE,
  length: atLeast(2),
  decode(bytes, at, end) {
    const selector = decodeTrafficSelector(bytes[at + 1] as number, bytes, at + 2, end);
    return selector instanceof WireFault ? selector : { kind: 'qos-traffic-selector', selector };
  },
  encode(value, out, at) {
    out[at] = 0;
    out[at + 1] = trafficSelectorFormat(value.selector);
    return encodeTrafficSelector(value.selector, out, at + 2);
  },
});

const qosVendorSpecific = defineMobilityOption<QosVendorSpecific>({
  type: 11,
  kind: 'qos-vendor-specific',
  name: 'QoS-Vendor-Specific-Attribute',
  rfc: 'RFC 7222 §4.2.11 "QoS Vendor-Specific Attribute"',
  align: ANYWHERE,
  length: atLeast(7),
  decode: (bytes, at, end) => ({
    kind: 'qos-vendor-specific',
    vendorId: readU32(bytes, at + 2),
    subtype: bytes[at + 6] as number,
    data: copyOctets(bytes, at + 7, end),
  }),
  encode(value, out, at) {
    writeU16(out, at, 0);
    writeU32(out, at + 2, value.vendorId);
    out[at + 6] = value.subtype;
    return writeOctets(value.data, out, at + 7);
  },
});

export const QOS_ATTRIBUTES: SubOptionTable<QosAttribute> = {
  codecs: [
    bitRate(
      1,
      'per-mn-aggregate-maximum-downlink',
      'Per-MN-Agg-Max-DL-Bit-Rate',
      'RFC 7222 §4.2.1 "Per-Mobile-Node Aggregate Maximum Downlink Bit Rate"',
    ),
    bitRate(
      2,
      'per-mn-aggregate-maximum-uplink',
      'Per-MN-Agg-Max-UL-Bit-Rate',
      'RFC 7222 §4.2.2 "Per-Mobile-Node Aggregate Maximum Uplink Bit Rate"',
    ),
    sessionBitRate(
      3,
      'per-session-aggregate-maximum-downlink',
      'Per-Session-Agg-Max-DL-Bit-Rate',
      'RFC 7222 §4.2.3 "Per-Mobility-Session Aggregate Maximum Downlink Bit Rate"',
    ),
    sessionBitRate(
      4,
      'per-session-aggregate-maximum-uplink',
      'Per-Session-Agg-Max-UL-Bit-Rate',
      'RFC 7222 §4.2.4 "Per-Mobility-Session Aggregate Maximum Uplink Bit Rate"',
    ),
    allocationRetentionPriority,
    bitRate(
      6,
      'aggregate-maximum-downlink',
      'Aggregate-Max-DL-Bit-Rate',
      'RFC 7222 §4.2.6 "Aggregate Maximum Downlink Bit Rate"',
    ),
    bitRate(
      7,
      'aggregate-maximum-uplink',
      'Aggregate-Max-UL-Bit-Rate',
      'RFC 7222 §4.2.7 "Aggregate Maximum Uplink Bit Rate"',
    ),
    bitRate(8, 'guaranteed-downlink', 'Guaranteed-DL-Bit-Rate', 'RFC 7222 §4.2.8 "Guaranteed Downlink Bit Rate"'),
    bitRate(9, 'guaranteed-uplink', 'Guaranteed-UL-Bit-Rate', 'RFC 7222 §4.2.9 "Guaranteed Uplink Bit Rate"'),
    qosTrafficSelector,
    qosVendorSpecific,
  ] as unknown as MobilityOptionCodec<number, QosAttribute>[],
  padding: false,
  rfc: 'RFC 7222 §4.2 "Quality-of-Service Attributes"',
};
