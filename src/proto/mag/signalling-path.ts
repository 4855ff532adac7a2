import type { PeerAddress } from '../peer.ts';
import { peerPaths } from '../peer.ts';
import type { MagConfig, MagLma } from './events.ts';

/**
 * The two ends of what is said to an LMA, by the family that its tunnel has; `undefined` when one of them has no such address.
 * RFC 5844 §3.2.3.1(3) "Mobile Node Attachment and Initial Binding Registration": over IPv4 "the related considerations from Section 4 MUST be applied additionally".
 */
export function signallingPath(own: MagConfig['addresses'], lma: MagLma): PeerAddress | undefined {
  const family = lma.tunnel?.transport;
  return peerPaths(own, lma).find(({ transport }) => family === undefined || transport === family);
}
