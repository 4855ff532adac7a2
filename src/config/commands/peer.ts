import { choice, ipv4Address, ipv6Address, name } from '../arguments.ts';
import type { PeerConfiguration } from '../model.ts';
import { vrfComplaint } from '../references.ts';
import { Rows } from '../rows.ts';
import { authenticationCommand, ecnCommand, encapsulationCommand, signallingCommand } from './shared.ts';

const rows = new Rows<PeerConfiguration>();

/** Common commands; both address commands may be repeated. */
export const peerCommands = [
  rows.command({
    syntax: ['ipv4-address', ipv4Address('Address')],
    help: 'Add an IPv4 address of the peer',
    set: ({ ipv4Addresses: held }, address) => {
      if (!held.some((each) => each.equals(address))) held.push(address);
    },
    unset: (peer, address) => {
      peer.ipv4Addresses = peer.ipv4Addresses.filter((each) => address !== undefined && !each.equals(address));
    },
    stored: (peer) => peer.ipv4Addresses.map((address) => [address] as [typeof address]),
  }),
  rows.command({
    syntax: ['ipv6-address', ipv6Address('Address')],
    help: 'Add an IPv6 address of the peer',
    set: ({ ipv6Addresses: held }, address) => {
      if (!held.some((each) => each.equals(address))) held.push(address);
    },
    unset: (peer, address) => {
      peer.ipv6Addresses = peer.ipv6Addresses.filter((each) => address !== undefined && !each.equals(address));
    },
    stored: (peer) => peer.ipv6Addresses.map((address) => [address] as [typeof address]),
  }),
  encapsulationCommand(),
  ecnCommand(),
  authenticationCommand(),
  signallingCommand(),
  rows.field({
    syntax: ['interop', choice(['tolerant', 'cisco'], 'How messages of the peer are read and answered')],
    help: 'Understand a peer that does not speak as the RFCs say',
    default: 'as the RFCs say',
    field: 'interop',
  }),
];

/** Commands under `mag` of an LMA. */
export const lmaMagCommands = [
  ...peerCommands,
  rows.command({
    syntax: ['bri', 'global'],
    help: 'Let the MAG end all its bindings by one message',
    set: (mag) => {
      mag.globalRevocation = true;
    },
    unset: (mag) => {
      delete mag.globalRevocation;
    },
    stored: ({ globalRevocation }) => (globalRevocation ? [[]] : []),
  }),
];

/** Commands under `lma` of a MAG. */
export const magLmaCommands = [
  ...peerCommands,
  rows.field({
    syntax: ['vrfid', name('Name of a VRF', 32)],
    help: 'Choose the VRF in which the LMA is reached',
    field: 'vrf',
    review: (_, { configuration }, vrf) => vrfComplaint(configuration, vrf, 0),
  }),
];
