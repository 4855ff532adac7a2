import { Ipv4Prefix, ipv4Netmask } from '#base/ipv4-address.ts';
import { text } from './layout.ts';

/** What `show route summary` shows; plain JSON. */
export interface RouteView {
  /** Of the host's main table, without those of mobile nodes. */
  readonly routes: readonly RouteRow[];
  /** Routes to mobile nodes and to pools, which this program made. */
  readonly ours: number;
}

export interface RouteRow {
  /** With its prefix length. */
  readonly destination: string;
  /** `null` on the own link. */
  readonly gateway: string | null;
  readonly interface: string | null;
}

/** The table of a wireless LAN controller, with IPv6 and the interface beside. */
export function renderRouteSummary({ routes, ours }: RouteView): string {
  const column = (...[network, mask, gateway, name]: readonly string[]) =>
    [network?.padEnd(26), mask?.padEnd(16), gateway?.padEnd(26), name].join(' ').trimEnd();
  return text([
    ` Number of Routes................................. ${routes.length}`,
    ` Number of Routes for PMIPv6...................... ${ours}`,
    '',
    column('Destination Network', 'Netmask', 'Gateway', 'Interface'),
    column(...[26, 16, 26, 16].map((width) => '-'.repeat(width))),
    ...routes.map(({ destination, gateway, interface: name }) =>
      column(...destinationAndMask(destination), gateway ?? 'directly connected', name ?? ''),
    ),
  ]);
}

function destinationAndMask(destination: string): [string, string] {
  const [address = '', length = ''] = destination.split('/');
  return Ipv4Prefix.parse(destination) ? [address, `${ipv4Netmask(Number(length))}`] : [address, `/${length}`];
}
