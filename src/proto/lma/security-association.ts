import type { IpAddress } from '#base/ip-address.ts';
import type { MobilityOption, MobilitySecurityAssociation } from '#wire/mobility/index.ts';
import { AuthenticationSubtype } from '#wire/mobility/index.ts';
import type { MessageEvent, PeerAddress, SendOutput } from '../peer.ts';
import { type PeerProtection, type Proof, proofIn, proofKey, proofOf } from '../peer-proof.ts';
import { compareTimestamps, type WireTimestamp } from '../wire-timestamp.ts';
import { type Binding, currentCareOf } from './binding.ts';
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
export function answerAssociation(
  state: LmaState,
  { from }: Pick<ProxyBindingRequest, 'from'>,
): MobilitySecurityAssociation | undefined {
  const association = associationWith(state, from);
  return association?.subtype === AuthenticationSubtype.MN_HA ? association : undefined;
}

/** Whose a revocation or heartbeat is, or its answer. */
export function proofOfMag(state: LmaState, { from, octets }: Pick<MessageEvent, 'from' | 'octets'>): Proof {
  return proofIn(octets, protectionOf(state, from.remote), from.remote);
}

/** A revocation or heartbeat, or its answer, with what proves that it is this anchor's. */
export function proven(state: LmaState, output: SendOutput): SendOutput {
  const { remote } = output.to;
  return { ...output, ...proofOf(protectionOf(state, remote), remote) };
}

/** What tells a revocation of these bindings, at one MAG, from one of earlier sessions: when the MAG last registered them, as it said itself. Nothing without a key, which alone makes it worth something. */
export function registrationStamp(state: LmaState, bindings: readonly Binding[]): readonly MobilityOption[] {
  const [first] = bindings;
  if (!first || !proofKey(protectionOf(state, currentCareOf(first).address))) return [];
  let latest: WireTimestamp | undefined;
  for (const { timestamp } of bindings) {
    if (timestamp && (!latest || compareTimestamps(timestamp, latest) > 0)) latest = timestamp;
  }
  return latest ? [{ kind: 'timestamp', ...latest }] : [];
}

function protectionOf({ peers, config }: LmaState, remote: IpAddress): PeerProtection {
  const { ipsec, authentication, interop } = peers.get(remote.key) ?? {};
  const key = authentication ?? config.authentication;
  return {
    ipsec: ipsec ?? config.ipsec === true,
    ...(key && { authentication: key }),
    ...(interop && { interop }),
  };
}
