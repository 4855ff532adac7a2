import type { Configuration } from '#config/index.ts';
import type { NetworkParameters } from '#proto/access/host-parameters.ts';

/** What the pools say for each name, in their order; the first serves mobile nodes for whose network there is none. */
export function networkParameters({ dhcpPools, ipv6DhcpPools }: Configuration): NetworkParameters[] {
  const names = new Set([...dhcpPools, ...ipv6DhcpPools].map(({ name }) => name));
  return [...names].map((network) => ({
    network,
    ipv4: naming(dhcpPools.find(({ name }) => name === network)),
    ipv6: naming(ipv6DhcpPools.find(({ name }) => name === network)),
  }));
}

function naming<Address>(pool: { dnsServers: Address[]; domainName?: string } | undefined) {
  return { dnsServers: pool?.dnsServers ?? [], ...(pool?.domainName && { domainName: pool.domainName }) };
}
