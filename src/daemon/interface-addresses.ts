import type { Configuration } from '#config/index.ts';
import type { AddressedLink } from '#host/interface-addresses.ts';
import { linuxInterfaceOf } from './assemble-vlan.ts';

/** What `ip address` and `ipv6 address` give to interfaces that are no access links: those get theirs with the data plane. */
export function addressedLinks(configuration: Configuration): AddressedLink[] {
  const access = new Set(configuration.mags.flatMap(({ interfaces }) => interfaces.map(({ name }) => name)));
  return configuration.interfaces
    .filter(({ name }) => !access.has(name))
    .map(({ name, ipv4Address, ipv6Addresses }) => ({
      linkName: linuxInterfaceOf(name, configuration).linkName,
      addresses: [...(ipv4Address ? [ipv4Address] : []), ...ipv6Addresses],
    }))
    .filter(({ addresses }) => addresses.length > 0);
}
