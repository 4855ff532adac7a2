/** The rtnetlink requests that a data plane makes. */
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import {
  attributesOf,
  type Netlink,
  type NetlinkAttribute,
  type NetlinkRequest,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLM_F_REPLACE,
} from './netlink.ts';
import { IFINFOMSG, IFLA_IFNAME, IFLA_INFO_KIND, IFLA_LINKINFO, IFLA_MTU, RTM_GETLINK } from './netlink-links.ts';
import { type OurRule, ourRules } from './netlink-rules.ts';
import {
  ADDRESS_METRIC,
  CONFIGURED_PROTOCOL,
  dumpOf,
  familyOf,
  type IpAddress,
  type Removable,
  ROUTE_PROTOCOL,
  RTMSG,
  readAddress,
} from './netlink-values.ts';
import { AF_INET, AF_INET6 } from './posix.ts';

export { type Link, links } from './netlink-links.ts';
export { addRule, type OurRule, type RuleSettings } from './netlink-rules.ts';
export { ROUTE_PROTOCOL } from './netlink-values.ts';

export const MAIN_TABLE = 254;

const RTM_NEWLINK = 16;
const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
export const RTM_NEWROUTE = 24;
const RTM_DELROUTE = 25;
const RTM_GETROUTE = 26;
const RTM_NEWNEIGH = 28;
const RTM_DELNEIGH = 29;
const RTM_GETNEIGH = 30;

const IFLA_ADDRESS = 1;
const IFLA_AF_SPEC = 26;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
const IFA_RT_PRIORITY = 9;
const IFA_PROTO = 11;
const IFA_F_NODAD = 0x02;
const IFA_F_NOPREFIXROUTE = 0x200;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_PRIORITY = 6;
const RTA_GATEWAY = 5;
const RTA_METRICS = 8;
const RTA_CACHEINFO = 12;
const RTAX_MTU = 2;
const RTA_TABLE = 15;
const RTA_MARK = 16;
const RTA_VIA = 18;
const RTA_SRC = 2;
const NDA_DST = 1;
const NDA_LLADDR = 2;
const NDA_PROTOCOL = 12;
const NDA_FLAGS_EXT = 15;
const NDM_STATE_AT = 8;
const NDM_FLAGS_AT = 10;
const NUD_PERMANENT = 0x80;
const NTF_USE = 0x01;
const NTF_EXT_MANAGED = 0x01;
const RTN_UNICAST = 1;
const SCOPE_UNIVERSE = 0;
const SCOPE_LINK = 253;

const IFADDRMSG = 8;
const NDMSG = 12;

/** RUNNING: it has a carrier. */
export const InterfaceFlag = {
  UP: 0x1,
  LOOPBACK: 0x8,
  RUNNING: 0x40,
  NOARP: 0x80,
  PROMISCUOUS: 0x100,
  ALL_MULTICAST: 0x200,
  LOWER_UP: 0x10000,
} as const;
export const AddressGenerationMode = { EUI64: 0, NONE: 1 } as const;

type IpPrefix = Ipv4Prefix | Ipv6Prefix;

export interface LinkSettings {
  readonly mac?: MacAddress;
  readonly mtu?: number;
  /** Interface flags to set and to clear. */
  readonly set?: number;
  readonly clear?: number;
  readonly addressGeneration?: number;
}

export function changeLink(index: number, settings: LinkSettings): NetlinkRequest {
  const body = Buffer.alloc(IFINFOMSG);
  const { mac, mtu, set = 0, clear = 0, addressGeneration } = settings;
  body.writeInt32LE(index, 4);
  body.writeUInt32LE(set, 8);
  body.writeUInt32LE(set | clear, 12);
  const attributes: NetlinkAttribute[] = [];
  if (mac) attributes.push([IFLA_ADDRESS, mac.toBytes()]);
  if (mtu !== undefined) attributes.push([IFLA_MTU, mtu]);
  if (addressGeneration !== undefined) {
    const mode: NetlinkAttribute = [IFLA_INET6_ADDR_GEN_MODE, Uint8Array.of(addressGeneration)];
    attributes.push([IFLA_AF_SPEC, [[AF_INET6, [mode]]]]);
  }
  return { name: `set interface ${index}`, type: RTM_NEWLINK, flags: 0, body, attributes };
}

