import type { LmaBindingRow } from '#proto/lma/snapshot.ts';
import { bindingList, type ListText, listText } from './layout.ts';
import { prefixLines } from './mag-binding.ts';

/**
 * `show ipv6 mobile pmipv6 lma binding`. No guide prints a sample; the lines are those of the MAG's command with the fields of IOS XR's
 * operational model.
 */
export function lmaBindingText(): ListText<LmaBindingRow> {
  return bindingList(bindingLines);
}

export function renderLmaBindings(rows: readonly LmaBindingRow[]): string {
  return listText(lmaBindingText(), rows);
}

function bindingLines(row: LmaBindingRow): string[] {
  return [
    `[Binding][MN]: Domain: ${row.domain}, Nai: ${row.nai}`,
    `  [Binding][MN]: State: ${row.state.toUpperCase()}`,
    `  [Binding][MN]: Hoa: ${row.hoa ?? '0.0.0.0'}, att: ${row.att}, llid: ${row.llid || 'none'}`,
    ...(row.hoa === null ? [] : [`  [Binding][MN]: Prefix length: ${row.hoaPrefixLength}, Dflt: ${row.defaultRouter}`]),
    ...prefixLines(row.hnps),
    ...(row.apn === null ? [] : [`  [Binding][MN]: apn: ${row.apn}`]),
    `  [Binding][MN]: lifetime: ${row.lifetime}, remaining: ${row.lifetimeRemaining}`,
    ...row.careOfAddresses.flatMap(({ peer, address, local, encapsulation, path, ...keys }) => [
      `  [Binding][MN][MAG]: Id: ${peer}`,
      `  [Binding][MN][MAG]: Coa: ${address}`,
      ...(path === 'down' ? ['  [Binding][MN][MAG]: Path: DOWN'] : []),
      `  [Binding][MN][TUNNEL]: ${encapsulation}, Source: ${local}, Destination: ${address}`,
      `  [Binding][MN][GREKEY]: Upstream: ${keys.greKeyUpstream}, Downstream: ${keys.greKeyDownstream}`,
    ]),
  ];
}
