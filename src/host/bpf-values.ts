/** How values lie in the maps of the programs. */
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { TcpMss } from '#dataplane/desired.ts';
import type { AccessEntry, TunnelOwner } from '#dataplane/part.ts';
import { DEVICE_MAC_AT, DEVICE_MTU_AT } from './bpf-map-specs.ts';

/** `enum role` in `bpf/maps.h`. */
export const ROLE = { access: 1, pmip: 2, core: 3 } as const;

/** What the programs are to know of an interface. */
export interface DeviceSettings {
  readonly role: keyof typeof ROLE;
  /** Of an access link: the gateway's link-layer address. */
  readonly mac?: MacAddress;
  readonly customer?: number;
  /** Of the connections on an access link. */
  readonly mss?: TcpMss | undefined;
  /** Of an access link: the gateway's policy. */
  readonly localRouting?: boolean | undefined;
  /** Of an access link: whether the gateway is a router of IPv6. */
  readonly routesIpv6?: boolean;
  /** Of an access link: octets of a packet. */
  readonly mtu?: number;
}

/** What the programs are to know of a path beside its ends and its hop. */
export interface PathSettings {
  /** Of the mobile nodes' packets. */
  readonly mtu: number;
  /** Of their connections. */
  readonly mss: TcpMss;
  /** The bits of their traffic class that tunnel packets have too. */
  readonly copiedClass: number;
}

/** A VLAN of IEEE 802.1Q on the interface of an index. */
export interface ParentVlan {
  readonly parent: number;
  readonly id: number;
}

/** By what a tunnel's packets are told to be a customer's. */
export type TunnelIdentity = Pick<TunnelOwner, 'local' | 'remote' | 'receiveKey'>;

export function writeTunnel(bytes: Buffer, { local, remote, receiveKey }: TunnelIdentity): void {
  writeMapped(bytes, 0, local);
  writeMapped(bytes, 16, remote);
  bytes.writeUInt32BE(receiveKey ?? 0, 32);
  bytes.writeUInt32LE(Number(receiveKey !== undefined), 36);
}

export function writeVlan(bytes: Buffer, { parent, id }: ParentVlan): void {
  bytes.writeUInt32LE(parent, 0);
  bytes.writeUInt32LE(id, 4);
}

/** What a binding of an access link is found by: struct key4 or struct key6. */
export function writeTargetKey(key: Buffer, { customer, target }: Pick<AccessEntry, 'customer' | 'target'>): void {
  if (target instanceof Ipv4Address) {
    key.writeUInt32LE(customer, 0);
    target.write(key, 4);
    return;
  }
  key.writeInt32BE(target.address.w0, 0);
  key.writeInt32BE(target.address.w1, 4);
  key.writeUInt32LE(customer, 8);
  key.writeUInt32LE(0, 12);
}

/** struct device */
export function writeDevice(value: Buffer, settings: DeviceSettings): void {
  const { role, mac, customer = 0, mss = {}, localRouting = false, routesIpv6 = false, mtu = 0 } = settings;
  value.fill(0);
  value.writeUInt32LE(ROLE[role], 0);
  value.writeUInt32LE(customer, 4);
  writeMss(value, 8, mss);
  value.writeUInt32LE(Number(localRouting), 12);
  mac?.write(value, DEVICE_MAC_AT);
  value.writeUInt8(Number(routesIpv6), DEVICE_MAC_AT + 6);
  value.writeUInt32LE(mtu, DEVICE_MTU_AT);
}

/** What struct access_binding begins with. */
export function writeDirection(value: Buffer, { path, counters, keys }: AccessEntry): void {
  value.writeUInt32LE(path, 0);
  value.writeUInt32LE(counters, 4);
  value.writeUInt32BE(keys?.send ?? 0, 8);
  value.writeUInt32BE(keys?.receive ?? 0, 12);
}

/** 0 for no limit; the loader's 16 bits take every size that there is. */
export function writeMss(value: Buffer, at: number, { ipv4, ipv6 }: TcpMss): void {
  value.writeUInt16LE(Math.min(ipv4 ?? 0, 0xffff), at);
  value.writeUInt16LE(Math.min(ipv6 ?? 0, 0xffff), at + 2);
}

/** An IPv4 address as RFC 4291 maps it into IPv6, so that both families are in one map. */
export function writeMapped(bytes: Uint8Array, offset: number, address: IpAddress): void {
  (address instanceof Ipv4Address ? new Ipv6Address(0, 0, 0xffff, address.word) : address).write(bytes, offset);
}
