import type { Ipv4Address } from '#base/ipv4-address.ts';
import { integer, ipv4Address, ipv6Prefix, millisecondsBetween, name } from '../arguments.ts';
import type { Complaint } from '../command.ts';
import { storeDefaults } from '../defaults.ts';
import { interfaceName } from '../interface-name.ts';
import type { Configuration, DomainConfiguration } from '../model.ts';
import { domainNamed, notDefined } from '../references.ts';
import { Rows } from '../rows.ts';
import { aaaCommands } from './aaa.ts';
import { operatorCommands } from './operators.ts';
import { radiusServerCommands } from './radius-server.ts';
import { passwordEncryptionCommand } from './secrets.ts';

const rows = new Rows<Configuration>();
const domainName = name('Name of a PMIPv6 domain');

export const globalCommands = [
  rows.field({ syntax: ['hostname', name('Name of this node')], help: "Set this node's name", field: 'hostname' }),
  passwordEncryptionCommand,
  ...operatorCommands,
  ...aaaCommands,
  rows.entry({
    syntax: ['vrf', 'definition', name('Name of the VRF', 32)],
    help: 'Define a table of routes and forwarding of its own (VRF)',
    list: 'vrfs',
    create: (vrf) => ({ name: vrf }),
    values: (vrf) => [vrf.name],
    opens: 'vrf',
  }),
  rows.command({
    syntax: ['ipv6', 'unicast-routing'],
    help: 'Route IPv6 packets',
    default: 'on',
    set: (configuration) => {
      configuration.ipv6UnicastRouting = true;
    },
    unset: (configuration) => {
      configuration.ipv6UnicastRouting = false;
    },
    stored: ({ ipv6UnicastRouting: held }) => (held ? [[]] : []),
    negated: ({ ipv6UnicastRouting: held }) => held === false,
  }),
  rows.flag({
    syntax: ['ip', 'cef'],
    help: "Forward mobile nodes' packets past the kernel's stack and its firewall (express forwarding)",
    field: 'ipCef',
  }),
  rows.entry({
    syntax: [
      'ip',
      'local',
      'pool',
      name('Name of the pool'),
      ipv4Address('First address'),
      ipv4Address('Last address'),
    ],
    help: 'Define a pool of IPv4 home addresses',
    list: 'ipv4Pools',
    create: (pool, low, high) => ({ name: pool, low, high }),
    values: (pool) => [pool.name, pool.low, pool.high],
    refuse: (_, _pool, low, high) =>
      high.word >>> 0 < low.word >>> 0 ? { argument: 2, message: `is below the first address, ${low}` } : undefined,
    review: (configuration, _, pool, low, high) => overlappingPool(configuration, pool, low, high),
  }),
  rows.entry({
    syntax: [
      'ipv6',
      'local',
      'pool',
      name('Name of the pool'),
      ipv6Prefix('Prefix that the pool covers'),
      integer(1, 128, 'Length of each assigned prefix'),
    ],
    help: 'Define a pool of IPv6 home network prefixes',
    list: 'ipv6Pools',
    create: (pool, prefix, assignedLength) => ({ name: pool, prefix: prefix.network, assignedLength }),
    values: (pool) => [pool.name, pool.prefix, pool.assignedLength],
    refuse: (_, _pool, prefix, assignedLength) =>
      assignedLength < prefix.length
        ? { argument: 2, message: `is shorter than the pool's own prefix length, ${prefix.length}` }
        : undefined,
    review: (_, _context, _pool, _prefix, assignedLength) =>
      assignedLength === 64
        ? undefined
        : { argument: 2, message: 'mobile nodes form addresses by themselves (SLAAC) only in a /64' },
  }),
  rows.entry({
    syntax: ['ip', 'access-list', 'extended', name('Name of the access list')],
    help: 'Define an access list',
    list: 'accessLists',
    create: (list) => ({ name: list, rules: [] }),
    values: (list) => [list.name],
    opens: 'access-list',
  }),
  rows.entry({
    syntax: ['ip', 'dhcp', 'pool', name('Name of the pool')],
    help: 'Say what mobile nodes are told by DHCP',
    list: 'dhcpPools',
    create: (pool) => ({ name: pool, dnsServers: [] }),
    values: (pool) => [pool.name],
    opens: 'dhcp-pool',
  }),
  rows.entry({
    syntax: ['ipv6', 'dhcp', 'pool', name('Name of the pool')],
    help: 'Say what mobile nodes are told by router advertisements and DHCPv6',
    list: 'ipv6DhcpPools',
    create: (pool) => ({ name: pool, dnsServers: [] }),
    values: (pool) => [pool.name],
    opens: 'ipv6-dhcp-pool',
  }),
  rows.entry({
    syntax: ['interface', interfaceName],
    help: 'Configure an interface',
    list: 'interfaces',
    create: (interfaceName) => ({ name: interfaceName, ipv6Addresses: [], helperAddresses: [] }),
    values: (entry) => [entry.name],
    opens: 'interface',
  }),
  rows.entry({
    syntax: ['ipv6', 'mobile', 'pmipv6-domain', domainName],
    also: [['ipv6', 'mobile', 'pmipv6-domain', domainName, 'terminal']],
    help: 'Configure a PMIPv6 domain',
    list: 'domains',
    create: emptyDomain,
    values: (domain) => [domain.name],
    opens: 'domain',
  }),
  rows.command({
    syntax: ['ipv6', 'mobile', 'pmipv6-domain', domainName, 'load-aaa'],
    help: 'Take the settings of a domain from the AAA server, except those that are typed',
    keys: 1,
    set: (configuration, domain) => {
      const held = domainNamed(configuration, domain) ?? emptyDomain(domain);
      held.loadFromAaa = true;
      if (!configuration.domains.includes(held)) configuration.domains.push(held);
    },
    unset: (configuration, domain) => {
      const held = domain === undefined ? undefined : domainNamed(configuration, domain);
      if (held) held.loadFromAaa = false;
    },
    stored: ({ domains }) => domains.filter(({ loadFromAaa }) => loadFromAaa).map(({ name }) => [name] as [string]),
  }),
  rows.entry({
    syntax: ['ipv6', 'mobile', 'pmipv6-lma', name('Identifier of the LMA'), 'domain', domainName],
    help: 'Run a local mobility anchor (LMA)',
    list: 'lmas',
    create: (lma, domain) => ({
      name: lma,
      domain,
      networks: [],
      bri: {},
      dynamicMagLearning: false,
      accounting: false,
      authorization: false,
      generateGreKey: false,
      multipath: false,
      interfaces: [],
      mags: [],
    }),
    values: (lma) => [lma.name, lma.domain],
    opens: 'lma',
    refuse: (configuration, lma, domain) => otherDomain(configuration.lmas, lma, domain),
    review: (_, { configuration }, _lma, domain) => undefinedDomain(configuration, domain),
  }),
  rows.entry({
    syntax: ['ipv6', 'mobile', 'pmipv6-mag', name('Identifier of the MAG'), 'domain', domainName],
    help: 'Run a mobile access gateway (MAG)',
    list: 'mags',
    create: (mag, domain) => ({
      name: mag,
      domain,
      interfaces: [],
      localRouting: false,
      sessionManager: false,
      bri: {},
      generateGreKey: false,
      multipath: false,
      lmas: [],
    }),
    values: (mag) => [mag.name, mag.domain],
    opens: 'mag',
    refuse: (configuration, mag, domain) => otherDomain(configuration.mags, mag, domain),
    review: (_, { configuration }, _mag, domain) => undefinedDomain(configuration, domain),
  }),
  rows.field({
    syntax: ['ipv6', 'mobile', 'pmipv6-store', 'refresh-window', millisecondsBetween(10, 60_000)],
    help: 'How long the refresh of a binding may wait until it is stored',
    default: String(storeDefaults.window),
    field: 'storeWindow',
  }),
  rows.flag({
    syntax: ['ipv6', 'mobile', 'pmipv6-store', 'continue-on-failure'],
    help: 'Serve mobile nodes from memory alone while bindings cannot be stored',
    field: 'storeContinueOnFailure',
  }),
  ...radiusServerCommands,
];

