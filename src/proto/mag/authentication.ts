import {
  type BindingAcknowledgement,
  type MobilitySecurityAssociation,
  statusName,
  verifyAuthentication,
} from '#wire/mobility/index.ts';
import { careOfAddress } from '../care-of-address.ts';
import type { MessageEvent } from '../peer.ts';
import type { MagContext } from './context.ts';
import type { MagLma } from './events.ts';

/** What a Proxy Binding Update to the LMA of this name is authenticated with. */
export function authenticationFor(
  mag: MagContext,
  name: string,
): { readonly authentication?: readonly MobilitySecurityAssociation[] } {
  const association = mag.lmas.named(name)?.authentication;
  return association ? { authentication: [association] } : {};
}

/**
 * RFC 5213 §6.9.1.2(1) "Receiving Proxy Binding Acknowledgement": the acknowledgement "MUST be authenticated as described in Section 4". RFC 4285 §5 "Mobility Message Authentication Option" does it
 * where this LMA has a key; without one, IPsec does it below.
 * Chooses: an acknowledgement that is not authentic changes nothing, whatever its status: a rejection is as good a weapon as an
 * acceptance. The operator is told of its status, as an LMA with another key rejects with MIPV6_AUTH_FAIL.
 */
export function isAuthentic(
  mag: MagContext,
  lma: MagLma,
  { from, octets }: MessageEvent,
  answer: BindingAcknowledgement,
): boolean {
  if (!lma.authentication) return true;
  const verdict = octets
    ? verifyAuthentication(octets, lma.authentication, careOfAddress(answer, from, 'received'))
    : 'absent';
  if (verdict === 'authentic') return true;
  mag.stats.pbaReceived++;
  mag.stats.pbaNotAuthentic++;
  const text = `ignored an acknowledgement of ${lma.name}, whose authentication is ${verdict}; compare "auth-option" at both ends`;
  mag.log('warn', 'pba-not-authentic', text, { lma: lma.name, verdict, statusName: statusName(answer.status) });
  return false;
}
