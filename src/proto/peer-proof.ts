import type { IpAddress } from '#base/ip-address.ts';
import { AuthenticationSubtype, type MobilitySecurityAssociation, verifyAuthentication } from '#wire/mobility/index.ts';
import { gatewayCareOf } from './care-of-address.ts';
import type { Interop, SendOutput } from './peer.ts';

/** What protects the signalling with a peer. */
export interface PeerProtection {
  readonly authentication?: MobilitySecurityAssociation;
  /** IPsec protects all of it, as the operator says. */
  readonly ipsec?: boolean;
  readonly interop?: Interop;
}

/**
 * Whose a revocation or heartbeat is. `missing`: anybody's, though the peer can prove it. `impossible`: anybody's, as the peer's dialect may have no proof, though a key protects its
 * registrations. `unneeded`: IPsec has proven it below, or nothing protects this peer's signalling.
 */
export type Proof = 'proven' | 'missing' | 'impossible' | 'unneeded';

/**
 * What proves messages to a peer, with a key of RFC 4285. RFC 5846 §6.1 "Sending Binding Revocation Message": it "MUST be protected using the same underlying security association" that protects
 * registrations, and by RFC 5846 §6.2 "Receiving Binding Revocation Message" its receiver "MUST verify" that; RFC 5847 §6 "Security Considerations" wants heartbeats protected like them. By IPsec they are.
 * Chooses: where a key protects registrations, the option of RFC 4285 §5 "Mobility Message Authentication Option" does it here too, over what it covers in a registration. RFC 5846 §5.1 "Binding Revocation Indication Message" and RFC 5847 §3.3 "Heartbeat
 * Message" have whoever does not know it skip it. Controllers of interoperation `cisco` are sent what they send.
 */
export function proofKey(protection: PeerProtection): MobilitySecurityAssociation | undefined {
  return protection.interop === 'cisco' ? undefined : sharedKey(protection);
}

/** Whether what is sent to this peer, and is no registration, can be believed there. */
export function isBelieved(protection: PeerProtection): boolean {
  return !sharedKey(protection) || proofKey(protection) !== undefined;
}

/** What a message has that is proven by `proofKey`. `gateway`: the address of the MAG, at whichever end. */
export function proofOf(
  protection: PeerProtection,
  gateway: IpAddress,
): Pick<SendOutput, 'authentication' | 'careOfAddress'> {
  const key = proofKey(protection);
  return key ? { authentication: [key], careOfAddress: gatewayCareOf(gateway) } : {};
}

/** Of a message that came; `octets` are its own. */
export function proofIn(octets: Uint8Array | undefined, protection: PeerProtection, gateway: IpAddress): Proof {
  const key = sharedKey(protection);
  if (!key) return 'unneeded';
  const verdict = octets ? verifyAuthentication(octets, key, gatewayCareOf(gateway)) : 'absent';
  if (verdict === 'authentic') return 'proven';
  return verdict === 'absent' && (protection.interop ?? 'strict') !== 'strict' ? 'impossible' : 'missing';
}

function sharedKey({ authentication, ipsec }: PeerProtection): MobilitySecurityAssociation | undefined {
  return !ipsec && authentication?.subtype === AuthenticationSubtype.MN_HA ? authentication : undefined;
}
