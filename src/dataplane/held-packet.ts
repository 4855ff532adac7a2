import { readIpHeader, withHopTaken } from './ip-packet.ts';
import { completeTransportChecksum } from './large-packet.ts';

/**
 * A packet which waited in the daemon, as it goes on: one hop taken, and its transport checksum complete where a virtual link handed it
 * over unfinished. `undefined` when a router would not forward it.
 */
export function heldPacketToForward(packet: Uint8Array): Uint8Array | undefined {
  const header = readIpHeader(packet);
  if (!header || header.hopLimit <= 1) return undefined;
  const forwarded = withHopTaken(packet);
  completeTransportChecksum(forwarded, header);
  return forwarded;
}
