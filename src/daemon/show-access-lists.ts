import type { AccessListRow } from '#cli/show/index.ts';
import { printAccessListRules } from '#config/index.ts';
import type { Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';

/** The access lists, with how many packets of tunnels each rule has decided on. */
export function accessLists(node: Node, { name }: ShowFilter): AccessListRow[] {
  const inUse = (['anchor', 'access'] as const).flatMap((kind) => {
    const filter = node.tunnelFilters?.[kind];
    return filter ? [{ name: filter.name, hits: node.dataPlane.filterHits(kind) }] : [];
  });
  return node.configuration.accessLists
    .filter((list) => name === undefined || list.name === name)
    .map((list) => {
      const texts = printAccessListRules(list);
      const rules = list.rules.map(({ sequence }, i) => ({
        sequence,
        text: texts[i] as string,
        matches: inUse.reduce((sum, use) => sum + (use.name === list.name ? (use.hits[i] ?? 0) : 0), 0),
      }));
      return { name: list.name, rules };
    });
}
