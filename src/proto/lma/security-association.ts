import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { MobilitySecurityAssociation } from '#wire/mobility/index.ts';
import { AuthenticationSubtype } from '#wire/mobility/index.ts';
import { careOfAddress } from '../care-of-address.ts';
import type { PeerAddress } from '../peer.ts';
import type { ProxyBindingRequest } from './request.ts';
import type { LmaState } from './state.ts';

/** What the registrations of this peer are authenticated with: its own, or that of the domain. */
export function associationWith(
  { peers, config }: LmaState,
  { remote }: PeerAddress,
): MobilitySecurityAssociation | undefined {
  return peers.get(remote.key)?.authentication ?? config.authentication;
}

/**
 * RFC 4285 §5.1.1 "Processing Considerations": "The Home Agent MUST include this option in the BA if it received this option in the corresponding BU and Home Agent has a
 * shared-key-based mobility security association". RFC 4285 §5.2 "MN-AAA Mobility Message Authentication Option" "is not used in Binding
 * Acknowledgement messages."
 */
export function answerAuthentication(
  state: LmaState,
  { from, message }: ProxyBindingRequest,
): { readonly authentication?: readonly MobilitySecurityAssociation[]; readonly careOfAddress?: Ipv6Address } {
  const association = associationWith(state, from);
  if (association?.subtype !== AuthenticationSubtype.MN_HA) return {};
  return { authentication: [association], careOfAddress: careOfAddress(message, from, 'received') };
}
