import { choice, integer, interfaceName, macAddress, optional } from '#config/index.ts';
import { DEBUG_FLAGS, type DebugFlag, type DebugView, type PacketDebugView } from '#daemon/debug/flags.ts';
import { type Action, type ExecCommand, exec, toggle } from './exec-command.ts';

interface DebugRow {
  readonly words: readonly string[];
  readonly help: string;
  readonly flags: readonly DebugFlag[];
  /** What is said where the effect is not quite that of the maker's command. */
  readonly note?: string;
}

const PACKETS_IN_KERNEL =
  'every tunnel that is set up or taken away is told; "debug ip cef packet" tells of packets, "show dataplane" counts them';
const ARP_OF_KERNEL = "what the kernel answers for the gateway's own addresses is not told";

const rows: readonly DebugRow[] = [
  { words: ['ipv6', 'mobile', 'mag', 'event'], help: 'Events of the MAG', flags: ['mag-event'] },
  { words: ['ipv6', 'mobile', 'mag', 'info'], help: 'Messages and options of the MAG', flags: ['mag-info'] },
  { words: ['ipv6', 'mobile', 'lma', 'event'], help: 'Events of the LMA', flags: ['lma-event'] },
  { words: ['ipv6', 'mobile', 'lma', 'info'], help: 'Messages and options of the LMA', flags: ['lma-info'] },
  { words: ['ipv6', 'mobile', 'packets'], help: 'Signalling, decoded field by field', flags: ['mobile-packets'] },
  { words: ['ip', 'dhcp', 'server', 'events'], help: 'Addresses that are assigned', flags: ['dhcp-events'] },
  { words: ['ip', 'dhcp', 'server', 'packet'], help: 'Messages to and from clients', flags: ['dhcp-packet'] },
  {
    words: ['ip', 'dhcp', 'server', 'packet', 'detail'],
    help: 'Messages to and from clients, decoded field by field',
    flags: ['dhcp-packet', 'dhcp-detail'],
  },
  { words: ['dhcp', 'message', 'enable'], help: 'Messages to and from clients', flags: ['dhcp-message'] },
  {
    words: ['dhcp', 'packet', 'enable'],
    help: 'Messages to and from clients, decoded field by field',
    flags: ['dhcp-detail'],
  },
  { words: ['radius'], help: 'Exchanges with RADIUS servers', flags: ['radius'] },
  {
    words: ['proxy-mobility', 'all', 'enable'],
    help: 'Everything of the mobile access gateway',
    flags: ['mag-event', 'mag-info'],
  },
  { words: ['arp'], help: 'ARP of mobile nodes', flags: ['arp'], note: ARP_OF_KERNEL },
  { words: ['arp', 'all', 'enable'], help: 'ARP of mobile nodes', flags: ['arp'], note: ARP_OF_KERNEL },
  { words: ['tunnel'], help: 'Tunnels of bindings', flags: ['tunnel'], note: PACKETS_IN_KERNEL },
  {
    words: ['dot1x', 'events'],
    help: 'What access points tell of their stations',
    flags: ['dot1x'],
    note: 'authentication itself is hostapd\'s; who it lets in and who leaves is told, of access points with "hostapd control-interface"',
  },
];

/** The number is StarOS's. */
const PROTOCOL_SHOWN = '% Mobile IPv6 (48) is shown here, every field; "no monitor protocol" ends it\n';

const END: Action = {
  kind: 'inquiry',
  request: { request: 'debug', on: false },
  render: () => 'All possible debugging has been turned off\n',
};

const protocol = choice(['48'], 'Number that StarOS has for Mobile IPv6');
const way = choice(['input', 'output'] as const, 'Which of them');
const client = macAddress('Link-layer address of the mobile node');

