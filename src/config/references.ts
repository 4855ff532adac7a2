import type { Complaint } from './command.ts';
import type {
  Configuration,
  DomainConfiguration,
  Ipv4PoolConfiguration,
  Ipv6PoolConfiguration,
  LmaConfiguration,
} from './model.ts';

export function domainNamed(configuration: Configuration, name: string): DomainConfiguration | undefined {
  return configuration.domains.find((domain) => domain.name === name);
}

export function lmasOfDomain(configuration: Configuration, domain: string): LmaConfiguration[] {
  return configuration.lmas.filter((lma) => lma.domain === domain);
}

export function ipv4PoolNamed(configuration: Configuration, name: string): Ipv4PoolConfiguration | undefined {
  return configuration.ipv4Pools.find((pool) => pool.name === name);
}

export function ipv6PoolNamed(configuration: Configuration, name: string): Ipv6PoolConfiguration | undefined {
  return configuration.ipv6Pools.find((pool) => pool.name === name);
}

export function accessListComplaint({ accessLists }: Configuration, name: string): Complaint | undefined {
  if (accessLists.some((list) => list.name === name)) return undefined;
  return notDefined(0, `access list ${name} is not defined (ip access-list extended ${name})`);
}

export function vrfComplaint({ vrfs }: Configuration, name: string, argument: number): Complaint | undefined {
  if (vrfs.some((vrf) => vrf.name === name)) return undefined;
  return notDefined(argument, `VRF ${name} is not defined (vrf definition ${name})`);
}

/** The complaint that the argument names something which is missing. */
export function notDefined(argument: number, message: string): Complaint {
  return { argument, message, undefinedReference: true };
}
