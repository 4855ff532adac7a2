import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { IpAddress } from '#base/ip-address.ts';
import { parseIpAddress } from '#base/ip-address.ts';
import { TRANSPORT_MTU } from '#proto/mag/tunnel-mtu.ts';
import { type Check, type Finding, ok, type Patient, warning } from './finding.ts';

/** Of an outer IPv6 header and what GRE, or UDP, adds to it. */
const LARGEST_OVERHEAD = 48;

/** Whether the links towards the peers carry what the tunnels put on them. */
export const transportMtu: Check = {
  name: 'transport-mtu',
  examine(patient) {
    const ends = tunnelEnds(patient);
    const found = ends.flatMap(({ address, tunnelMtu }) => {
      const link = linkOf(address);
      const mtu = link === undefined ? undefined : mtuOf(link);
      return link === undefined || mtu === undefined ? [] : [judge(link, mtu, tunnelMtu)];
    });
    return [...new Map(found.map((finding) => [finding.text, finding])).values()];
  },
};

function tunnelEnds({ node }: Patient): { readonly address: IpAddress; readonly tunnelMtu: number }[] {
  if (!node) return [];
  const { localAddresses, tunnelMtu } = node.assembly.forwarding;
  return localAddresses.map((address) => ({ address, tunnelMtu }));
}

function judge(link: string, mtu: number, tunnelMtu: number): Finding {
  const needed = Math.min(TRANSPORT_MTU, tunnelMtu + LARGEST_OVERHEAD);
  if (mtu >= needed) return ok(`${link} carries ${mtu} octets, the tunnels need ${needed}`);
  return warning(
    `${link} carries ${mtu} octets, and tunnels of ${tunnelMtu} need ${needed}: mobile nodes and their correspondents must learn to send smaller packets`,
    `ip link set ${link} mtu ${needed}, also in between; or at each LMA and MAG "tunnel mtu ${mtu - LARGEST_OVERHEAD}"`,
  );
}

function linkOf(address: IpAddress): string | undefined {
  const links = Object.entries(networkInterfaces());
  return links.find(([, held]) => held?.some((one) => parseIpAddress(one.address)?.key === address.key))?.[0];
}

function mtuOf(link: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${link}/mtu`, 'utf8'));
  } catch {
    return undefined;
  }
}
