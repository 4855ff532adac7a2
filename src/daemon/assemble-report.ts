import type { Configuration, DomainConfiguration, Encapsulation, Service } from '#config/index.ts';
import { domainDefaults } from '#config/index.ts';

/** Takes note of a reason why the configuration cannot be run. */
export type Report = (problem: string) => undefined;

/** Differs from the configuration language: other encapsulations can be written, but are not carried yet. */
export function checkEncapsulation(where: string, encapsulation: Encapsulation | undefined, report: Report): void {
  if (encapsulation === undefined || encapsulation === 'ipv6-in-ipv6') return;
  report(`${where}: encapsulation ${encapsulation} is not supported yet; remove the line, IPv6-in-IPv6 is then used`);
}

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