function emptyDomain(name: string): DomainConfiguration {
  return {
    name,
    signallingIpsec: false,
    localRouting: false,
    loadFromAaa: false,
    profilesFromAaa: false,
    mobileMaps: [],
    lmas: [],
    mags: [],
    profiles: [],
  };
}

function overlappingPool(
  configuration: Configuration,
  pool: string,
  low: Ipv4Address,
  high: Ipv4Address,
): Complaint | undefined {
  const earlier = configuration.ipv4Pools.slice(
    0,
    configuration.ipv4Pools.findIndex((other) => other.name === pool),
  );
  const other = earlier.find(
    (each) => each.low.word >>> 0 <= high.word >>> 0 && low.word >>> 0 <= each.high.word >>> 0,
  );
  return other && { argument: 1, message: `pool ${pool} shares addresses with pool ${other.name}` };
}

function otherDomain(
  nodes: readonly { name: string; domain: string }[],
  node: string,
  domain: string,
): Complaint | undefined {
  const held = nodes.find((each) => each.name === node);
  if (!held || held.domain === domain) return undefined;
  return { argument: 1, message: `${node} is in domain ${held.domain}; remove it there first` };
}

function undefinedDomain(configuration: Configuration, domain: string): Complaint | undefined {
  if (domainNamed(configuration, domain)) return undefined;
  return notDefined(1, `domain ${domain} is not defined`);
}
