import type { MagBindingRow } from '#proto/mag/snapshot.ts';
import { bindingList, type ListText, listText } from './layout.ts';

/** `show ipv6 mobile pmipv6 mag binding`. A node without an IPv4 address has Hoa 0.0.0.0; HNP is 0 or one line for each prefix. */
export function magBindingText(): ListText<MagBindingRow> {
  return bindingList(bindingLines);
}

export function renderMagBindings(rows: readonly MagBindingRow[]): string {
  return listText(magBindingText(), rows);
}

function bindingLines(row: MagBindingRow): string[] {
  return [
    `[Binding][MN]: Domain: ${row.domain}, Nai: ${row.nai}`,
    `  [Binding][MN]: State: ${row.state}`,
    `  [Binding][MN]: Interface: ${row.interface}`,
    `  [Binding][MN]: Hoa: ${row.hoa ?? '0.0.0.0'}, att: ${row.att}, llid: ${row.llid}`,
    ...prefixLines(row.hnps),
    `  [Binding][MN][LMA]: Id: ${row.lma}`,
    ...(row.path === 'down' ? ['  [Binding][MN][LMA]: Path: DOWN'] : []),
    `  [Binding][MN][LMA]: lifetime: ${row.lifetime}`,
    ...(row.sessionRemaining === undefined ? [] : [`  [Binding][MN]: Session ends in: ${row.sessionRemaining}`]),
    ...(row.profileWithoutEffect ?? []).map((name) => `  [Binding][MN]: AAA attribute without effect: ${name}`),
    `  [Binding][MN][GREKEY]: Upstream: ${row.greKeyUpstream}, Downstream: ${row.greKeyDownstream}`,
  ];
}

export function prefixLines(prefixes: readonly string[]): string[] {
  return (prefixes.length > 0 ? prefixes : ['0']).map((prefix) => `  [Binding][MN]: HNP: ${prefix}`);
}
