import { Ipv6Prefix } from '#base/ipv6-address.ts';
import { text } from './layout.ts';

/** An interface of the host, as `show ipv6 interface` and `show interface summary` have it; plain JSON. */
export interface InterfaceRow {
  /** The IOS name, or the Linux one of an interface that has no other. */
  readonly name: string;
  /** The Linux name; `null` when this host has no such interface. */
  readonly linuxName: string | null;
  readonly description: string | null;
  /** `access`: mobile nodes are there. `transport`: an address of an LMA or MAG is there. `tunnel`: the data plane's own. */
  readonly role: 'access' | 'transport' | 'tunnel' | 'other';
  readonly up: boolean;
  /** Whether it has a carrier. */
  readonly running: boolean;
  readonly mtu: number;
  /** As `0000.5e00.5213`; `null` without one. */
  readonly mac: string | null;
  readonly vlan: number | null;
  /** With their prefix lengths, as the other. */
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

/** Interfaces without IPv6 are left out, as in IOS. */
export function renderIpv6Interfaces(rows: readonly InterfaceRow[]): string {
  return rows
    .filter(({ ipv6 }) => ipv6.length > 0)
    .map(ipv6Lines)
    .map(text)
    .join('');
}

function ipv6Lines(row: InterfaceRow): string[] {
  const linkLocal = row.ipv6.filter(isLinkLocal);
  const others = row.ipv6.filter((address) => !isLinkLocal(address));
  const [link, protocol] = [row.up ? 'up' : 'administratively down', row.up && row.running ? 'up' : 'down'];
  return [
    `${row.name} is ${link}, line protocol is ${protocol}`,
    `  IPv6 is enabled, link-local address is ${linkLocal.map(withoutLength).join(', ') || 'none'}`,
    ...(row.description === null ? [] : [`  Description: ${row.description}`]),
    ...(row.linuxName === null || row.linuxName === row.name ? [] : [`  Linux interface is ${row.linuxName}`]),
    ...(others.length === 0
      ? ['  No global unicast address is configured']
      : [
          '  Global unicast address(es):',
          ...others.map((address) => `    ${withoutLength(address)}, subnet is ${subnet(address)}`),
        ]),
    `  MTU is ${row.mtu} bytes`,
  ];
}

/** The table of a wireless LAN controller. */
export function renderInterfaceSummary(rows: readonly InterfaceRow[]): string {
  const column = (...[name, port, vlan, address, type, manager, guest]: readonly string[]) =>
    [
      name?.padEnd(32),
      port?.padEnd(15),
      vlan?.padEnd(8),
      address?.padEnd(15),
      type?.padEnd(7),
      manager?.padEnd(6),
      guest,
    ]
      .join(' ')
      .trimEnd();
  return text([
    ` Number of Interfaces.......................... ${rows.length}`,
    '',
    column('Interface Name', 'Port', 'Vlan Id', 'IP Address', 'Type', 'Ap Mgr', 'Guest'),
    column(...[32, 15, 8, 15, 7, 6, 5].map((width) => '-'.repeat(width))),
    ...rows.map(({ name, linuxName, vlan, ipv4, role }) =>
      column(
        name,
        linuxName ?? 'N/A',
        vlan === null ? 'untagged' : String(vlan),
        withoutLength(ipv4[0] ?? '0.0.0.0'),
        role === 'access' ? 'Dynamic' : 'Static',
        'No',
        'No',
      ),
    ),
  ]);
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}

function withoutLength(address: string): string {
  return address.split('/')[0] as string;
}

function subnet(address: string): string {
  return Ipv6Prefix.parse(address)?.network.toString() ?? address;
}