/** Which the kernel refuses: with EINVAL where it has devices of this kind, and with EOPNOTSUPP elsewhere. */
export function vrfDeviceWithoutTable(): NetlinkRequest {
  const attributes: NetlinkAttribute[] = [
    [IFLA_IFNAME, 'mooring-probe'],
    [IFLA_LINKINFO, [[IFLA_INFO_KIND, 'vrf']]],
  ];
  const flags = NLM_F_CREATE | NLM_F_EXCL;
  return { name: 'probe VRF devices', type: RTM_NEWLINK, flags, body: Buffer.alloc(IFINFOMSG), attributes };
}

export function addAddress(index: number, prefix: IpPrefix): NetlinkRequest {
  return addressRequest('add', RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, index, prefix);
}

/** Gives back an address that was not ours. */
export function restoreAddress(index: number, prefix: IpPrefix): NetlinkRequest {
  const request = addAddress(index, prefix);
  const attributes = request.attributes?.filter(([type]) => type === IFA_LOCAL || type === IFA_ADDRESS) ?? [];
  return { ...request, attributes: [...attributes, [IFA_FLAGS, IFA_F_NODAD]] };
}

/** An address that an operator has configured: with the route of its prefix. */
export function addConfiguredAddress(index: number, prefix: IpPrefix): NetlinkRequest {
  const request = restoreAddress(index, prefix);
  return { ...request, attributes: [...(request.attributes ?? []), [IFA_PROTO, Uint8Array.of(CONFIGURED_PROTOCOL)]] };
}

/** Of one address alone. */
export function hostPrefix(address: IpAddress): IpPrefix {
  return address instanceof Ipv4Address ? new Ipv4Prefix(address, 32) : new Ipv6Prefix(address, 128);
}

export function isHostPrefix(prefix: IpPrefix): boolean {
  return prefix.length === (prefix instanceof Ipv4Prefix ? 32 : 128);
}

export function prefixOfAddress({ address, length }: Pick<InterfaceAddress, 'address' | 'length'>): IpPrefix {
  return address instanceof Ipv4Address ? new Ipv4Prefix(address, length) : new Ipv6Prefix(address, length);
}

export function removeAddress(index: number, prefix: IpPrefix): NetlinkRequest {
  return addressRequest('remove', RTM_DELADDR, 0, index, prefix);
}

export interface RouteSettings {
  readonly destination: IpPrefix;
  readonly device: number;
  readonly via?: IpAddress | undefined;
  readonly table?: number;
  /** The least of those to the same prefix counts; the kernel's default where there is none. */
  readonly priority?: number | undefined;
}

export function addRoute(route: RouteSettings): NetlinkRequest {
  return routeRequest('add', RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route);
}

export function removeRoute(route: RouteSettings): NetlinkRequest {
  return routeRequest('remove', RTM_DELROUTE, 0, route);
}

export function addNeighbour(index: number, address: IpAddress, mac: MacAddress): NetlinkRequest {
  return neighbourRequest('add', RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, index, address, mac);
}

export function removeNeighbour(index: number, address: IpAddress): NetlinkRequest {
  return neighbourRequest('remove', RTM_DELNEIGH, 0, index, address, undefined);
}

/** Has the kernel find the neighbour's link-layer address now, and know it from then on where it can. */
export function keepNeighbour(index: number, address: IpAddress): NetlinkRequest {
  const request = neighbourRequest('keep', RTM_NEWNEIGH, NLM_F_CREATE, index, address, undefined);
  request.body.writeUInt16LE(0, NDM_STATE_AT);
  request.body[NDM_FLAGS_AT] = NTF_USE;
  const attributes: NetlinkAttribute[] = [
    [NDA_PROTOCOL, Uint8Array.of(ROUTE_PROTOCOL)],
    [NDA_FLAGS_EXT, NTF_EXT_MANAGED],
  ];
  return { ...request, attributes: [...request.attributes, ...attributes] };
}

