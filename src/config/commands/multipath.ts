import { integer, millisecondsBetween, name } from '../arguments.ts';
import { type AnyCommand, optional } from '../command.ts';
import { interfaceName } from '../interface-name.ts';
import { linkTypes } from '../list-arguments.ts';
import type { Configuration, DomainConfiguration } from '../model.ts';
import type {
  DynamicAddressConfiguration,
  HybridAccessConfiguration,
  MobileMapConfiguration,
  MobileMapReference,
  TrafficProfileConfiguration,
} from '../multipath.ts';
import { accessListComplaint, domainNamed, notDefined } from '../references.ts';
import { Rows } from '../rows.ts';
import { ecnCommand } from './shared.ts';

const SEQUENCE = integer(1, 255, 'Sequence number');

/** `mobile-map` of a domain. */
export const domainMobileMapCommand: AnyCommand = new Rows<DomainConfiguration>().entry({
  syntax: ['mobile-map', name('Name of the map'), SEQUENCE],
  help: 'Describe over which links packets of an application go',
  list: 'mobileMaps',
  keys: 2,
  create: (map, sequence) => ({ name: map, sequence }),
  values: (map) => [map.name, map.sequence],
  opens: 'mobile-map',
});

const mapRows = new Rows<MobileMapConfiguration, DomainConfiguration>();

export const mobileMapCommands = [
  mapRows.field({
    syntax: ['match', 'access-list', name('Name of an access list')],
    help: 'Say by which access list the packets are known',
    field: 'accessList',
    review: (_, { configuration }, list) => accessListComplaint(configuration, list),
  }),
  mapRows.field({
    syntax: ['set', 'link-type', linkTypes('Label of a link, the preferred first')],
    help: 'Choose the links',
    field: 'linkTypes',
  }),
  mapRows.field({
    syntax: ['traffic-profile', name('Name of a profile of mobility-service hybrid-access')],
    help: 'Choose the links by what the application needs',
    field: 'trafficProfile',
    review: (_, { configuration }, profile) => {
      const profiles = configuration.mags.flatMap(({ hybridAccess }) => hybridAccess?.profiles ?? []);
      const known = profiles.some((each) => each.name === profile);
      return known ? undefined : notDefined(0, `profile-definition ${profile} is not defined at any MAG here`);
    },
  }),
];

interface MultipathTarget {
  domain: string;
  multipath: boolean;
  mobileMap?: MobileMapReference;
  tunnelMtu?: number;
  tunnelAccessList?: string;
}

/** Commands for several paths and for tunnels, of an LMA or a MAG. */
export function multipathCommands(): AnyCommand[] {
  const rows = new Rows<MultipathTarget>();
  return [
    rows.flag({ syntax: ['multipath'], help: 'Use several paths at once', field: 'multipath' }),
    rows.command({
      syntax: ['mobile-map', name('Name of a mobile map of the domain'), optional(SEQUENCE)],
      help: 'Choose the mobile map',
      set: (target, map, sequence) => {
        target.mobileMap = { name: map, ...(sequence !== undefined && { sequence }) };
      },
      unset: (target) => {
        delete target.mobileMap;
      },
      stored: ({ mobileMap: held }) => (held ? [[held.name, held.sequence]] : []),
      review: ({ domain }, { configuration }, map) => mobileMapComplaint(configuration, domain, map),
    }),
    rows.field({
      syntax: ['tunnel', 'mtu', integer(68, 17_916, 'Octets')],
      help: 'Set the largest packet in a tunnel',
      field: 'tunnelMtu',
      review: (_, _context, mtu) =>
        mtu < IPV6_MINIMUM_MTU
          ? { argument: 0, message: `is below ${IPV6_MINIMUM_MTU}, the least for IPv6` }
          : undefined,
    }),
    ecnCommand(),
    rows.field({
      syntax: ['tunnel', 'acl', name('Name of an access list')],
      help: 'Choose the access list for packets in tunnels',
      field: 'tunnelAccessList',
      review: (_, { configuration }, list) => accessListComplaint(configuration, list),
    }),
  ];
}

const IPV6_MINIMUM_MTU = 1280;

export const dynamicAddressCommands = [
  new Rows<DynamicAddressConfiguration>().entry({
    syntax: [
      'roaming',
      'interface',
      interfaceName,
      optional(
        'priority',
        integer(1, 255, 'Priority, 1 the highest'),
        'egress-att',
        name('Access technology: LTE, 3G, WLAN, …'),
        'label',
        name('Label for mobile maps'),
      ),
    ],
    help: 'Register with the address of this interface',
    list: 'roamingInterfaces',
    create: (interfaceName, priority, accessTechnology, label) => ({
      name: interfaceName,
      ...(priority !== undefined &&
        accessTechnology !== undefined &&
        label !== undefined && { egress: { priority, accessTechnology, label } }),
    }),
    values: ({ name: interfaceName, egress }) =>
      egress ? [interfaceName, egress.priority, egress.accessTechnology, egress.label] : [interfaceName],
  }),
];

export const hybridAccessCommands = [
  new Rows<HybridAccessConfiguration>().entry({
    syntax: ['profile-definition', name('Name of the profile')],
    help: 'Describe what an application needs of a link',
    list: 'profiles',
    create: (profile) => ({ name: profile }),
    values: (profile) => [profile.name],
    opens: 'traffic-profile',
  }),
];

const profileRows = new Rows<TrafficProfileConfiguration>();

export const trafficProfileCommands = [
  profileRows.field({
    syntax: ['jitter', millisecondsBetween(0, 65_535)],
    help: 'Set the largest jitter',
    field: 'jitter',
  }),
  profileRows.field({
    syntax: ['rtt', millisecondsBetween(0, 65_535)],
    help: 'Set the longest round-trip time',
    field: 'roundTripTime',
  }),
  profileRows.field({
    syntax: ['packet-loss', integer(0, 100, 'Percent')],
    help: 'Set the largest loss of packets',
    field: 'packetLoss',
  }),
];

function mobileMapComplaint(configuration: Configuration, domain: string, map: string) {
  const maps = domainNamed(configuration, domain)?.mobileMaps;
  if (!maps || maps.some((each) => each.name === map)) return undefined;
  return notDefined(0, `mobile map ${map} is not defined in domain ${domain}`);
}
