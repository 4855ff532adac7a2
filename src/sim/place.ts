import { sameAddress } from '#base/ip-address.ts';
import type { MagConfig, MagInterface } from '#proto/mag/events.ts';
import { LmaDirectory } from '#proto/mag/lma-directory.ts';
import { aaaStation, defaultStation, localStation, type StationProfile } from '#proto/mag/profile.ts';
import type { LmaNode } from './lma-node.ts';
import { accessPointName, type MagNode } from './mag-node.ts';
import type { MobileNode } from './mobile-node.ts';
import type { World } from './world.ts';

/** Where a mobile node is, as whom its gateway registers it, and with whom. */
export interface Place {
  readonly mag: MagNode;
  readonly interface: string;
  readonly station: StationProfile;
  readonly lma: LmaNode;
}

/** `undefined` when it is out of reach, or when nobody there would serve it. */
export function placeOf(world: World, node: MobileNode): Place | undefined {
  const { air, mags, lmas } = world;
  const at = air.whereIs(node);
  for (const mag of mags) {
    const { config } = mag;
    const found = config.interfaces.find(({ name }) => accessPointName(config, name) === at);
    if (!found) continue;
    const station = stationOf(world, config, found, node);
    const named = station && new LmaDirectory(config).of(station.profile);
    const lma = lmas.find(({ name, addresses }) => {
      return name === named?.name || addresses.some((own) => sameAddress(own, named?.ipv6 ?? named?.ipv4));
    });
    if (station && lma) return { mag, interface: found.name, station, lma };
  }
  return undefined;
}

/** As what a gateway serves a mobile node; `undefined`: not at all. */
export function stationOf(
  { aaa }: World,
  config: MagConfig,
  at: MagInterface,
  { mac }: MobileNode,
): StationProfile | undefined {
  const said = config.aaa && aaa.profileOf(mac);
  return (
    localStation(config, at, mac) ??
    (config.aaa && said ? aaaStation(config.aaa, mac, said) : undefined) ??
    defaultStation(at, mac)
  );
}
