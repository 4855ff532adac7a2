/** The interfaces of a network namespace, by rtnetlink. */
import { MacAddress } from '#base/mac-address.ts';
import { attributesOf, type Netlink } from './netlink.ts';
import { dumpOf } from './netlink-values.ts';

/** Octets of struct ifinfomsg. */
export const IFINFOMSG = 16;
export const RTM_GETLINK = 18;
export const IFLA_IFNAME = 3;
export const IFLA_MTU = 4;
export const IFLA_LINKINFO = 18;
export const IFLA_INFO_KIND = 1;
const IFLA_ADDRESS = 1;
const IFLA_MASTER = 10;
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

export interface Link {
  readonly index: number;
  readonly name: string;
  readonly flags: number;
  readonly mac: MacAddress | undefined;
  readonly mtu: number;
  /** Whether its frames are those of Ethernet, or of the loopback, which look the same. */
  readonly isEthernet: boolean;
  /** Index of the interface that it is a part of, as of a bridge, a bond or a VRF; 0 for none. */
  readonly master: number;
  readonly isVrf: boolean;
}

export function links(netlink: Netlink): Link[] {
  const found: Link[] = [];
  netlink.dump(dumpOf('links', RTM_GETLINK, IFINFOMSG, 0), (message) => {
    const attributes = attributesOf(message, IFINFOMSG);
    const name = attributes.get(IFLA_IFNAME);
    const mac = attributes.get(IFLA_ADDRESS);
    found.push({
      index: message.readInt32LE(4),
      name: name ? name.toString('utf8', 0, name.length - 1) : '',
      flags: message.readUInt32LE(8),
      mac: mac?.length === 6 ? MacAddress.read(mac) : undefined,
      mtu: attributes.get(IFLA_MTU)?.readUInt32LE(0) ?? 0,
      isEthernet: [ARPHRD_ETHER, ARPHRD_LOOPBACK].includes(message.readUInt16LE(2)),
      master: attributes.get(IFLA_MASTER)?.readUInt32LE(0) ?? 0,
      isVrf: isVrf(attributes.get(IFLA_LINKINFO)),
    });
  });
  return found;
}

function isVrf(information: Buffer | undefined): boolean {
  const kind = information && attributesOf(information, 0).get(IFLA_INFO_KIND);
  return kind?.toString('utf8', 0, 4) === 'vrf\0';
}
