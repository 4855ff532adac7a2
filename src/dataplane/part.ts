/** What the forwarding of a binding consists of, in the tables of a data plane. */

import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix, linkLocalFromMac } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { AccessForwarding, AnchorForwarding, Forwarding, GreKeys, Path } from './desired.ts';
import { keysOf, tunnelKey } from './tunnel-form.ts';

export type Part = PathPart | TunnelOwner | RouterAddress | Neighbour | Route | Station | AnchorEntry | AccessEntry;

/** What a binding is for: its home address or one of its home network prefixes. */
export type Target = Ipv4Address | Ipv6Prefix;

interface Identified {
  /** Equal for two parts exactly when they take the same place in a table. */
  readonly key: string;
}

export interface PathPart extends Identified {
  readonly kind: 'path';
  readonly index: number;
  /** Its keys are those of the binding that came first; each has its own in its entries. */
  readonly path: Path;
  readonly customer: number;
}

/** Says of a tunnel that what comes out of it is a customer's. */
export interface TunnelOwner extends Identified {
  readonly kind: 'tunnel-owner';
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** Of GRE; `undefined` where the tunnel has none. */
  readonly receiveKey: number | undefined;
  readonly customer: number;
}

/** An address of a default router, of IPv4 or link-local, which the node answers for on the access link. */
export interface RouterAddress extends Identified {
  readonly kind: 'router-address';
  readonly interface: string;
  readonly address: IpAddress;
}

/** A permanent neighbour, so that nothing is ever asked on the access link to deliver a packet. */
export interface Neighbour extends Identified {
  readonly kind: 'neighbour';
  readonly interface: string;
  readonly address: Ipv4Address | Ipv6Address;
  readonly mac: MacAddress;
}

export interface Route extends Identified {
  readonly kind: 'route';
  readonly customer: number;
  readonly interface: string;
  readonly target: Target;
  /** Stands for the mobile node; `undefined` where the target is its own next hop. */
  readonly via: Ipv6Address | undefined;
}

/** A link-layer address whose frames are no sign of a new attachment. */
export interface Station extends Identified {
  readonly kind: 'station';
  readonly interface: string;
  readonly mac: MacAddress;
}

export interface AnchorEntry extends Identified {
  readonly kind: 'anchor-entry';
  readonly customer: number;
  readonly target: Target;
  readonly path: number;
  readonly keys: GreKeys | undefined;
  readonly counters: number;
}

export interface AccessEntry extends Identified {
  readonly kind: 'access-entry';
  readonly customer: number;
  readonly target: Target;
  readonly path: number;
  readonly keys: GreKeys | undefined;
  readonly counters: number;
  readonly interface: string;
  readonly mac: MacAddress;
  /** The mobile node's own policy; `undefined`: that of its gateway. */
  readonly localRouting: boolean | undefined;
  /** Of the subnet that a home address is in, which the mobile node takes for its link; 0 of a home network prefix. */
  readonly homePrefixLength: number;
}

/** The parts in the order in which they must come to be; they go in the reverse order. `path` is the first path's. */
export function partsOf(forwarding: Forwarding, path: PathPart, counters: number): Part[] {
  return forwarding.kind === 'anchor'
    ? [...tunnelParts(forwarding, path), ...anchorEntries(forwarding, path.index, counters)]
    : accessParts(forwarding, path, counters);
}

export function anchorEntries(forwarding: AnchorForwarding, path: number, counters: number): AnchorEntry[] {
  return targetsOf(forwarding).map((target) => anchorEntry(forwarding, target, path, counters));
}

/** The same with other counters. */
export function countedBy(parts: readonly Part[], counters: number): Part[] {
  return parts.map((part) => (isEntry(part) ? { ...part, counters } : part));
}

export function pathKey(customer: number, path: Path): string {
  return `path ${customer} ${tunnelKey(path)}`;
}

export function tunnelOwnerKey(local: IpAddress, remote: IpAddress, receiveKey: number | undefined): string {
  return `owner ${receiveKey ?? ''} ${local.key}${remote.key}`;
}

export function anchorKey(customer: number, target: Target): string {
  return `anchor ${customer} ${targetKey(target)}`;
}

export function accessKey(customer: number, target: Target): string {
  return `access ${customer} ${targetKey(target)}`;
}

/**
 * In the place of a home network prefix, what is for groups and comes with a downlink key that one mobile node alone has. Nobody has addresses like these, and nothing is forwarded to
 * groups of this scope, which is reserved. As `find_member` in `bpf/bindings.h`.
 */
export function groupsWith(key: number): Ipv6Prefix {
  return new Ipv6Prefix(new Ipv6Address(0xff000000, key, 0, 0), 64);
}

export function routerAddressKey(link: string, address: IpAddress): string {
  return `router ${link} ${address.key}`;
}

export function neighbourKey(link: string, address: Neighbour['address']): string {
  return `neighbour ${link} ${address.key}`;
}

export function stationKey(link: string, mac: MacAddress): string {
  return `station ${link} ${mac.key}`;
}

export function routeKey(customer: number, target: Target): string {
  return `route ${customer} ${targetKey(target)}`;
}

/** Several bindings may have this part in common. */
export function isShared(part: Part): boolean {
  if (part.kind === 'neighbour') return !(part.address instanceof Ipv4Address);
  return isOfTunnel(part) || part.kind === 'router-address' || part.kind === 'station';
}

/** The parts that packets are looked up in. */
export function isEntry(part: Part): part is AnchorEntry | AccessEntry {
  return part.kind === 'anchor-entry' || part.kind === 'access-entry';
}

/** Whether it is there for all bindings of a tunnel, of either kind. */
export function isOfTunnel(part: Part): part is PathPart | TunnelOwner {
  return part.kind === 'path' || part.kind === 'tunnel-owner';
}

