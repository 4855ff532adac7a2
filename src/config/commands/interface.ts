import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { integer, ipv4Address, ipv6Prefix, name, netmask, restOfLine } from '../arguments.ts';
import type { Complaint } from '../command.ts';
import type { Configuration, InterfaceConfiguration } from '../model.ts';
import { Rows } from '../rows.ts';

/** Each message goes to each of them. */
const HELPERS = 8;

const rows = new Rows<InterfaceConfiguration>();

export const interfaceCommands = [
  rows.field({
    syntax: ['description', restOfLine('Text for the operator')],
    help: 'Describe the interface',
    field: 'description',
  }),
  rows.field({
    syntax: ['linux-interface', name('Name of the Linux interface', 15)],
    help: 'Say which Linux interface this is',
    field: 'linuxInterface',
  }),
  rows.field({
    syntax: ['encapsulation', 'dot1Q', integer(1, 4094, 'VLAN')],
    help: 'Tag the frames of the interface with a VLAN',
    field: 'vlan',
  }),
  rows.command({
    syntax: ['ip', 'address', ipv4Address('Address'), netmask('Netmask')],
    help: "Set the interface's IPv4 address",
    set: (target, address, length) => {
      target.ipv4Address = new Ipv4Prefix(address, length);
    },
    unset: (target) => {
      delete target.ipv4Address;
    },
    stored: ({ ipv4Address: held }) => (held ? [[held.address, held.length]] : []),
    review: (target, { configuration }, address) =>
      duplicate(target, configuration, (each) => each.ipv4Address?.address.equals(address) ?? false),
  }),
  rows.command({
    syntax: ['ipv6', 'address', ipv6Prefix('Address and prefix length')],
    help: 'Add an IPv6 address to the interface',
    set: (target, address) => {
      if (!target.ipv6Addresses.some((held) => held.equals(address))) target.ipv6Addresses.push(address);
    },
    unset: (target, address) => {
      target.ipv6Addresses = target.ipv6Addresses.filter((held) => address !== undefined && !held.equals(address));
    },
    stored: (target) => target.ipv6Addresses.map((address) => [address] as [typeof address]),
    review: (target, { configuration }, { address }) =>
      duplicate(target, configuration, (each) => each.ipv6Addresses.some((held) => held.address.equals(address))),
  }),
  rows.field({
    syntax: ['ip', 'tcp', 'adjust-mss', integer(500, 1460, 'Octets')],
    help: 'Set the largest segment of TCP connections over IPv4',
    field: 'tcpMss',
  }),
  rows.field({
    syntax: ['ipv6', 'tcp', 'adjust-mss', integer(40, 1454, 'Octets')],
    help: 'Set the largest segment of TCP connections over IPv6',
    field: 'ipv6TcpMss',
  }),
  rows.command({
    syntax: ['ip', 'helper-address', ipv4Address('Address of a DHCP server')],
    help: 'Relay DHCP to a server instead of serving it',
    refuse: ({ helperAddresses: held }, address) =>
      held.length < HELPERS || held.some((each) => each.equals(address))
        ? undefined
        : { argument: 0, message: `makes more than ${HELPERS} servers` },
    set: ({ helperAddresses: held }, address) => {
      if (!held.some((each) => each.equals(address))) held.push(address);
    },
    unset: (target, address) => {
      target.helperAddresses = target.helperAddresses.filter((held) => address !== undefined && !held.equals(address));
    },
    stored: ({ helperAddresses: held }) => held.map((address) => [address] as [typeof address]),
  }),
];

function duplicate(
  target: InterfaceConfiguration,
  { interfaces }: Configuration,
  hasIt: (other: InterfaceConfiguration) => boolean,
): Complaint | undefined {
  const other = interfaces.find((each) => each !== target && hasIt(each));
  return other && { argument: 0, message: `is an address of interface ${other.name} too` };
}
