import type { Configuration } from '#config/index.ts';
import type { AddressedLink, InterfaceAddresses } from '#host/interface-addresses.ts';
import type { Assembly } from './assemble.ts';
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

/** What runs on a host whose interfaces have been given their addresses; those that cannot have them are problems. Throws as `InterfaceAddresses.put` does. */
export function addressed(addresses: InterfaceAddresses, configuration: Configuration, run: () => Assembly): Assembly {
  const problems = addresses.put(addressedLinks(configuration));
  const assembly = run();
  return { ...assembly, problems: [...problems, ...assembly.problems] };
}