/** Every `debug` command, its `undebug` and `no` forms, and `show debugging`. */
export const debugCommands: readonly ExecCommand[] = [
  ...rows.flatMap(({ words, help, flags, note }) => [
    toggle({ syntax: ['debug', ...words], help, action: (on) => switchFlags(flags, on, on ? note : undefined) }),
    exec({ syntax: ['undebug', ...words], help, action: () => switchFlags(flags, false) }),
  ]),
  toggle({
    syntax: ['debug', 'client', client],
    help: 'Everything about one mobile node',
    action: (on, mac) => switchClient(mac.toCiscoString(), on),
  }),
  exec({
    syntax: ['undebug', 'client', client],
    help: 'Everything about one mobile node',
    action: (mac) => switchClient(mac.toCiscoString(), false),
  }),
  toggle({
    syntax: ['debug', 'ip', 'cef', 'packet', interfaceName, way, 'rate', integer(0, 1_000_000, 'Packets a second')],
    help: 'Some of the packets of an interface, and what becomes of each',
    action: (on, link, which, rate) => switchPackets({ interface: link, way: which, rate }, on),
  }),
  exec({
    syntax: ['undebug', 'ip', 'cef', 'packet', interfaceName, way],
    help: 'Packets of an interface',
    action: (link, which) => switchPackets({ interface: link, way: which, rate: 0 }, false),
  }),
  toggle({
    syntax: ['debug', 'all'],
    help: 'Everything about everything',
    action: (on) => (on ? switchFlags(Object.keys(DEBUG_FLAGS) as DebugFlag[], true) : END),
  }),
  exec({ syntax: ['undebug', 'all'], help: 'End all debugging', action: () => END }),
  exec({
    syntax: ['show', 'debugging'],
    also: [['show', 'debug']],
    help: 'What is debugged',
    action: () => ({
      kind: 'inquiry',
      request: { request: 'debugging' },
      render: (result) => renderDebugging(result as DebugView),
    }),
  }),
  exec({
    syntax: ['terminal', 'monitor'],
    help: 'Show the log and what is debugged on this terminal',
    action: () => ({ kind: 'monitor', on: true }),
  }),
  exec({
    syntax: ['terminal', 'no', 'monitor'],
    help: 'Show the log and what is debugged elsewhere only',
    action: () => ({ kind: 'monitor', on: false }),
  }),
  toggle({
    syntax: ['monitor', 'protocol', optional(protocol)],
    help: 'Show signalling on this terminal, decoded field by field',
    action: (on) => ({
      kind: 'monitor',
      on,
      inquiry: {
        kind: 'inquiry',
        request: { request: 'debug', flags: ['mobile-packets'], on },
        render: () => (on ? PROTOCOL_SHOWN : ''),
      },
    }),
  }),
];

function switchFlags(flags: readonly DebugFlag[], on: boolean, note?: string): Action {
  const lines = flags.map((flag) => `${DEBUG_FLAGS[flag].name} debugging is ${on ? 'on' : 'off'}\n`);
  return {
    kind: 'inquiry',
    request: { request: 'debug', flags, on },
    render: () => `${lines.join('')}${note === undefined ? '' : `% ${note}\n`}`,
    ...(on && { watched: true as const }),
  };
}

function switchClient(mac: string, on: boolean): Action {
  return {
    kind: 'inquiry',
    request: { request: 'debug', mac, on },
    render: () => `Debugging of client ${mac} is ${on ? 'on' : 'off'}\n`,
    ...(on && { watched: true as const }),
  };
}

function switchPackets(packets: PacketDebugView, on: boolean): Action {
  return {
    kind: 'inquiry',
    request: { request: 'debug', packets, on },
    render: () => `${packetsText(packets, on)}\n`,
    ...(on && { watched: true as const }),
  };
}

function packetsText({ interface: link, way: which, rate }: PacketDebugView, on = true): string {
  return `CEF packet debugging of ${link} ${which} is ${on ? `on, ${rate} a second at most` : 'off'}`;
}

function renderDebugging({ flags, clients, packets }: DebugView): string {
  const groups = [...new Set(flags.map((flag) => DEBUG_FLAGS[flag].group))];
  const sections = groups.map((group) => {
    const named = flags.filter((flag) => DEBUG_FLAGS[flag].group === group);
    return `${group}:\n${named.map((flag) => `  ${DEBUG_FLAGS[flag].name} debugging is on\n`).join('')}`;
  });
  const nodes = clients.map((mac) => `  Debugging of client ${mac} is on\n`).join('');
  const links = packets.map((each) => `  ${packetsText(each)}\n`).join('');
  if (links !== '') sections.push(`Packets:\n${links}`);
  return [...sections, ...(nodes === '' ? [] : [`Mobile nodes:\n${nodes}`])].join('\n');
}
