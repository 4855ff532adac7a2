/** What of the traffic class of a mobile node's packet its tunnel packet has too. */
import { sameAddress } from '#base/ip-address.ts';
import type { NodeForwarding, Path } from './desired.ts';
import { ECN_MASK } from './ip-packet.ts';

/** RFC 6040 §4.1 "Default Tunnel Ingress Behaviour": "by copying the two-bit ECN field of the incoming IP header". */
export const NORMAL_MODE = 0xff;
/** §4.1: "it clears the ECN field in the outer header to the Not-ECT codepoint". */
const COMPATIBILITY_MODE = NORMAL_MODE & ~ECN_MASK;

/**
 * The bits of a traffic class that are copied to the outside of a path.
 *
 * RFC 6040 §4.3 "Encapsulation Modes": "a mode setting will need to be stored for each tunnel ingress".
 *
 * Chooses: normal mode, also towards peers that nobody has configured, as each end of these tunnels must propagate congestion ("Specifically, the full-functionality option MUST be supported", RFC 5213
 * §5.6.3 "Explicit Congestion Notification (ECN) Considerations for Proxy Mobile IPv6 Tunnels"); of those that do not the operator knows.
 */
export function copiedClass({ ecnCompatibility = [] }: EcnModes, { local, remote }: Path): number {
  const isOf = (end: EcnEnd) => sameAddress(end, local) || sameAddress(end, remote);
  return ecnCompatibility.some(isOf) ? COMPATIBILITY_MODE : NORMAL_MODE;
}

export type EcnModes = Pick<NodeForwarding, 'ecnCompatibility'>;
type EcnEnd = NonNullable<EcnModes['ecnCompatibility']>[number];
