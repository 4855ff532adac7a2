import type { Configuration, DomainConfiguration, Service } from '#config/index.ts';
import { domainDefaults } from '#config/index.ts';

/** Takes note of a reason why the configuration cannot be run. */
export type Report = (problem: string) => undefined;

export function reportNoAddress(where: string, report: Report): undefined {
  return report(`${where}: no address to signal from; add "address ipv6 ADDRESS" or "address ipv4 ADDRESS"`);
}

/** The domain that an LMA or a MAG belongs to; reported when it is not there. */
export function domainOf(
  where: string,
  name: string,
  configuration: Configuration,
  report: Report,
): DomainConfiguration | undefined {
  return (
    configuration.domains.find((domain) => domain.name === name) ??
    report(`${where}: there is no domain ${name}; add "ipv6 mobile pmipv6-domain ${name}"`)
  );
}

export function serviceOf(service: Service | undefined): Service {
  return service ?? domainDefaults.service;
}