/** Whether a part belongs to bindings of these kinds; what is of a tunnel belongs to both. */
export function isOfKinds(part: Part, kinds: ReadonlySet<Forwarding['kind']>): boolean {
  return isOfTunnel(part) ? kinds.size > 0 : kinds.has(kindOf(part));
}

/** Whose it is. */
export function kindOf({ kind }: Exclude<Part, PathPart | TunnelOwner>): Forwarding['kind'] {
  return kind === 'anchor-entry' ? 'anchor' : 'access';
}

/** For people. */
export function describePart(part: Part): string {
  switch (part.kind) {
    case 'path':
      return `tunnel from ${part.path.local} to ${part.path.remote}`;
    case 'tunnel-owner':
      return `customer ${part.customer} of the tunnel from ${part.local} to ${part.remote}`;
    case 'router-address':
    case 'neighbour':
      return `${part.kind} ${part.address} on ${part.interface}`;
    case 'station':
      return `station ${part.mac} on ${part.interface}`;
    default:
      return `${part.kind} ${part.target}`;
  }
}

/** Whether two parts of the same key say the same. */
export function sayTheSame(a: Part, b: Part): boolean {
  if (a.kind === 'neighbour' && b.kind === 'neighbour') return a.mac.equals(b.mac);
  if (a.kind === 'route' && b.kind === 'route') {
    return a.interface === b.interface && (a.via === undefined ? b.via === undefined : a.via.equals(b.via));
  }
  if (a.kind === 'tunnel-owner' && b.kind === 'tunnel-owner') return a.customer === b.customer;
  if (a.kind === 'anchor-entry' && b.kind === 'anchor-entry') return directTheSame(a, b);
  if (a.kind === 'access-entry' && b.kind === 'access-entry') {
    const sameNode = a.interface === b.interface && a.mac.equals(b.mac);
    const sameSubnet = a.homePrefixLength === b.homePrefixLength;
    return directTheSame(a, b) && sameNode && sameSubnet && a.localRouting === b.localRouting;
  }
  return true;
}

function directTheSame(a: AnchorEntry | AccessEntry, b: AnchorEntry | AccessEntry): boolean {
  const sameKeys = a.keys?.send === b.keys?.send && a.keys?.receive === b.keys?.receive;
  return a.path === b.path && a.counters === b.counters && sameKeys;
}

export function targetsOf(forwarding: Forwarding): Target[] {
  return forwarding.homeAddress ? [forwarding.homeAddress, ...forwarding.prefixes] : [...forwarding.prefixes];
}

function accessParts(forwarding: AccessForwarding, path: PathPart, counters: number): Part[] {
  const { customer, interface: link, mac, homeAddress, defaultRouter, linkLocal, prefixes } = forwarding;
  const parts: Part[] = tunnelParts(forwarding, path);
  for (const address of [defaultRouter, linkLocal])
    if (address) parts.push({ kind: 'router-address', key: routerAddressKey(link, address), interface: link, address });
  if (homeAddress) parts.push(neighbour(link, homeAddress, mac), route(customer, link, homeAddress));
  if (prefixes.length > 0) {
    const via = linkLocalFromMac(mac);
    parts.push(neighbour(link, via, mac), ...prefixes.map((prefix) => route(customer, link, prefix, via)));
  }
  parts.push({ kind: 'station', key: stationKey(link, mac), interface: link, mac });
  const keys = keysOf(forwarding.paths[0].encapsulation);
  const groups = keys && forwarding.hasOwnKey ? [groupsWith(keys.receive)] : [];
  for (const target of [...groups, ...targetsOf(forwarding)])
    parts.push(accessEntry(forwarding, target, path.index, counters));
  return parts;
}

/** What it shares with all that have its tunnel. What is nobody's in particular is the node's own. */
export function tunnelParts({ customer, paths }: Forwarding, path: PathPart): Part[] {
  return customer === 0 ? [path] : [path, tunnelOwner(customer, paths[0])];
}

function tunnelOwner(customer: number, path: Path): TunnelOwner {
  const { local, remote, encapsulation } = path;
  const receiveKey = keysOf(encapsulation)?.receive;
  const key = tunnelOwnerKey(local, remote, receiveKey);
  return { kind: 'tunnel-owner', key, local, remote, receiveKey, customer };
}

function neighbour(link: string, address: Neighbour['address'], mac: MacAddress): Neighbour {
  return { kind: 'neighbour', key: neighbourKey(link, address), interface: link, address, mac };
}

function route(customer: number, link: string, target: Target, via?: Ipv6Address): Route {
  return { kind: 'route', key: routeKey(customer, target), customer, interface: link, target, via };
}

function anchorEntry(forwarding: AnchorForwarding, target: Target, path: number, counters: number): AnchorEntry {
  const { customer, paths } = forwarding;
  const keys = keysOf(paths[0].encapsulation);
  return { kind: 'anchor-entry', key: anchorKey(customer, target), customer, target, path, keys, counters };
}

function accessEntry(forwarding: AccessForwarding, target: Target, path: number, counters: number): AccessEntry {
  const { customer, interface: link, mac, paths, localRouting } = forwarding;
  const key = accessKey(customer, target);
  const keys = keysOf(paths[0].encapsulation);
  const homePrefixLength = target instanceof Ipv4Address ? forwarding.homePrefixLength : 0;
  const ofNode = { interface: link, mac, localRouting, homePrefixLength };
  return { kind: 'access-entry', key, customer, target, path, keys, counters, ...ofNode };
}

function targetKey(target: Target): string {
  return target instanceof Ipv4Address ? String(target.word) : target.network.key;
}
