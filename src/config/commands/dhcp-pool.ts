import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { Argument } from '../argument.ts';
import { domainName, ipv4Address, ipv6Address } from '../arguments.ts';
import type { AnyCommand } from '../command.ts';
import { several } from '../list-arguments.ts';
import type { DhcpPoolConfiguration } from '../model.ts';
import { Rows } from '../rows.ts';
import { dhcpOptionCommands } from './dhcp-option.ts';

/** As many as IOS takes; more would not fit into a DHCP message. */
const DNS_SERVERS = 8;

/** Commands under `ip dhcp pool`. */
export const dhcpPoolCommands = [
  ...poolCommands<Ipv4Address>(ipv4Address('Address of a DNS server')),
  ...dhcpOptionCommands,
];

/** Commands under `ipv6 dhcp pool`. */
export const ipv6DhcpPoolCommands = poolCommands<Ipv6Address>(ipv6Address('Address of a DNS server'));

function poolCommands<Address>(address: Argument<Address>): AnyCommand[] {
  const rows = new Rows<DhcpPoolConfiguration<Address>>();
  return [
    rows.command({
      syntax: ['dns-server', several(address, DNS_SERVERS)],
      help: 'Tell mobile nodes which servers resolve names',
      set: (pool, addresses) => {
        const news = addresses.filter(
          (one: Address) => !pool.dnsServers.some((other) => String(other) === String(one)),
        );
        pool.dnsServers.push(...news);
      },
      refuse: (pool, addresses) =>
        new Set([...pool.dnsServers, ...addresses].map(String)).size > DNS_SERVERS
          ? { argument: 0, message: `makes more than ${DNS_SERVERS} servers` }
          : undefined,
      unset: (pool, addresses) => {
        const gone = addresses?.map(String);
        pool.dnsServers = gone ? pool.dnsServers.filter((held) => !gone.includes(String(held))) : [];
      },
      stored: (pool) => (pool.dnsServers.length === 0 ? [] : [[pool.dnsServers]]),
    }),
    rows.field({
      syntax: ['domain-name', domainName('Name of the domain that mobile nodes search')],
      help: 'Tell mobile nodes their domain',
      field: 'domainName',
    }),
  ];
}
