import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { ifNameToIndex } from '#host/posix.ts';
import { routingTableNamed } from '#host/routing-tables.ts';

/** What this host has, in the network namespace of the calling thread. */
export interface HostFacts {
  hasLink(name: string): boolean;
  addressState(address: Ipv4Address | Ipv6Address): AddressState;
  /** The number of the routing table that is called so; `undefined` when none is. */
  tableNamed?(name: string): number | undefined;
}

/** `tentative`: duplicate address detection has not ended; the address can be bound a moment later. */
export type AddressState = 'usable' | 'tentative' | 'absent';

export const hostFacts: HostFacts = {
  hasLink: (name) => ifNameToIndex(name) !== 0,
  addressState: (address) => (address instanceof Ipv4Address ? ipv4State(address) : ipv6State(address)),
  tableNamed: routingTableNamed,
};

const IFA_F_TENTATIVE = 0x40;
const IFA_F_DADFAILED = 0x08;

/** Lines of /proc/thread-self/net/if_inet6: address, interface index, prefix length, scope, flags, name. */
function ipv6State(address: Ipv6Address): AddressState {
  const wanted = Buffer.from(address.toBytes()).toString('hex');
  for (const line of readIfInet6().split('\n')) {
    const [digits, , , , flagDigits = '0'] = line.trim().split(/\s+/);
    if (digits !== wanted) continue;
    const flags = Number.parseInt(flagDigits, 16);
    if (flags & IFA_F_DADFAILED) return 'absent';
    return flags & IFA_F_TENTATIVE ? 'tentative' : 'usable';
  }
  return 'absent';
}

function readIfInet6(): string {
  try {
    return readFileSync('/proc/thread-self/net/if_inet6', 'utf8');
  } catch {
    return ''; // a kernel without IPv6
  }
}

function ipv4State(address: Ipv4Address): AddressState {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.some((known) => known.address === address.toString()) ? 'usable' : 'absent';
}
