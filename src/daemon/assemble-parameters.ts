import { concatBytes } from '#base/bytes.ts';
import type { Configuration, DhcpOptionConfiguration } from '#config/index.ts';
import type { AccessInterface } from '#proto/access/events.ts';
import type { NetworkParameters } from '#proto/access/host-parameters.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { Report } from './assemble-report.ts';

/** What the pools say for each name, in their order; the first serves mobile nodes for whose network there is none. */
export function networkParameters({ dhcpPools, ipv6DhcpPools }: Configuration): NetworkParameters[] {
  const names = new Set([...dhcpPools, ...ipv6DhcpPools].map(({ name }) => name));
  return [...names].map((network) => ({
    network,
    ipv4: ipv4Parameters(dhcpPools.find(({ name }) => name === network)),
    ipv6: naming(ipv6DhcpPools.find(({ name }) => name === network)),
  }));
}

function ipv4Parameters(pool: Configuration['dhcpPools'][number] | undefined): NetworkParameters['ipv4'] {
  const options = pool?.options?.map(({ code, value }) => ({ code, data: octetsOf(value) }));
  return { ...naming(pool), ...(options && { options }) };
}

function octetsOf(value: DhcpOptionConfiguration['value']): Uint8Array {
  if (value.kind === 'ascii') return new TextEncoder().encode(value.text);
  return value.kind === 'hex' ? value.octets : concatBytes(...value.addresses.map((address) => address.toBytes()));
}

function naming<Address>(pool: { dnsServers: Address[]; domainName?: string } | undefined) {
  return { dnsServers: pool?.dnsServers ?? [], ...(pool?.domainName && { domainName: pool.domainName }) };
}

/**
 * With `ip helper-address` it relays DHCP, from an address of the node to which the servers can answer, and with a server that AAA has for a mobile node.
 */
export function accessInterface(
  name: string,
  { addresses }: MagConfig,
  { interfaces }: Configuration,
  report: Report,
): AccessInterface {
  const held = interfaces.find((one) => one.name === name);
  const servers = held?.helperAddresses ?? [];
  const address = addresses.ipv4 ?? held?.ipv4Address?.address;
  if (servers.length === 0) return { name, ...(address && { relayFrom: address }) };
  if (address) return { name, relay: { servers, address }, relayFrom: address };
  report(
    `interface ${name}: ip helper-address needs an IPv4 address of the MAG to relay from; add "address ipv4 A.B.C.D" to the MAG, or "ip address" to the interface`,
  );
  return { name };
}