/** Whether somebody has written the neighbour's link-layer address down. */
export function isPermanentNeighbour(netlink: Netlink, index: number, address: IpAddress): boolean {
  const request = neighbourRequest('get', RTM_GETNEIGH, 0, index, address, undefined);
  request.body.writeUInt16LE(0, NDM_STATE_AT);
  const answer = netlink.get(request);
  return answer !== undefined && (answer.readUInt16LE(NDM_STATE_AT) & NUD_PERMANENT) !== 0;
}

export interface InterfaceAddress {
  readonly index: number;
  readonly address: IpAddress;
  readonly length: number;
  /** Of the data plane. */
  readonly ours: boolean;
  /** Of `addConfiguredAddress`. */
  readonly configured: boolean;
}

export function addresses(netlink: Netlink): InterfaceAddress[] {
  const found: InterfaceAddress[] = [];
  netlink.dump(dumpOf('addresses', RTM_GETADDR, IFADDRMSG, 0), (message) => {
    const attributes = attributesOf(message, IFADDRMSG);
    const octets = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
    const protocol = attributes.get(IFA_PROTO)?.[0];
    const metric = attributes.get(IFA_RT_PRIORITY)?.readUInt32LE(0);
    const ours = protocol === undefined ? metric === ADDRESS_METRIC : protocol === ROUTE_PROTOCOL;
    const configured = protocol === CONFIGURED_PROTOCOL;
    if (!octets) return;
    const address = readAddress(octets);
    found.push({ index: message.readUInt32LE(4), address, length: message[1] as number, ours, configured });
  });
  return found;
}

export interface Route {
  readonly destination: IpPrefix;
  readonly gateway: IpAddress | undefined;
  /** Interface index; of the first next hop where there are several. */
  readonly device: number | undefined;
  readonly ours: boolean;
}

/** The unicast routes of a table. */
export function routesOf(netlink: Netlink, table: number): Route[] {
  const found: Route[] = [];
  for (const family of [AF_INET, AF_INET6]) {
    netlink.dump(dumpOf('routes', RTM_GETROUTE, RTMSG, family), (message) => {
      const attributes = attributesOf(message, RTMSG);
      if (attributes.get(RTA_TABLE)?.readUInt32LE(0) !== table || message[7] !== RTN_UNICAST) return;
      const octets = attributes.get(RTA_DST);
      const address = octets
        ? readAddress(octets)
        : family === AF_INET
          ? Ipv4Address.unspecified
          : Ipv6Address.unspecified;
      const length = message[1] as number;
      const gateway = attributes.get(RTA_GATEWAY);
      found.push({
        destination: address instanceof Ipv4Address ? new Ipv4Prefix(address, length) : new Ipv6Prefix(address, length),
        gateway: gateway && readAddress(gateway),
        device: attributes.get(RTA_OIF)?.readUInt32LE(0),
        ours: message[5] === ROUTE_PROTOCOL,
      });
    });
  }
  return found;
}

export interface NextHop {
  /** Interface index. */
  readonly device: number;
  /** The next router's address, or the destination itself on its own link. */
  readonly address: IpAddress;
  /** Of the link and of the route, in octets; not what routers on the way said. */
  readonly mtu: number;
  /** Whether link-layer addresses are to be found on the link. */
  readonly hasNeighbours: boolean;
}

/** Where packets from `source` to `destination` with this mark go next; `undefined` when there is no route. */
export function nextHopTowards(
  netlink: Netlink,
  source: IpAddress,
  destination: IpAddress,
  mark = 0,
): NextHop | undefined {
  const body = Buffer.alloc(RTMSG);
  const octets = destination.toBytes();
  body[0] = familyOf(destination);
  body[1] = octets.length * 8;
  body[2] = octets.length * 8;
  const attributes: NetlinkAttribute[] = [
    [RTA_DST, octets],
    [RTA_SRC, source.toBytes()],
  ];
  if (mark !== 0) attributes.push([RTA_MARK, mark]);
  const answer = netlink.get({ name: `route to ${destination}`, type: RTM_GETROUTE, flags: 0, body, attributes });
  if (!answer || answer[7] === 0) return undefined;
  const found = attributesOf(answer, RTMSG);
  const device = found.get(RTA_OIF)?.readUInt32LE(0);
  const gateway = found.get(RTA_GATEWAY);
  const via = found.get(RTA_VIA); // a next hop of the other family: its family, its address
  const address = gateway ? readAddress(gateway) : via ? readAddress(via.subarray(2)) : destination;
  if (!device) return undefined;
  const link = linkOf(netlink, device);
  return { device, address, mtu: Math.min(link.mtu, routeMtu(found)), hasNeighbours: link.hasNeighbours };
}

