import { WireFault } from '../../error.ts';
import { aligned, atLeast, defineMobilityOption } from '../option.ts';
import { decodeSubOptions, encodeSubOptions, type UnknownSubOption } from '../sub-option-list.ts';
import { QOS_ATTRIBUTES, type QosAttribute } from './qos-attributes.ts';

export interface QualityOfServiceOption {
  readonly kind: 'quality-of-service';
  /** SR-ID; 0 in the first request of a MAG. */
  readonly serviceRequest: number;
  /** 6 bits. */
  readonly dscp: number;
  /** One of `QosOperation`. */
  readonly operation: number;
  readonly attributes: readonly (QosAttribute | UnknownSubOption)[];
}

export const QosOperation = {
  RESPONSE: 0,
  ALLOCATE: 1,
  DE_ALLOCATE: 2,
  MODIFY: 3,
  QUERY: 4,
  NEGOTIATE: 5,
} as const;

export const qualityOfService = defineMobilityOption<QualityOfServiceOption>({
  type: 58,
  kind: 'quality-of-service',
  name: 'Quality-of-Service',
  rfc: 'RFC 7222 §4.1 "Quality-of-Service Option"',
  align: aligned(4),
  length: atLeast(6),
  decode(bytes, at, end) {
    const attributes = decodeSubOptions(QOS_ATTRIBUTES, bytes, at + 6, end);
    if (attributes instanceof WireFault) return attributes;
    return {
      kind: 'quality-of-service',
      serviceRequest: bytes[at] as number,
      dscp: (bytes[at + 1] as number) >>> 2,
      operation: bytes[at + 2] as number,
      attributes,
    };
  },
  encode(option, out, at) {
    out[at] = option.serviceRequest;
    out[at + 1] = option.dscp << 2;
    out[at + 2] = option.operation;
    out.fill(0, at + 3, at + 6);
    return encodeSubOptions(QOS_ATTRIBUTES, option.attributes, out, at + 6);
  },
});
