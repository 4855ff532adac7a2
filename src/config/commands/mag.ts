import { inSeconds } from '#base/time.ts';
import { choice, integer, ipv4Address, ipv6Address, name, secondsBetween, socketPath } from '../arguments.ts';
import { optional } from '../command.ts';
import { magDefaults } from '../defaults.ts';
import { interfaceName } from '../interface-name.ts';
import type { MagConfiguration, MagInterfaceConfiguration } from '../model.ts';
import { domainNamed, notDefined } from '../references.ts';
import { retransmissionsOf, retransmissionWait, unitComplaint } from '../retransmission.ts';
import { part, Rows } from '../rows.ts';
import { lifetimeComplaint, refreshTimeComplaint } from './lifetime.ts';
import { multipathCommands } from './multipath.ts';
import {
  encapsulationCommand,
  heartbeatCommand,
  localRoutingCommand,
  replayProtectionCommand,
  revocationCommands,
} from './shared.ts';

const rows = new Rows<MagConfiguration>();
const pollInterval = secondsBetween(1, 65_535, 'Seconds between two questions to a mobile node');
const answerTimeout = secondsBetween(1, 65_535, 'Seconds to wait for the answer');
const bindings = integer(1, 4_000_000, 'Bindings');

export const magCommands = [
  rows.field({
    syntax: ['role', choice(['3gpp', 'lte', 'wimax', 'wlan'], 'Kind of access network')],
    help: 'Set the role of the MAG',
    field: 'role',
    review: (mag, { configuration }, role) => {
      if (role !== '3gpp' || mag.apn !== undefined) return undefined;
      const without = domainNamed(configuration, mag.domain)?.profiles.filter((profile) => profile.apn === undefined);
      if (!without || without.length === 0) return undefined;
      const names = without.map((profile) => profile.nai).join(', ');
      return { argument: 0, message: `role 3gpp needs an access point name, and neither the MAG nor ${names} has one` };
    },
  }),
  rows.field({ syntax: ['apn', name('Access point name')], help: 'Set the access point name', field: 'apn' }),
  localRoutingCommand(),
  rows.command({
    syntax: [
      'discover-mn-detach',
      optional(
        'poll',
        'interval',
        pollInterval,
        'timeout',
        answerTimeout,
        optional('retries', integer(1, 255, 'Questions without an answer')),
      ),
    ],
    also: [['discover-mn-detach', pollInterval, answerTimeout]],
    help: 'Ask silent mobile nodes whether they are still attached',
    default: 'off; alone, after 10 seconds, for an answer within 2',
    set: (mag, interval, timeout, retries) => {
      const { pollInterval, timeout: answer, retries: questions } = magDefaults.detection;
      mag.detection = {
        pollInterval: interval ?? pollInterval,
        timeout: timeout ?? answer,
        retries: retries ?? questions,
      };
    },
    unset: (mag) => {
      delete mag.detection;
    },
    stored: ({ detection: held }) => (held ? [[held.pollInterval, held.timeout, held.retries]] : []),
  }),
  rows.field({
    syntax: ['address', 'ipv4', ipv4Address('Address')],
    help: 'Set the IPv4 address of the MAG',
    field: 'ipv4Address',
  }),
  rows.field({
    syntax: ['address', 'ipv6', ipv6Address('Address')],
    help: 'Set the IPv6 address of the MAG',
    field: 'ipv6Address',
  }),
  rows.flag({
    syntax: ['sessionmgr'],
    help: 'Take session events from access points and controllers',
    field: 'sessionManager',
  }),
  rows.field({
    syntax: ['binding', 'maximum', bindings],
    also: [['bce', 'maximum', bindings]],
    help: 'Limit the bindings',
    default: String(magDefaults.bindingMaximum),
    field: 'bindingMaximum',
  }),
  rows.field({
    syntax: ['binding', 'lifetime', secondsBetween(10, 65_535)],
    help: 'Lifetime that is asked for a binding',
    default: String(inSeconds(magDefaults.lifetime)),
    field: 'lifetime',
    review: (_, _context, value) => lifetimeComplaint(value),
  }),
  rows.field({
    syntax: ['binding', 'refresh-time', secondsBetween(4, 65_535)],
    help: 'Time after which a binding is refreshed',
    default: String(inSeconds(magDefaults.refreshTime)),
    field: 'refreshTime',
    review: (mag, _, value) => refreshTimeComplaint(value, mag.lifetime ?? magDefaults.lifetime),
  }),
  rows.field({
    syntax: ['binding', 'init-retx-time', retransmissionWait],
    help: 'First wait for the answer to a Proxy Binding Update',
    default: String(magDefaults.retransmitInitial),
    field: 'initRetransmission',
    review: (mag, _, value) => {
      const { retransmitInitial, retransmitMaximum } = retransmissionsOf(mag);
      const isAbove = retransmitInitial > retransmitMaximum;
      return isAbove
        ? { argument: 0, message: `is above binding max-retx-time, ${retransmitMaximum}` }
        : unitComplaint(value);
    },
  }),
  rows.field({
    syntax: ['binding', 'max-retx-time', retransmissionWait],
    help: 'Longest wait for the answer to a Proxy Binding Update',
    default: String(magDefaults.retransmitMaximum),
    field: 'maxRetransmission',
    review: (_mag, _, value) => unitComplaint(value),
  }),
  replayProtectionCommand(),
  ...revocationCommands(magDefaults.bri),
  heartbeatCommand(),
  encapsulationCommand(),
  rows.flag({
    syntax: ['generate', 'grekey'],
    help: 'Make GRE keys for mobile nodes',
    field: 'generateGreKey',
  }),
  ...multipathCommands(),
  part<MagConfiguration, 'dynamicAddress'>({
    syntax: ['address', 'dynamic'],
    help: 'Register with the addresses of roaming interfaces',
    field: 'dynamicAddress',
    create: () => ({ roamingInterfaces: [] }),
    opens: 'mag-dynamic-address',
  }),
  rows.entry({
    syntax: ['interface', interfaceName],
    help: 'Serve the mobile nodes on an interface',
    list: 'interfaces',
    create: (interfaceName) => ({ name: interfaceName, accessPoints: [] }),
    values: (entry) => [entry.name],
    opens: 'mag-interface',
    review: (_, { configuration }, name) => {
      const known = configuration.interfaces.some((each) => each.name === name && each.linuxInterface !== undefined);
      if (known || !/^[A-Z]/.test(name)) return undefined;
      return {
        argument: 0,
        message: `no Linux interface is known for ${name} (interface ${name}, then linux-interface NAME)`,
      };
    },
  }),
  rows.entry({
    syntax: ['lma', name('Identifier of the LMA'), optional(name('Name of its domain'))],
    help: 'Describe an LMA',
    list: 'lmas',
    create: (lma, domain) => ({
      name: lma,
      ...(domain && { domain }),
      ipv4Addresses: [],
      ipv6Addresses: [],
      signallingIpsec: false,
    }),
    values: (lma) => (lma.domain === undefined ? [lma.name] : [lma.name, lma.domain]),
    opens: 'mag-lma',
  }),
  part<MagConfiguration, 'hybridAccess'>({
    syntax: ['mobility-service', 'hybrid-access'],
    help: 'Choose links by what applications need',
    field: 'hybridAccess',
    create: () => ({ profiles: [] }),
    opens: 'mag-hybrid-access',
  }),
];

const interfaceRows = new Rows<MagInterfaceConfiguration, MagConfiguration>();

export const magInterfaceCommands = [
  interfaceRows.field({
    syntax: ['enable', 'pmipv6', 'default', name('NAI of a profile of the domain', 253)],
    help: 'Choose the profile of mobile nodes that have none',
    field: 'defaultProfile',
    review: (_, { configuration, parent: mag }, profile) => {
      const domain = domainNamed(configuration, mag.domain);
      if (!domain || domain.profiles.some((each) => each.nai === profile)) return undefined;
      return notDefined(0, `profile ${profile} is not defined in domain ${mag.domain}`);
    },
  }),
  interfaceRows.entry({
    syntax: ['hostapd', 'control-interface', socketPath('Unix socket of hostapd, such as /run/hostapd/wlan0')],
    help: 'Learn from an access point behind the interface which stations come and go',
    list: 'accessPoints',
    create: (controlInterface) => ({ controlInterface }),
    values: ({ controlInterface }) => [controlInterface],
  }),
];
