import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { ipv4Address, ipv6Address, macAddress, name } from '../arguments.ts';
import type { Complaint } from '../command.ts';
import type { DomainConfiguration, NodeConfiguration } from '../model.ts';
import { Rows } from '../rows.ts';
import { domainMobileMapCommand } from './multipath.ts';
import {
  authenticationCommand,
  encapsulationCommand,
  localRoutingCommand,
  replayProtectionCommand,
  signallingCommand,
} from './shared.ts';

const rows = new Rows<DomainConfiguration>();

export const domainCommands = [
  rows.field({
    syntax: ['fixed-link-local-address', ipv6Address('Link-local address')],
    help: 'Set the link-local address of every MAG towards the mobile nodes (:: has the LMA choose)',
    default: 'fe80::200:5eff:fe00:5213',
    field: 'fixedLinkLocal',
    refuse: (_, address) =>
      address.isLinkLocal || address.isUnspecified
        ? undefined
        : { argument: 0, message: 'is not a link-local address (fe80::/10), nor :: to have the LMA choose' },
  }),
  rows.field({
    syntax: ['fixed-link-layer-address', macAddress('Hardware address')],
    help: 'Set the hardware address of every MAG towards the mobile nodes',
    default: '0000.5e00.5213',
    field: 'fixedLinkLayer',
    refuse: (_, address) =>
      address.isMulticast || address.isZero ? { argument: 0, message: 'cannot be the address of one node' } : undefined,
  }),
  replayProtectionCommand(),
  authenticationCommand(),
  signallingCommand(),
  encapsulationCommand(),
  localRoutingCommand(),
  rows.flag({
    syntax: ['mn-profile-load-aaa'],
    help: 'Ask the AAA server for profiles of mobile nodes',
    field: 'profilesFromAaa',
  }),
  domainMobileMapCommand,
  rows.entry({
    syntax: ['lma', name('Identifier of the LMA')],
    help: 'Describe an LMA of the domain',
    list: 'lmas',
    create: (lma) => ({ name: lma }),
    values: (lma) => [lma.name],
    opens: 'domain-lma',
  }),
  rows.entry({
    syntax: ['mag', name('Identifier of the MAG')],
    help: 'Describe a MAG of the domain',
    list: 'mags',
    create: (mag) => ({ name: mag }),
    values: (mag) => [mag.name],
    opens: 'domain-mag',
  }),
  rows.entry({
    syntax: ['nai', name('Network access identifier', 253)],
    help: 'Describe a mobile node, or a profile for those that have none',
    list: 'profiles',
    create: (nai) => ({ nai, multihomed: false }),
    values: (profile) => [profile.nai],
    opens: 'profile',
  }),
];

const nodeRows = new Rows<NodeConfiguration, DomainConfiguration>();

/** Commands under `lma` and `mag` of a domain. */
export const domainNodeCommands = [
  nodeRows.field({
    syntax: ['ipv4-address', ipv4Address('Address')],
    help: 'Set the IPv4 address of the node',
    field: 'ipv4Address',
    review: (node, { parent }, address) => duplicate(node, parent, address, ({ ipv4Address: other }) => other),
  }),
  nodeRows.field({
    syntax: ['ipv6-address', ipv6Address('Address')],
    help: 'Set the IPv6 address of the node',
    field: 'ipv6Address',
    review: (node, { parent }, address) => duplicate(node, parent, address, ({ ipv6Address: other }) => other),
  }),
];

/** One box may be LMA and MAG at once; two LMAs or two MAGs cannot share an address. */
function duplicate(
  node: NodeConfiguration,
  { lmas, mags }: DomainConfiguration,
  address: Ipv4Address | Ipv6Address,
  addressOf: (node: NodeConfiguration) => Ipv4Address | Ipv6Address | undefined,
): Complaint | undefined {
  const peers = lmas.includes(node) ? lmas : mags;
  const other = peers.find((each) => each !== node && String(addressOf(each)) === String(address));
  return other && { argument: 0, message: `is the address of ${other.name} too` };
}
