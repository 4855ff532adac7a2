import type { RadiusAttribute } from '#wire/radius.ts';
import { DICTIONARY } from './attributes.ts';
import { serviceOfFeatures } from './feature-vector.ts';

/** Login, Framed, Outbound, Call Check, Authorize Only. */
const SERVICE_TYPES: ReadonlySet<number> = new Set([1, 2, 5, 10, 17]);

/**
 * Why an Access-Accept for a mobile node is a rejection all the same, for people; `undefined`: it is none.
 * Chooses: Service-Types that say how a node is served in one way or another mean the service there is; those for operators and for calling back mean what is not there.
 */
export function rejectionIn(attributes: readonly RadiusAttribute[]): string | undefined {
  const find = <T>(name: string) => DICTIONARY.find({ attributes }, name) as T | undefined;
  // RFC 2865 §5.6 "Service-Type": "A NAS is not required to implement all of these service types, and MUST treat unknown or unsupported Service-Types as though an Access-Reject had been received instead."
  const serviceType = find<number>('Service-Type');
  if (serviceType !== undefined && !SERVICE_TYPES.has(serviceType))
    return `the AAA server gives it Service-Type ${serviceType}, which mobile nodes cannot have here`;
  // RFC 6572 §4.1 "MIP6-Feature-Vector": "If the RADIUS Access-Accept contains a contradicting combination of the capability flag bits […], then the RADIUS client MUST treat the Access-Accept as an
  // Access-Reject and SHOULD log the event."
  const features = find<bigint>('MIP6-Feature-Vector');
  if (features !== undefined && !serviceOfFeatures(features))
    return `the AAA server authorizes no service by MIP6-Feature-Vector 0x${features.toString(16)}`;
  return undefined;
}
