/** Peers that are reached by a routing table of their own: which, and how the kernel is told. */
import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import type { Vrf } from './desired.ts';

/** With the number of the table it makes a mark that others hardly use. */
const MARKS = 0x52130000;

/** What packets that this node sends itself carry to be routed by a table. */
export function markOfTable(table: number): number {
  return (MARKS + table) >>> 0;
}

/** The mark of what is for a peer; 0 where it is reached by the node's own table. */
export function markTowards(vrfs: readonly Vrf[] | undefined, peer: IpAddress): number {
  const vrf = vrfs?.find(({ peers }) => peers.some((address) => sameAddress(address, peer)));
  return vrf ? markOfTable(vrf.table) : 0;
}