/** That which the operator gave the route. One that the kernel learnt expires, and is not the route's. */
function routeMtu(route: ReadonlyMap<number, Buffer>): number {
  const metrics = route.get(RTA_METRICS);
  const isLearnt = (route.get(RTA_CACHEINFO)?.readInt32LE(8) ?? 0) !== 0;
  const mtu = metrics && !isLearnt ? attributesOf(metrics, 0).get(RTAX_MTU)?.readUInt32LE(0) : undefined;
  return mtu || Number.POSITIVE_INFINITY;
}

function linkOf(netlink: Netlink, index: number): Pick<NextHop, 'mtu' | 'hasNeighbours'> {
  const body = Buffer.alloc(IFINFOMSG);
  body.writeInt32LE(index, 4);
  const answer = netlink.get({ name: `interface ${index}`, type: RTM_GETLINK, flags: 0, body, attributes: [] });
  const mtu = answer && attributesOf(answer, IFINFOMSG).get(IFLA_MTU)?.readUInt32LE(0);
  const flags = answer?.readUInt32LE(8) ?? 0;
  const { NOARP, LOOPBACK } = InterfaceFlag;
  return { mtu: mtu || Number.POSITIVE_INFINITY, hasNeighbours: (flags & (NOARP | LOOPBACK)) === 0 };
}

/** What has our protocol number, of this run or an earlier one, with what removes it. */
export type OurObject = OurRoute | OurRule | OurNeighbour | OurAddress;

export interface OurRoute extends RouteSettings, Removable {
  readonly kind: 'route';
  readonly table: number;
}

export interface OurNeighbour extends Removable {
  readonly kind: 'neighbour';
  readonly device: number;
  readonly address: IpAddress;
  /** `undefined` as long as it is not known. */
  readonly mac: MacAddress | undefined;
}

/** Kernels before Linux 5.18 do not say whose an address is, and none is found there. */
export interface OurAddress extends Removable {
  readonly kind: 'address';
  readonly device: number;
  readonly prefix: IpPrefix;
}

export function ourObjects(netlink: Netlink): OurObject[] {
  return [
    ...[AF_INET, AF_INET6].flatMap((family) => [
      ...ourRules(netlink, family),
      ...ourRoutes(netlink, family),
      ...ourNeighbours(netlink, family),
    ]),
    ...addresses(netlink).flatMap((held): OurAddress[] => {
      const { index, ours } = held;
      const prefix = prefixOfAddress(held);
      return ours ? [{ kind: 'address', device: index, prefix, removal: () => removeAddress(index, prefix) }] : [];
    }),
  ];
}

function ourRoutes(netlink: Netlink, family: number): OurRoute[] {
  const found: OurRoute[] = [];
  netlink.dump(dumpOf('routes', RTM_GETROUTE, RTMSG, family), (message) => {
    if (message[5] !== ROUTE_PROTOCOL) return;
    const attributes = attributesOf(message, RTMSG);
    const destination = attributes.get(RTA_DST);
    const gateway = attributes.get(RTA_GATEWAY);
    const route = {
      destination: prefixOf(destination, family, message[1] as number),
      device: attributes.get(RTA_OIF)?.readUInt32LE(0) ?? 0,
      via: gateway && readAddress(gateway),
      table: attributes.get(RTA_TABLE)?.readUInt32LE(0) ?? (message[4] as number),
      priority: attributes.get(RTA_PRIORITY)?.readUInt32LE(0),
    };
    found.push({ kind: 'route', ...route, removal: () => removeRoute(route) });
  });
  return found;
}

