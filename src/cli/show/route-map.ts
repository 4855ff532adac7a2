import { type ListText, text } from './layout.ts';
import type { TrafficCount } from './traffic.ts';

/** How the packets of one mobile node get into their tunnel; plain JSON. */
export interface RouteMapRow {
  readonly mag: string;
  readonly nai: string;
  /** Where the packets come in. */
  readonly interface: string;
  /** Their sources: home address and prefixes. */
  readonly addresses: readonly string[];
  readonly lma: string;
  readonly encapsulation: string;
  readonly source: string;
  readonly destination: string;
  readonly matched: TrafficCount;
}

/** `show route-map dynamic`: one map for each MAG, in which each mobile node has a sequence number. */
export function routeMapText(): ListText<RouteMapRow> {
  /** Entries of each map so far. */
  const maps = new Map<string, number>();
  const entry = (row: RouteMapRow) => {
    const number = (maps.get(row.mag) ?? 0) + 1;
    maps.set(row.mag, number);
    return text(entryLines(row, number));
  };
  return {
    head: () => '',
    rows: (rows) => rows.map(entry).join(''),
    foot: () => text([`Current active dynamic routemaps = ${maps.size}`]),
  };
}

function entryLines(row: RouteMapRow, number: number): string[] {
  return [
    `route-map ${row.mag}, permit, sequence ${number * 10}, identifier ${row.nai}`,
    '  Match clauses:',
    `    interface ${row.interface}`,
    ...row.addresses.map((address) => `    ${address.includes(':') ? 'ipv6' : 'ip'} address ${address}`),
    '  Set clauses:',
    `    tunnel ${row.encapsulation} to ${row.lma}, source ${row.source}, destination ${row.destination}`,
    `  Policy routing matches: ${row.matched.packets} packets, ${row.matched.octets} bytes`,
  ];
}
