import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { inSeconds } from '#base/time.ts';
import { integer, ipv4Address, ipv6Address, millisecondsBetween, name, secondsBetween } from '../arguments.ts';
import { optional } from '../command.ts';
import { lmaDefaults } from '../defaults.ts';
import type { LmaConfiguration, NetworkConfiguration } from '../model.ts';
import { domainNamed, ipv4PoolNamed, ipv6PoolNamed, notDefined } from '../references.ts';
import { Rows } from '../rows.ts';
import { lifetimeComplaint } from './lifetime.ts';
import { encapsulationCommand, replayProtectionCommand, revocationCommands } from './shared.ts';

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
  rows.command({
    syntax: [
      'heartbeat',
      'interval',
      secondsBetween(10, 3600, 'Seconds between heartbeats'),
      'retries',
      integer(1, 10, 'Heartbeats without an answer'),
    ],
    help: 'Watch the path to each MAG',
    set: (lma, interval, retries) => {
      lma.heartbeat = { interval, retries };
    },
    unset: (lma) => {
      delete lma.heartbeat;
    },
    stored: ({ heartbeat }) => (heartbeat ? [[heartbeat.interval, heartbeat.retries]] : []),
  }),
  rows.field({
    syntax: ['bce', 'maximum', integer(1, 4_000_000, 'Binding cache entries')],
    help: 'Limit the binding cache entries',
    default: String(lmaDefaults.bindingMaximum),
    field: 'bindingMaximum',
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
  }),
  rows.field({
    syntax: ['bce', 'delete-wait-time', millisecondsBetween(100, 65_535)],
    help: 'How long a binding is kept after its MAG gave it up (MinDelayBeforeBCEDelete)',
    default: String(lmaDefaults.deleteWait),
    field: 'deleteWait',
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
  rows.entry({
    syntax: ['network', name('Name of the network')],
    also: [['network-name', name('Name of the network')]],
    help: 'Describe a network and its pools',
    list: 'networks',
    create: (network) => ({ name: network }),
    values: (network) => [network.name],
    opens: 'lma-network',
  }),
  rows.entry({
    syntax: ['mag', name('Identifier of the MAG'), optional(name('Name of its domain'))],
    help: 'Describe a MAG that may register here',
    list: 'mags',
    create: (mag, domain) => ({ name: mag, ...(domain && { domain }), ipv4Addresses: [], ipv6Addresses: [] }),
    values: (mag) => (mag.domain === undefined ? [mag.name] : [mag.name, mag.domain]),
    opens: 'lma-mag',
  }),
];

const networkRows = new Rows<NetworkConfiguration, LmaConfiguration>();

export const networkCommands = [
  networkRows.command({
    syntax: ['pool', 'ipv4', name('Name of an IPv4 pool'), 'pfxlen', integer(8, 32, 'Prefix length of the network')],
    help: 'Choose the pool of IPv4 home addresses',
    set: (network, pool, prefixLength) => {
      network.ipv4Pool = { pool, prefixLength };
    },
    unset: (network) => {
      delete network.ipv4Pool;
    },
    stored: ({ ipv4Pool: held }) => (held ? [[held.pool, held.prefixLength]] : []),
    review: (_, { configuration }, pool, prefixLength) => {
      const found = ipv4PoolNamed(configuration, pool);
      if (!found) return notDefined(0, `IPv4 pool ${pool} is not defined (ip local pool ${pool} …)`);
      if (new Ipv4Prefix(found.low, prefixLength).contains(found.high)) return undefined;
      return { argument: 1, message: `pool ${pool}, ${found.low} to ${found.high}, does not fit into one such prefix` };
    },
  }),
  networkRows.command({
    syntax: ['pool', 'ipv6', name('Name of an IPv6 pool'), 'pfxlen', integer(1, 128, 'Prefix length of the network')],
    help: 'Choose the pool of IPv6 home network prefixes',
    set: (network, pool, prefixLength) => {
      network.ipv6Pool = { pool, prefixLength };
    },
    unset: (network) => {
      delete network.ipv6Pool;
    },
    stored: ({ ipv6Pool: held }) => (held ? [[held.pool, held.prefixLength]] : []),
    review: (_, { configuration }, pool, prefixLength) => {
      const found = ipv6PoolNamed(configuration, pool);
      if (!found) return notDefined(0, `IPv6 pool ${pool} is not defined (ipv6 local pool ${pool} …)`);
      if (prefixLength === found.prefix.length || prefixLength === found.assignedLength) return undefined;
      return {
        argument: 1,
        message: `pool ${pool} assigns prefixes of length ${found.assignedLength} out of ${found.prefix}; those lengths hold`,
      };
    },
  }),
  networkRows.field({
    syntax: ['default-router', ipv4Address('Address')],
    help: 'Set the IPv4 gateway of the mobile nodes',
    default: 'the last usable address of the prefix',
    field: 'defaultRouter',
    review: (network, { configuration }, address) => {
      const pool = network.ipv4Pool && ipv4PoolNamed(configuration, network.ipv4Pool.pool);
      if (!network.ipv4Pool) return { message: 'has no effect without pool ipv4' };
      if (!pool) return undefined;
      if (!new Ipv4Prefix(pool.low, network.ipv4Pool.prefixLength).contains(address))
        return { argument: 0, message: `is outside the prefix of pool ${pool.name}` };
      const given = pool.low.word >>> 0 <= address.word >>> 0 && address.word >>> 0 <= pool.high.word >>> 0;
      return given
        ? { argument: 0, message: `is inside pool ${pool.name}; it is never given to a mobile node` }
        : undefined;
    },
  }),
];
