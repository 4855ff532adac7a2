import type { Agreement } from '#dataplane/dataplane.ts';
import { field, separator, text } from './layout.ts';
import type { Traffic } from './traffic.ts';

/** What `show dataplane` shows; plain JSON. */
export interface DataplaneView {
  /** In the kernel, or by the daemon. */
  readonly plane: 'ebpf' | 'user';
  /** Why it is not in the kernel, where nobody asked for that. */
  readonly reason?: string;
  readonly entries: number;
  /** The first thousand of them. */
  readonly forwarding: readonly ForwardingRow[];
  /** Packets that were not forwarded, by reason. */
  readonly drops: Readonly<Record<string, number>>;
  /** How its tables compare with what the bindings need. */
  readonly agreement: Agreement;
  /**
   * The links on which it answers ARP and neighbor discovery for mobile nodes, how often it did, and how often mobile nodes were answered that asked for others of
   * their home subnets; absent where there is neither.
   */
  readonly proxy?: {
    readonly interfaces: readonly string[];
    readonly answered: number;
    readonly answeredMobileNodes: number;
  };
  /** How many bindings of a restart are set, of how many; absent when they all are. */
  readonly restoration?: { readonly set: number; readonly total: number };
}

/** One binding's forwarding. */
export interface ForwardingRow extends Traffic {
  readonly id: string;
  readonly role: 'anchor' | 'access';
  readonly nai?: string;
  /** Home address and prefixes. */
  readonly addresses: readonly string[];
  /** The tunnel's ends. */
  readonly local: string;
  readonly remote: string;
}

export function renderDataplane({
  plane,
  reason,
  entries,
  forwarding,
  drops,
  agreement,
  restoration,
  proxy,
}: DataplaneView): string {
  return text([
    '',
    field('Data plane', plane === 'ebpf' ? 'eBPF, in the kernel' : 'user space, in the daemon'),
    ...(reason === undefined ? [] : [field('Not in the kernel, because', reason)]),
    ...proxyLines(proxy),
    `Total number of forwarding entries: ${entries}`,
    ...forwarding.flatMap(entryLines),
    ...(entries > forwarding.length
      ? [
          separator,
          `  and ${entries - forwarding.length} more; "show dataplane nai NAI" shows those of one mobile node`,
        ]
      : []),
    separator,
    'Dropped packets',
    ...dropLines(drops),
    separator,
    'Forwarding state against bindings',
    field('Matching', agreement.matching),
    field('Missing', agreement.missing),
    field('Different', agreement.different),
    field('Extra', agreement.extra),
    field('Left by an earlier daemon', agreement.unclaimed),
    ...(restoration ? [field('Set since the restart', `${restoration.set} of ${restoration.total} bindings`)] : []),
    ...agreement.examples.map((example) => `  ${example}`),
  ]);
}

function proxyLines(proxy: DataplaneView['proxy']): string[] {
  if (!proxy) return [];
  const { interfaces, answered, answeredMobileNodes } = proxy;
  return [
    ...(interfaces.length > 0 ? [field('ARP and ND answered on', `${interfaces.join(', ')}: ${answered} times`)] : []),
    ...(answeredMobileNodes > 0 ? [field('ARP of mobile nodes answered', `${answeredMobileNodes} times`)] : []),
  ];
}

function entryLines(row: ForwardingRow): string[] {
  const name = row.nai === undefined ? '' : `, Nai: ${row.nai}`;
  return [
    separator,
    `[Forwarding]: Id: ${row.id}, Role: ${row.role.toUpperCase()}${name}`,
    `  [Forwarding]: Addresses: ${row.addresses.join(', ') || 'none'}`,
    `  [Forwarding][TUNNEL]: Source: ${row.local}, Destination: ${row.remote}`,
    `  [Forwarding][UP]: Packets: ${row.up.packets}, Octets: ${row.up.octets}`,
    `  [Forwarding][DOWN]: Packets: ${row.down.packets}, Octets: ${row.down.octets}`,
  ];
}

function dropLines(drops: Readonly<Record<string, number>>): string[] {
  const reasons = Object.entries(drops).sort(([a], [b]) => (a < b ? -1 : 1));
  return reasons.length === 0 ? ['  none'] : reasons.map(([reason, count]) => field(reason, count));
}
