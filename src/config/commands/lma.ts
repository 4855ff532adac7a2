import { inSeconds, milliseconds } from '#base/time.ts';
import { integer, ipv4Address, ipv6Address, millisecondsBetween, name, secondsBetween } from '../arguments.ts';
import { optional } from '../command.ts';
import { lmaDefaults } from '../defaults.ts';
import { interfaceName } from '../interface-name.ts';
import type { LmaConfiguration } from '../model.ts';
import { domainNamed, notDefined } from '../references.ts';
import { part, Rows } from '../rows.ts';
import { lifetimeComplaint } from './lifetime.ts';
import { multipathCommands } from './multipath.ts';
import { encapsulationCommand, heartbeatCommand, replayProtectionCommand, revocationCommands } from './shared.ts';

const rows = new Rows<LmaConfiguration>();

export const lmaCommands = [
  rows.field({
    syntax: ['address', 'ipv4', ipv4Address('Address')],
    help: 'Set the IPv4 address of the LMA',
    field: 'ipv4Address',
  }),
  rows.field({
    syntax: ['address', 'ipv6', ipv6Address('Address')],
    help: 'Set the IPv6 address of the LMA',
    field: 'ipv6Address',
  }),
  rows.field({
    syntax: ['hnp', 'maximum', integer(1, 3, 'Home network prefixes')],
    help: 'Limit the home network prefixes of an interface of a mobile node',
    default: String(lmaDefaults.prefixMaximum),
    field: 'prefixMaximum',
  }),
  heartbeatCommand(),
  rows.field({
    syntax: ['bce', 'maximum', integer(1, 4_000_000, 'Binding cache entries')],
    help: 'Limit the binding cache entries',
    default: String(lmaDefaults.bindingMaximum),
    field: 'bindingMaximum',
  }),
  rows.command({
    syntax: [
      'pbu',
      'rate-limit',
      integer(1, 1_000_000, 'Proxy Binding Updates a second'),
      optional('burst', integer(1, 4_000_000, 'Proxy Binding Updates at once')),
    ],
    help: 'Limit the Proxy Binding Updates that each MAG is served',
    default: `${lmaDefaults.updateRate.perSecond} burst ${lmaDefaults.updateRate.burst}`,
    set: (lma, perSecond, burst) => {
      lma.updateRate = { perSecond, ...(burst !== undefined && { burst }) };
    },
    unset: (lma) => {
      delete lma.updateRate;
    },
    stored: ({ updateRate }) => (updateRate ? [[updateRate.perSecond, updateRate.burst]] : []),
  }),
  rows.field({
    syntax: ['bce', 'lifetime', secondsBetween(10, 65_535)],
    help: 'Longest lifetime that is granted to a binding',
    default: String(inSeconds(lmaDefaults.maximumLifetime)),
    field: 'maximumLifetime',
    review: (_, _context, value) => lifetimeComplaint(value),
  }),
  rows.field({
    syntax: ['bce', 'refresh-time', secondsBetween(4, 65_000)],
    help: 'Time after which a MAG is to refresh its binding',
    default: String(inSeconds(lmaDefaults.refreshTime)),
    field: 'refreshTime',
    review: (_, _context, value) => lifetimeComplaint(value),
  }),
  rows.field({
    syntax: ['bce', 'delete-wait-time', millisecondsBetween(1, 65_535)],
    help: 'How long a binding is kept after its MAG gave it up (MinDelayBeforeBCEDelete)',
    default: String(lmaDefaults.deleteWait),
    field: 'deleteWait',
    review: (_, _context, value) =>
      value < LEAST_WAIT ? { argument: 0, message: 'is milliseconds, and short for a handover' } : undefined,
  }),
  rows.field({
    syntax: ['bce', 'create-wait-time', millisecondsBetween(100, 65_535)],
    help: 'How long the old MAG may take to give a binding up (MaxDelayBeforeNewBCEAssign)',
    default: String(lmaDefaults.createWait),
    field: 'createWait',
  }),
  replayProtectionCommand(),
  ...revocationCommands(lmaDefaults.bri),
  encapsulationCommand(),
  rows.flag({
    syntax: ['dynamic', 'mag', 'learning'],
    help: 'Serve MAGs that are not configured',
    field: 'dynamicMagLearning',
  }),
  rows.flag({
    syntax: ['enable', 'aaa', 'accounting'],
    help: 'Report what mobile nodes use to the AAA server',
    field: 'accounting',
  }),
  rows.flag({
    syntax: ['enable', 'aaa', 'authorization'],
    help: 'Ask the AAA server before a mobile node gets a session',
    field: 'authorization',
  }),
  rows.flag({
    syntax: ['generate', 'grekey'],
    help: 'Make GRE keys for mobile nodes',
    field: 'generateGreKey',
  }),
  rows.field({
    syntax: ['dscp', 'control-plane', integer(1, 63, 'Code point')],
    help: 'Set the DSCP of signalling messages',
    field: 'dscp',
  }),
  rows.field({
    syntax: ['default', 'profile', name('NAI of a profile of the domain', 253)],
    help: 'Choose the profile of mobile nodes that have none',
    field: 'defaultProfile',
    review: (lma, { configuration }, profile) => {
      const domain = domainNamed(configuration, lma.domain);
      if (!domain || domain.profiles.some((each) => each.nai === profile)) return undefined;
      return notDefined(0, `profile ${profile} is not defined in domain ${lma.domain}`);
    },
  }),
  ...multipathCommands(),
  rows.entry({
    syntax: ['interface', interfaceName],
    help: 'Say which interface leads to the correspondent nodes',
    list: 'interfaces',
    create: (interfaceName) => ({ name: interfaceName }),
    values: (entry) => [entry.name],
  }),
  part<LmaConfiguration, 'role3gma'>({
    syntax: ['role', '3gma'],
    help: 'Serve packet gateways as a 3G mobility anchor',
    field: 'role3gma',
    create: () => ({ interfaces: [], priorities: [] }),
    opens: 'lma-role',
    review: ({ role3gma }) =>
      role3gma?.interfaces.length === 0 ? { message: 'needs at least one interface' } : undefined,
  }),
  rows.entry({
    syntax: ['network', name('Name of the network')],
    also: [['network-name', name('Name of the network')]],
    help: 'Describe a network and its pools',
    list: 'networks',
    create: (network) => ({ name: network, ipv4MobileNetworks: [], ipv6MobileNetworks: [] }),
    values: (network) => [network.name],
    opens: 'lma-network',
  }),
  rows.entry({
    syntax: ['mag', name('Identifier of the MAG'), optional(name('Name of its domain'))],
    help: 'Describe a MAG that may register here',
    list: 'mags',
    create: (mag, domain) => ({
      name: mag,
      ...(domain && { domain }),
      ipv4Addresses: [],
      ipv6Addresses: [],
      signallingIpsec: false,
    }),
    values: (mag) => (mag.domain === undefined ? [mag.name] : [mag.name, mag.domain]),
    opens: 'lma-mag',
  }),
  part<LmaConfiguration, 'localLoop'>({
    syntax: ['mobility-service', 'mobile-local-loop'],
    help: 'Serve customers with a VRF each',
    field: 'localLoop',
    create: () => ({ customers: [] }),
    opens: 'lma-local-loop',
  }),
];

/** Shorter ones are likely meant as seconds, which a guide gives by mistake. */
const LEAST_WAIT = milliseconds(100);
