import { type IpAddress, sameAddress } from '#base/ip-address.ts';
import type { Configuration } from '#config/index.ts';
import type { Vrf } from '#dataplane/desired.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { Report } from './assemble-report.ts';

/** Of a VRF to which the host gives no number: from this one on, so many. */
const FIRST_TABLE = 10_000;
const TABLES = 50_000;

/** The kernel's number of the routing table that is called so on this host; `undefined` when none is. */
export type TableNamed = (name: string) => number | undefined;

/** The VRFs that are defined, in the order of their names, with the LMAs that `vrfid` puts there. */
export function vrfsOf(
  { vrfs, mags: configured }: Configuration,
  mags: readonly MagConfig[],
  tableNamed: TableNamed,
  report: Report,
): Vrf[] {
  const placed: { readonly address: IpAddress; readonly vrf: string | undefined; readonly where: string }[] = [];
  for (const { name: mag, lmas } of mags) {
    for (const { name, ipv4, ipv6 } of lmas) {
      const vrf = configured.find((one) => one.name === mag)?.lmas.find((lma) => lma.name === name)?.vrf;
      const where = `ipv6 mobile pmipv6-mag ${mag}, lma ${name}`;
      for (const address of [ipv4, ipv6]) {
        if (!address) continue;
        const other = placed.find((one) => sameAddress(one.address, address));
        if (other && other.vrf !== vrf)
          report(`${where}: ${address} is reached as "${other.where}" says; one address cannot be in two VRFs`);
        else placed.push({ address, vrf, where });
      }
    }
  }
  const names = vrfs.map(({ name }) => name).toSorted();
  const taken = new Set(names.flatMap((name) => tableNamed(name) ?? []));
  return names.map((name) => ({
    name,
    table: tableNamed(name) ?? freeTable(name, taken),
    peers: placed.filter(({ vrf }) => vrf === name).map(({ address }) => address),
  }));
}

/** The same for the same name, unless two names meet. */
function freeTable(name: string, taken: Set<number>): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) as number), 0x01000193);
  let at = (hash >>> 0) % TABLES;
  while (taken.has(FIRST_TABLE + at)) at = (at + 1) % TABLES;
  taken.add(FIRST_TABLE + at);
  return FIRST_TABLE + at;
}
