import { interfaceName, macAddress, name, optional } from '#config/index.ts';
import type { ExecCommand } from './exec-command.ts';
import { inquire, show } from './show-command.ts';
import { nodeShowCommands } from './show-node-commands.ts';

/** Every `show` command. The guides spell some of them in several ways. */
export const showCommands: readonly ExecCommand[] = [
  ...nodeShowCommands,
  ...accessCommands(),
  ...controllerCommands(),
  ...systemCommands(),
];

function accessCommands(): ExecCommand[] {
  const mag = name('Name of a MAG');
  return [
    show({
      syntax: ['show', 'ip', 'dhcp', 'binding'],
      help: 'IPv4 addresses of mobile nodes, and which of them DHCP acknowledged',
      ask: () => inquire('dhcp-binding'),
    }),
    show({
      syntax: ['show', 'route-map', 'dynamic', optional(mag)],
      also: [['show', 'platform', 'software', 'route-map', 'RP', 'active', 'map', optional(mag)]],
      help: 'How packets of mobile nodes get into their tunnels',
      ask: (node) => inquire('route-map', { node }),
    }),
  ];
}

/** The spellings of wireless LAN controllers. */
function controllerCommands(): ExecCommand[] {
  const nai = name('Network Access Identifier of a mobile node', 253);
  return [
    show({
      syntax: ['show', 'pmipv6', 'mag', 'binding', optional('nai', nai)],
      also: [['show', 'pmipv6', 'mag', 'bindings', optional('nai', nai)]],
      help: 'Bindings of the mobile access gateway, as a wireless LAN controller prints them',
      ask: (mobileNode) => inquire('controller-binding', { nai: mobileNode }),
    }),
    show({
      syntax: ['show', 'client', 'detail', macAddress('Link-layer address of a mobile node')],
      help: 'One mobile node of an access link',
      ask: (mac) => inquire('client-detail', { mac: mac.toString() }),
    }),
    show({
      syntax: ['show', 'interface', 'summary'],
      help: 'Interfaces, their VLANs and IPv4 addresses',
      ask: () => inquire('interface-summary'),
    }),
    show({ syntax: ['show', 'route', 'summary'], help: 'Routes of this host', ask: () => inquire('route-summary') }),
    show({
      syntax: ['show', 'dhcp', 'proxy'],
      help: 'How each access interface answers DHCP',
      ask: () => inquire('dhcp-proxy'),
    }),
  ];
}

function systemCommands(): ExecCommand[] {
  const pool = name('Name of a pool');
  const list = name('Name of an access list');
  const vrf = name('Name of a VRF', 32);
  return [
    show({
      syntax: ['show', 'dataplane', optional('nai', name('Network Access Identifier of a mobile node', 253))],
      help: 'Forwarding of every binding, and dropped packets by reason',
      ask: (nai) => inquire('dataplane', { nai }),
    }),
    show({
      syntax: ['show', 'ipv6', 'mobile', 'pmipv6', 'store'],
      help: 'Where bindings are kept, and how long that takes',
      ask: () => inquire('store'),
    }),
    show({
      syntax: ['show', 'vrf', optional(vrf)],
      also: [['show', 'ip', 'vrf', optional(vrf)]],
      help: 'Tables of routes beside the own one (VRF), and the peers that they lead to',
      ask: (of) => inquire('vrf', { name: of }),
    }),
    show({
      syntax: ['show', 'access-lists', optional(list)],
      also: [['show', 'ip', 'access-lists', optional(list)]],
      help: 'Access lists, and how many packets of tunnels each rule decided on',
      ask: (of) => inquire('access-lists', { name: of }),
    }),
    show({
      syntax: ['show', 'ip', 'local', 'pool', optional(pool)],
      help: 'Use of the IPv4 pools',
      ask: (of) => inquire('ipv4-pool', { name: of }),
    }),
    show({
      syntax: ['show', 'ipv6', 'local', 'pool', optional(pool)],
      help: 'Use of the IPv6 pools',
      ask: (of) => inquire('ipv6-pool', { name: of }),
    }),
    show({
      syntax: ['show', 'ipv6', 'interface', optional(interfaceName)],
      help: 'IPv6 addresses of interfaces',
      ask: (of) => inquire('ipv6-interface', { name: of }),
    }),
    show({
      syntax: ['show', 'aaa', 'servers'],
      help: 'RADIUS servers, what was asked of them, and accounting',
      ask: () => inquire('aaa-servers'),
    }),
    show({
      syntax: ['show', 'aaa', 'domains'],
      help: 'Domains that are loaded from AAA servers',
      ask: () => inquire('aaa-domains'),
    }),
    show({
      syntax: ['show', 'logging'],
      help: 'The latest lines of the log',
      mode: 'privileged',
      ask: () => inquire('logging'),
    }),
    show({
      syntax: ['show', 'running-config'],
      help: 'The configuration that is in force',
      mode: 'privileged',
      ask: () => inquire('running-config'),
    }),
    show({
      syntax: ['show', 'startup-config'],
      help: 'The configuration of the next start, as the file has it',
      mode: 'privileged',
      ask: () => inquire('startup-config'),
    }),
    show({ syntax: ['show', 'version'], help: 'Versions of what runs', ask: () => inquire('version') }),
  ];
}
