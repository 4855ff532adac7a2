import type { Configuration } from '#config/index.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import type { LmaConfig } from '#proto/lma/events.ts';
import type { Report } from './assemble-report.ts';
import { linuxInterfaceOf } from './assemble-vlan.ts';
import type { Availability } from './host-availability.ts';

/**
 * Where what is for mobile nodes comes in: at the interfaces of the LMAs. An LMA that names none takes it in from everywhere, and so does one
 * of whose interfaces this host has none: a name that means nothing must not cut its mobile nodes off.
 */
export function correspondentInterfaces(
  lmas: readonly LmaConfig[],
  configuration: Configuration,
  host: Availability,
  report: Report,
): Pick<NodeForwarding, 'correspondentInterfaces'> {
  const found = lmas.map(({ name }) => {
    const named = configuration.lmas.find((lma) => lma.name === name)?.interfaces ?? [];
    return named.flatMap((one) => {
      const { linkName } = linuxInterfaceOf(one.name, configuration);
      const problem = host.link({ name: one.name, linkName });
      if (problem !== undefined) report(problem);
      return problem === undefined ? [linkName] : [];
    });
  });
  if (found.length === 0 || found.some((names) => names.length === 0)) return {};
  return { correspondentInterfaces: [...new Set(found.flat())] };
}
