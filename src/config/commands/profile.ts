import { choice, integer, macAddress, name } from '../arguments.ts';
import type { DomainConfiguration, ProfileConfiguration } from '../model.ts';
import { lmasOfDomain, notDefined } from '../references.ts';
import { Rows } from '../rows.ts';

const rows = new Rows<ProfileConfiguration, DomainConfiguration>();
const greKey = integer(1, 0xffff_ffff, 'GRE key');

export const profileCommands = [
  rows.field({ syntax: ['apn', name('Access point name')], help: 'Set the access point name', field: 'apn' }),
  rows.field({
    syntax: ['lma', name('Identifier of an LMA of the domain')],
    help: 'Choose the LMA',
    field: 'lma',
    review: (_, { configuration, parent: domain }, lma) => {
      const known = [...domain.lmas, ...lmasOfDomain(configuration, domain.name)].some((each) => each.name === lma);
      if (known || domain.loadFromAaa) return undefined;
      return notDefined(0, `LMA ${lma} is not defined in domain ${domain.name}`);
    },
  }),
  rows.command({
    syntax: [
      'int',
      'att',
      choice(['virtual', 'ppp', 'ethernet', 'gigabitethernet', 'wlan', 'wimax'], 'Access technology of the interface'),
      'l2-addr',
      macAddress('Hardware address of the mobile node'),
    ],
    help: 'Say by which interface the mobile node is recognised',
    set: (profile, accessTechnology, mac) => {
      profile.interface = { accessTechnology, mac };
    },
    unset: (profile) => {
      delete profile.interface;
    },
    stored: ({ interface: held }) => (held ? [[held.accessTechnology, held.mac]] : []),
    review: (profile, { parent: domain }, _, mac) => {
      const other = domain.profiles.find((each) => each !== profile && each.interface?.mac.equals(mac));
      return other && { argument: 1, message: `is the hardware address of ${other.nai} too` };
    },
  }),
  rows.field({
    syntax: ['gre-encap-key', 'up', greKey],
    help: 'Set the GRE key of packets to the LMA',
    field: 'greKeyUp',
  }),
  rows.field({
    syntax: ['gre-encap-key', 'down', greKey],
    help: 'Set the GRE key of packets from the LMA',
    field: 'greKeyDown',
  }),
  rows.flag({
    syntax: ['multi-homed'],
    also: [['multihomed']],
    help: 'Let the mobile node attach by several interfaces at once',
    field: 'multihomed',
  }),
  rows.field({
    syntax: ['local-routing-mag', choice(['permit', 'deny'], 'Whether it may')],
    help: 'Say for this mobile node whether it reaches others of its MAG without the LMA',
    default: 'as the MAG or the AAA server says',
    field: 'localRouting',
  }),
  rows.field({
    syntax: ['service', choice(['ipv4', 'ipv6', 'dual'], 'Kinds of address')],
    help: 'Choose what the mobile node gets: an IPv4 address, an IPv6 prefix, or both',
    default: 'ipv4',
    field: 'service',
    review: (_, { configuration }, service) =>
      service !== 'ipv4' && configuration.ipv6UnicastRouting === false
        ? { argument: 0, message: 'has IPv6 packets, which "no ipv6 unicast-routing" keeps from being forwarded' }
        : undefined,
  }),
  rows.field({
    syntax: ['network', name('Name of a network of the LMA')],
    also: [['network-name', name('Name of a network of the LMA')]],
    help: 'Choose the network whose pools serve the mobile node',
    field: 'network',
    review: (_, { configuration, parent: domain }, network) => {
      const lmas = lmasOfDomain(configuration, domain.name);
      const known = lmas.length === 0 || lmas.some((lma) => lma.networks.some((each) => each.name === network));
      return known ? undefined : notDefined(0, `network ${network} is not defined at any LMA here`);
    },
  }),
];
