import { type ListText, text } from './layout.ts';
import { isoMonthDay } from './moment.ts';

/** A row of `show ip dhcp binding`; plain JSON. */
export interface DhcpBindingRow {
  readonly address: string;
  /** As `0024.d78e.21a4`. */
  readonly mac: string;
  readonly nai: string;
  /** ISO 8601, UTC: the end of the lease, or of the binding while nothing was leased. */
  readonly expires: string;
  /** `active`: acknowledged to the client. `selecting`: granted by the LMA, and not asked for by DHCP here. */
  readonly state: 'active' | 'selecting';
  readonly interface: string;
}

const WIDTHS = [20, 24, 24, 11, 11];

export function dhcpBindingText(): ListText<DhcpBindingRow> {
  return { head: () => text(HEAD), rows: (rows) => rows.map(bindingText).join(''), foot: () => '' };
}

const HEAD = [
  'Bindings from all pools not associated with VRF:',
  columns('IP address', 'Client-ID/', 'Lease expiration', 'Type', 'State', 'Interface'),
  columns('', 'Hardware address/'),
  columns('', 'User name'),
];

function bindingText({ address, mac, nai, expires, state, interface: name }: DhcpBindingRow): string {
  return text([
    columns(address, mac, expiration(expires), 'Automatic', state === 'active' ? 'Active' : 'Selecting', name),
    ...(nai === mac ? [] : [columns('', nai)]),
  ]);
}

function columns(...words: string[]): string {
  return words
    .map((word, column) => word.padEnd(WIDTHS[column] ?? 0))
    .join('')
    .trimEnd();
}

/** `Nov 26 2026 01:53 PM` */
function expiration(iso: string): string {
  const hour = Number(iso.slice(11, 13));
  const clock = `${String(hour % 12 || 12).padStart(2, '0')}:${iso.slice(14, 16)} ${hour < 12 ? 'AM' : 'PM'}`;
  return `${isoMonthDay(iso, '0')} ${iso.slice(0, 4)} ${clock}`;
}
