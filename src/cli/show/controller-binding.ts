import { Ipv4Address } from '#base/ipv4-address.ts';
import type { MagBindingRow } from '#proto/mag/snapshot.ts';
import { type ListText, text } from './layout.ts';

/** `show pmipv6 mag binding` of a wireless LAN controller: the home address in hexadecimal, and no line that is not indented alike. */
export function controllerBindingText(): ListText<MagBindingRow> {
  let printed = 0;
  return {
    head: () => '',
    rows: (rows) => rows.map((row) => text([...(printed++ > 0 ? [''] : []), ...bindingLines(row)])).join(''),
    foot: () => (printed === 0 ? '\n' : ''),
  };
}

function bindingLines(row: MagBindingRow): string[] {
  const home = (row.hoa === null ? undefined : Ipv4Address.parse(row.hoa)) ?? Ipv4Address.unspecified;
  const hexadecimal = `0x${(home.word >>> 0).toString(16).padStart(8, '0')}`;
  return [
    `[Binding][MN]: Domain: ${row.domain}, Nai: ${row.nai}`,
    `[Binding][MN]: State: ${row.state}`,
    `[Binding][MN]: Interface: ${row.interface}`,
    `[Binding][MN]: Hoa: ${hexadecimal}, att: ${row.att}, llid: ${row.llid}`,
    ...row.hnps.map((prefix) => `[Binding][MN]: HNP: ${prefix}`),
    `[Binding][MN][LMA]: Id: ${row.lma}`,
    `[Binding][MN][LMA]: lifetime: ${row.lifetime}`,
    `[Binding][MN][GREKEY]: Upstream: ${row.greKeyUpstream}, Downstream: ${row.greKeyDownstream}`,
  ];
}
