import type { Configuration, MagConfiguration } from '#config/index.ts';
import type { HostapdClientConfig } from '#proto/hostapd/index.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { Report } from './assemble-report.ts';

/** The access points behind the interfaces that a MAG runs with, as far as they tell of their stations. */
export function accessPointsOf(mag: MagConfig, configuration: Configuration): HostapdClientConfig[] {
  const configured = configuration.mags.find(({ name }) => name === mag.name)?.interfaces ?? [];
  return mag.interfaces.flatMap(({ name }) =>
    (configured.find((each) => each.name === name)?.accessPoints ?? []).map(({ controlInterface }) => ({
      interface: name,
      path: controlInterface,
    })),
  );
}

/** The stations of one that is behind two interfaces could not be told apart. */
export function checkAccessPoints(mag: MagConfiguration, report: Report): void {
  const paths = mag.interfaces.flatMap(({ accessPoints }) => accessPoints.map((each) => each.controlInterface));
  for (const path of paths.filter((each, index) => paths.indexOf(each) < index)) {
    report(
      `ipv6 mobile pmipv6-mag ${mag.name}: hostapd control-interface ${path} is under two interfaces; an access point is behind one`,
    );
  }
}
