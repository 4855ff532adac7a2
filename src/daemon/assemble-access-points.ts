import type { Configuration } from '#config/index.ts';
import type { HostapdClientConfig } from '#proto/hostapd/index.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { Report } from './assemble-report.ts';

/**
 * The access points behind the interfaces that a MAG runs with, as far as they tell of their stations. The stations of one that is behind two
 * interfaces could not be told apart: it counts for the first.
 */
export function accessPointsOf(mag: MagConfig, configuration: Configuration, report: Report): HostapdClientConfig[] {
  const configured = configuration.mags.find(({ name }) => name === mag.name)?.interfaces ?? [];
  const all = mag.interfaces.flatMap(({ name }) =>
    (configured.find((each) => each.name === name)?.accessPoints ?? []).map(({ controlInterface }) => ({
      interface: name,
      path: controlInterface,
    })),
  );
  const first = (path: string) => all.find((each) => each.path === path);
  for (const { interface: name, path } of all.filter((each) => each !== first(each.path))) {
    const where = `ipv6 mobile pmipv6-mag ${mag.name}, interface ${name}`;
    report(
      `${where}: hostapd control-interface ${path} is under ${first(path)?.interface} too; an access point is behind one interface`,
    );
  }
  return all.filter((each) => each === first(each.path));
}
