import type { AaaProfile } from './profile.ts';

/** Bits of MIP6-Feature-Vector: RFC 5779 §4.2 "LMA-to-HAAA Interface" for the first three, RFC 6572 §4.1 "MIP6-Feature-Vector" for the last two. */
export const Feature = {
  PMIP6_SUPPORTED: 0x0000_0100_0000_0000n,
  IP4_HOA_SUPPORTED: 0x0000_0200_0000_0000n,
  LOCAL_MAG_ROUTING_SUPPORTED: 0x0000_0400_0000_0000n,
  IP4_TRANSPORT_SUPPORTED: 0x0000_8000_0000_0000n,
  IP4_HOA_ONLY_SUPPORTED: 0x0001_0000_0000_0000n,
} as const;

/**
 * The service that the bits authorize. RFC 6572 §4.1 "MIP6-Feature-Vector": with IP4_HOA_ONLY_SUPPORTED, "the PMIP6_SUPPORTED flag MUST also be set and the
 * IP4_HOA_SUPPORTED flag MUST NOT be set". `undefined` for bits that contradict that, or authorize no proxy mobility.
 */
export function serviceOfFeatures(features: bigint): AaaProfile['service'] | undefined {
  const has = (bit: bigint) => (features & bit) !== 0n;
  if (!has(Feature.PMIP6_SUPPORTED)) return undefined;
  if (!has(Feature.IP4_HOA_ONLY_SUPPORTED)) return has(Feature.IP4_HOA_SUPPORTED) ? 'dual' : 'ipv6';
  return has(Feature.IP4_HOA_SUPPORTED) ? undefined : 'ipv4';
}

/**
 * RFC 6572 §4.1 "MIP6-Feature-Vector", of IP4_TRANSPORT_SUPPORTED: "If this flag bit is unset in the returned MIP6-Feature-Vector attribute, the AAA does not authorize the use of IPv4 transport on
 * the MAG-to-LMA tunnel."
 */
export function forbidsIpv4Transport(features: bigint): boolean {
  return (features & Feature.IP4_TRANSPORT_SUPPORTED) === 0n;
}

/**
 * RFC 5779 §5.5 "MIP6-Feature-Vector AVP", of LOCAL_MAG_ROUTING_SUPPORTED: "If this bit is cleared in the returned MIP6-Feature-Vector AVP, the HAAA does not authorize direct routing of packets between MNs
 * anchored to the same MAG. The MAG SHOULD support this policy feature on a per-MN and per-subscription basis."
 * Chooses: a bit that is set authorizes, and leaves the decision to the setting of the MAG.
 */
export function forbidsLocalRouting(features: bigint): boolean {
  return (features & Feature.LOCAL_MAG_ROUTING_SUPPORTED) === 0n;
}