function ourNeighbours(netlink: Netlink, family: number): OurNeighbour[] {
  const found: OurNeighbour[] = [];
  netlink.dump(dumpOf('neighbours', RTM_GETNEIGH, NDMSG, family), (message) => {
    const attributes = attributesOf(message, NDMSG);
    const octets = attributes.get(NDA_DST);
    const mac = attributes.get(NDA_LLADDR);
    if (attributes.get(NDA_PROTOCOL)?.[0] !== ROUTE_PROTOCOL || !octets) return;
    const device = message.readInt32LE(4);
    const address = readAddress(octets);
    const removal = () => removeNeighbour(device, address);
    const known = mac?.length === 6 ? MacAddress.read(mac) : undefined;
    found.push({ kind: 'neighbour', device, address, mac: known, removal });
  });
  return found;
}

function prefixOf(octets: Buffer | undefined, family: number, length: number): IpPrefix {
  if (family === AF_INET) return new Ipv4Prefix(octets ? Ipv4Address.read(octets) : Ipv4Address.unspecified, length);
  return new Ipv6Prefix(octets ? Ipv6Address.read(octets) : Ipv6Address.unspecified, length);
}

function addressRequest(verb: string, type: number, flags: number, index: number, prefix: IpPrefix): NetlinkRequest {
  const { address, length } = prefix;
  const body = Buffer.alloc(IFADDRMSG);
  body[0] = familyOf(address);
  body[1] = length;
  body[3] = address instanceof Ipv6Address && address.isLinkLocal ? SCOPE_LINK : SCOPE_UNIVERSE;
  body.writeUInt32LE(index, 4);
  const octets = address.toBytes();
  const attributes: NetlinkAttribute[] = [
    [IFA_LOCAL, octets],
    [IFA_ADDRESS, octets],
    [IFA_FLAGS, IFA_F_NODAD | (address instanceof Ipv6Address ? 0 : IFA_F_NOPREFIXROUTE)],
    [IFA_RT_PRIORITY, ADDRESS_METRIC],
    [IFA_PROTO, Uint8Array.of(ROUTE_PROTOCOL)],
  ];
  return { name: `${verb} address ${prefix}`, type, flags, body, attributes };
}

/** `verb` is for people. */
export function routeRequest(
  verb: string,
  type: number,
  flags: number,
  route: RouteSettings,
): NetlinkRequest & { readonly body: Buffer } {
  const { destination, device, via, table = MAIN_TABLE, priority } = route;
  const { address, length } = destination.network;
  const isIpv4 = address instanceof Ipv4Address;
  const body = Buffer.alloc(RTMSG);
  body[0] = familyOf(address);
  body[1] = length;
  body[5] = ROUTE_PROTOCOL;
  body[6] = isIpv4 && !via ? SCOPE_LINK : SCOPE_UNIVERSE;
  body[7] = RTN_UNICAST;
  const attributes: NetlinkAttribute[] = [
    [RTA_OIF, device],
    [RTA_TABLE, table],
  ];
  if (length > 0) attributes.push([RTA_DST, address.toBytes()]);
  if (via) attributes.push([RTA_GATEWAY, via.toBytes()]);
  if (priority !== undefined) attributes.push([RTA_PRIORITY, priority]);
  return { name: `${verb} route ${destination}`, type, flags, body, attributes };
}

function neighbourRequest(
  verb: string,
  type: number,
  flags: number,
  index: number,
  address: IpAddress,
  mac: MacAddress | undefined,
): NetlinkRequest & { readonly body: Buffer } {
  const body = Buffer.alloc(NDMSG);
  body[0] = familyOf(address);
  body.writeInt32LE(index, 4);
  body.writeUInt16LE(NUD_PERMANENT, NDM_STATE_AT);
  const attributes: NetlinkAttribute[] = [[NDA_DST, address.toBytes()]];
  if (mac) attributes.push([NDA_LLADDR, mac.toBytes()], [NDA_PROTOCOL, Uint8Array.of(ROUTE_PROTOCOL)]);
  return { name: `${verb} neighbour ${address}`, type, flags, body, attributes };
}
