/** The maps of `bpf/maps.h`, by what is in them. */

import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { BindingCounters } from '#dataplane/dataplane.ts';
import type { NodeForwarding, Path, TcpMss } from '#dataplane/desired.ts';
import { DROP_REASONS, type DropReason, KERNEL_DROP_REASONS } from '#dataplane/drop-reason.ts';
import type { LocalRoutingPolicy } from '#dataplane/local-routing.ts';
import type { AccessEntry, PathPart, Target, TunnelOwner } from '#dataplane/part.ts';
import { atPort, isTranslated, type TranslatedPort } from '#dataplane/translated-port.ts';
import { formOf, headerLength } from '#dataplane/tunnel-form.ts';
import type { BpfMap } from './bpf.ts';
import { MapSet, possibleCpus } from './bpf-map-set.ts';
import {
  ANSWERS_FOR,
  DEVICE_MTU_AT,
  KINDS,
  type MapName,
  mapSpecifications,
  PATH_CUSTOMER_AT,
  PATH_HEADER_AT,
  PATH_MOVED_AT,
  PATH_MOVES_AT,
  PATH_MTU_AT,
  PATH_TRANSLATED_AT,
} from './bpf-map-specs.ts';
import type { Pins } from './bpf-pins.ts';
import { copyAnchors, SharedMemory } from './bpf-shared-memory.ts';
import {
  type DeviceSettings,
  type ParentVlan,
  type PathSettings,
  ROLE,
  type TunnelIdentity,
  writeDevice,
  writeDirection,
  writeMapped,
  writeMss,
  writeTargetKey,
  writeTunnel,
  writeVlan,
} from './bpf-values.ts';
import type { KernelFeatures } from './kernel-features.ts';
import type { NextHop } from './netlink-requests.ts';
import { AF_INET, AF_INET6 } from './posix.ts';
import { tunnelHeader } from './tunnel-header.ts';

const ENDPOINT_LOCAL = 1;
const ENDPOINT_PEER = 2;
const ENDPOINT_SHARED = 4;
/** More than these are read together. */
const MANY_PATHS = 32;
type BindingKind = 'anchor' | 'access';
const KIND: readonly BindingKind[] = ['anchor', 'access'];

/** What a mobile node's own policy says, as its entry has it; `enum local_routing` in `bpf/maps.h`. */
export const LOCAL_ROUTING: readonly (boolean | undefined)[] = [undefined, true, false];

export interface HeldBinding {
  /** Index. */
  readonly path: number;
  readonly counters: number;
  /** 0 when the path has none. */
  readonly sendKey: number;
  readonly receiveKey: number;
  /** Interface index of the access link; 0 at the anchor. */
  readonly device: number;
  /** Of the mobile node there. */
  readonly mac: MacAddress | undefined;
  /** Of an access binding: its own policy. */
  readonly localRouting: boolean | undefined;
}

/** One node's maps. Every method that changes one throws `SystemCallError`. */
export class PmipMaps {
  readonly #set: MapSet<MapName>;
  #shared: SharedMemory;
  /** What this process has counted for paths, by index in their map; the programs have each processor count for itself. */
  readonly #countedHere = new Map<number, number[]>();

  /** Takes over those that are pinned, if any. */
  constructor(node: NodeForwarding, pins: Pins | undefined, features: KernelFeatures) {
    this.#set = new MapSet(mapSpecifications(node), pins, features, possibleCpus(), { anchors: copyAnchors });
    this.#shared = new SharedMemory(this.byName);
  }

  /** Another one after `grow`. */
  get shared(): SharedMemory {
    return this.#shared;
  }

  get byName(): Readonly<Record<MapName, BpfMap>> {
    return this.#set.byName;
  }

  /** Whether an earlier process filled them. */
  get adopted(): boolean {
    return this.#set.adopted;
  }

  /** How many bindings can be counted. */
  get counterSlots(): number {
    return this.byName.counters.spec.maximumEntries;
  }

  /** Makes room for the bindings of a node; where the programs must be loaded anew for that, gives those that `load` loads with the maps that there are then. */
  grow<Programs extends object>(
    node: NodeForwarding,
    load: (maps: Readonly<Record<MapName, BpfMap>>) => Programs,
  ): Programs | undefined {
    const programs = this.#set.grow(mapSpecifications(node), load);
    if (!programs) return undefined;
    this.#shared.close();
    this.#shared = new SharedMemory(this.byName);
    return programs;
  }

  pin(pins: Pins): void {
    this.#set.pin(pins);
  }

  /** Without a hop there is no route to the peer. */
  setPath(
    { index, path, customer }: PathPart,
    hop: NextHop | undefined,
    { mtu, mss, copiedClass }: PathSettings,
  ): void {
    const { key, value } = this.byName.paths;
    key.writeUInt32LE(index);
    const form = formOf(path);
    const translated = isTranslated(path) ? this.#translation(index) : undefined;
    value.fill(0);
    value.writeUInt32LE(form, 0);
    value.writeUInt32LE(hop?.device ?? 0, 4);
    writeMapped(value, 8, path.local);
    writeMapped(value, 24, path.remote);
    hop?.address.write(value, 40);
    value.writeUInt32LE(hop?.address instanceof Ipv4Address ? AF_INET : AF_INET6, 56);
    const { encapsulation } = atPort(path, translated);
    if (encapsulation.kind === 'udp') {
      value.writeUInt16BE(encapsulation.localPort, 60);
      value.writeUInt16BE(encapsulation.remotePort, 62);
    }
    value.writeUInt16LE(headerLength(form), 64);
    value.writeUInt16LE(copiedClass, 66);
    value.set(tunnelHeader({ ...path, encapsulation }), PATH_HEADER_AT);
    value.writeUInt32LE(Number(isTranslated(path)), PATH_TRANSLATED_AT);
    value.writeBigUInt64LE(translated?.movedAt ?? 0n, PATH_MOVED_AT);
    value.writeUInt32LE(translated?.moves ?? 0, PATH_MOVES_AT);
    value.writeUInt32LE(mtu, PATH_MTU_AT);
    writeMss(value, PATH_MTU_AT + 4, mss);
    value.writeUInt32LE(customer, PATH_CUSTOMER_AT);
    this.byName.paths.update();
    this.#setPeer(path.remote);
  }

  translatedPort(index: number): TranslatedPort | undefined {
    const { port, moves } = this.#translation(index) ?? {};
    return port === undefined || moves === undefined ? undefined : { port, moves };
  }

  #translation(index: number): (TranslatedPort & { readonly movedAt: bigint }) | undefined {
    const { paths } = this.byName;
    paths.key.writeUInt32LE(index);
    const moves = paths.lookup() ? paths.value.readUInt32LE(PATH_MOVES_AT) : 0;
    if (moves === 0) return undefined;
    return { port: paths.value.readUInt16BE(62), moves, movedAt: paths.value.readBigUInt64LE(PATH_MOVED_AT) };
  }

  /** `peerRemains`: another path leads to the same peer. */
  clearPath(index: number, path: Path, peerRemains: boolean): void {
    if (!peerRemains) this.#clearEndpoint(path.remote, ENDPOINT_PEER);
    this.byName.paths.key.writeUInt32LE(index);
    this.byName.paths.value.fill(0);
    this.byName.paths.update();
  }

  /** With `shared`, tunnels there may be customers'. */
  setLocalAddress(address: IpAddress, pmip: number, shared: boolean): void {
    const map = this.byName.endpoints;
    writeMapped(map.key, 0, address);
    const peer = map.lookup() ? map.value.readUInt32LE(0) & ENDPOINT_PEER : 0;
    map.value.writeUInt32LE(peer | ENDPOINT_LOCAL | (shared ? ENDPOINT_SHARED : 0), 0);
    map.value.writeUInt32LE(pmip, 4);
    map.update();
  }

  setTunnelOwner(owner: TunnelOwner): void {
    const { tunnels } = this.byName;
    writeTunnel(tunnels.key, owner);
    tunnels.value.writeUInt32LE(owner.customer);
    tunnels.update();
  }

  clearTunnelOwner(owner: TunnelOwner): void {
    writeTunnel(this.byName.tunnels.key, owner);
    this.byName.tunnels.delete();
  }

  /** Whose the packets are that come out of a tunnel; 0 for the node's own. */
  customerOfTunnel(tunnel: TunnelIdentity): number {
    const { tunnels } = this.byName;
    writeTunnel(tunnels.key, tunnel);
    return tunnels.lookup() ? tunnels.value.readUInt32LE(0) : 0;
  }

  /** Whose the packets are that come in through the interface of this index. */
  customerOfDevice(index: number): number {
    const { devices } = this.byName;
    devices.key.writeUInt32LE(index);
    return devices.lookup() ? devices.value.readUInt32LE(4) : 0;
  }

  setDevice(index: number, settings: DeviceSettings): void {
    const { devices } = this.byName;
    devices.key.writeUInt32LE(index);
    writeDevice(devices.value, settings);
    devices.update();
  }

  /** Of an access link, in octets of a packet; 0 when it is none, or gone. */
  accessMtu(index: number): number {
    return this.isAccess(index) ? this.byName.devices.value.readUInt32LE(DEVICE_MTU_AT) : 0;
  }

  setAccessMtu(index: number, mtu: number): void {
    const { devices } = this.byName;
    if (!this.isAccess(index)) return;
    devices.value.writeUInt32LE(mtu, DEVICE_MTU_AT);
    devices.update();
  }

  clearDevice(index: number): void {
    this.byName.devices.key.writeUInt32LE(index);
    this.byName.devices.delete();
  }

  /** An address of this node on an access link. */
  setGateway(device: number, address: IpAddress): void {
    this.#gatewayKey(device, address);
    this.byName.gateways.update();
  }

  clearGateway(device: number, address: IpAddress): void {
    this.#gatewayKey(device, address);
    this.byName.gateways.delete();
  }

  /** Frames of a VLAN come in through this device, and what it sends goes out there. */
  setVlan(device: number, vlan: ParentVlan): void {
    const { vlans, vlan_devices: devices } = this.byName;
    writeVlan(vlans.key, vlan);
    vlans.value.writeUInt32LE(device);
    vlans.update();
    devices.key.writeUInt32LE(device);
    writeVlan(devices.value, vlan);
    devices.update();
  }

  clearVlan(device: number, vlan: ParentVlan): void {
    const { vlans, vlan_devices: devices } = this.byName;
    writeVlan(vlans.key, vlan);
    vlans.delete();
    devices.key.writeUInt32LE(device);
    devices.delete();
  }

  setStation(device: number, mac: MacAddress): void {
    this.#stationKey(device, mac);
    this.byName.stations.update();
  }

  clearStation(device: number, mac: MacAddress): void {
    this.#stationKey(device, mac);
    this.byName.stations.delete();
  }

  /** Of interfaces other than these: every frame there shows its station then. */
  clearStations(features: KernelFeatures, kept: ReadonlySet<number> = new Set()): void {
    const { stations } = this.byName;
    const keys = Array.from(stations.entries(features), ({ key }) => Buffer.from(key));
    for (const key of keys) {
      if (kept.has(key.readUInt32LE(0))) continue;
      stations.key.set(key);
      stations.delete();
    }
  }

  setAccess(entry: AccessEntry, device: number): void {
    const map = this.#keyed(entry.customer, entry.target);
    writeDirection(map.value, entry);
    map.value.writeUInt32LE(device, 16);
    entry.mac.write(map.value, 20);
    map.value.writeUInt8(LOCAL_ROUTING.indexOf(entry.localRouting), 26);
    map.value.writeUInt8(entry.homePrefixLength, 27);
    map.update();
  }

  clearAccess(entry: AccessEntry): void {
    this.#keyed(entry.customer, entry.target).delete();
  }

  /** Of these paths and a kind of bindings, in the order of the paths; zeros when nothing was counted. */
  pathCounters(kind: BindingKind, paths: readonly number[], { batch }: KernelFeatures): BindingCounters[] {
    const { path_counters: map } = this.byName;
    const all = batch && paths.length > MANY_PATHS ? Array.from(map.allPerCpuSums()) : undefined;
    return paths.map((path) => {
      const index = path * KINDS + KIND.indexOf(kind);
      map.key.writeUInt32LE(index);
      const [kernel, own] = [all?.[index] ?? map.perCpuSums(), this.#countedHere.get(index) ?? []];
      const word = (i: number) => (kernel[i] ?? 0) + (own[i] ?? 0);
      return { upPackets: word(0), upOctets: word(1), downPackets: word(2), downOctets: word(3) };
    });
  }

  /** Of a path that is new. */
  resetPathCounters(path: number): void {
    const { path_counters: map } = this.byName;
    map.value.fill(0);
    for (let index = path * KINDS; index < (path + 1) * KINDS; index++) {
      this.#countedHere.delete(index);
      map.key.writeUInt32LE(index);
      map.update();
    }
  }

  /** The binding that a packet with this address belongs to, as the programs would find it; `undefined` when there is none. */
  binding(kind: 'anchor' | 'access', customer: number, target: Target): HeldBinding | undefined {
    if (kind === 'anchor') {
      const found = this.#shared.anchor(customer, target);
      if (!found) return undefined;
      const { path, counters, keys } = found;
      const ofAccess = { device: 0, mac: undefined, localRouting: undefined };
      return { path, counters, sendKey: keys.send, receiveKey: keys.receive, ...ofAccess };
    }
    const map = this.access(customer, target);
    if (!map) return undefined;
    const { value } = map;
    return {
      path: value.readUInt32LE(0),
      counters: value.readUInt32LE(4),
      sendKey: value.readUInt32BE(8),
      receiveKey: value.readUInt32BE(12),
      device: value.readUInt32LE(16),
      mac: MacAddress.read(value, 20),
      localRouting: LOCAL_ROUTING[value.readUInt8(26)],
    };
  }

  /** Whether the interface of this index is an access link. */
  isAccess(index: number): boolean {
    const { devices } = this.byName;
    devices.key.writeUInt32LE(index);
    return devices.lookup() && devices.value.readUInt32LE(0) === ROLE.access;
  }

  /** Whether a mobile node reaches others of this node without the LMA, if that is up to it. */
  localRoutingOf({ device, localRouting: own }: HeldBinding): LocalRoutingPolicy {
    const { devices } = this.byName;
    devices.key.writeUInt32LE(device);
    return { own, gateway: devices.lookup() && devices.value.readUInt32LE(12) !== 0 };
  }

  /** What the operator allows of the connections on an access link. */
  mssOf(index: number): TcpMss {
    const { devices } = this.byName;
    devices.key.writeUInt32LE(index);
    if (!devices.lookup()) return {};
    const [ipv4, ipv6] = [devices.value.readUInt16LE(8), devices.value.readUInt16LE(10)];
    return { ipv4: ipv4 || undefined, ipv6: ipv6 || undefined };
  }

  /** The map that has this entry of an access link, whose `value` is filled; `undefined` when there is none. */
  access(customer: number, target: Target): BpfMap | undefined {
    const map = this.#keyed(customer, target);
    return map.lookup() ? map : undefined;
  }

  hasStation(device: number, mac: MacAddress): boolean {
    this.#stationKey(device, mac);
    return this.byName.stations.lookup();
  }

  isPeer(address: IpAddress): boolean {
    const { endpoints } = this.byName;
    writeMapped(endpoints.key, 0, address);
    return endpoints.lookup() && (endpoints.value.readUInt32LE(0) & ENDPOINT_PEER) !== 0;
  }

  /** Whether tunnels of this node end there. */
  isTunnelEnd(address: IpAddress): boolean {
    const { endpoints } = this.byName;
    writeMapped(endpoints.key, 0, address);
    return endpoints.lookup() && (endpoints.value.readUInt32LE(0) & ENDPOINT_LOCAL) !== 0;
  }

  /** Adds one packet, as the programs do. */
  count({ path, counters: index }: HeldBinding, kind: BindingKind, direction: 'up' | 'down', octets: number): void {
    const first = direction === 'up' ? 0 : 2;
    const slot = path * KINDS + KIND.indexOf(kind);
    const own = this.#countedHere.get(slot) ?? [0, 0, 0, 0];
    own[first] = (own[first] ?? 0) + 1;
    own[first + 1] = (own[first + 1] ?? 0) + octets;
    this.#countedHere.set(slot, own);
    this.#shared.count(index, direction, octets);
  }

  drops(): Record<DropReason, number> {
    const counts = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
    for (const [index, reason] of KERNEL_DROP_REASONS.entries()) {
      this.byName.drops.key.writeUInt32LE(index);
      counts[reason] = this.byName.drops.perCpuSums()[0] ?? 0;
    }
    return counts;
  }

  /** How often questions for a link-layer address were answered. */
  answers(kind: (typeof ANSWERS_FOR)[number]): number {
    const { answers } = this.byName;
    answers.key.writeUInt32LE(ANSWERS_FOR.indexOf(kind));
    return answers.perCpuSums()[0] ?? 0;
  }

  close(): void {
    this.#shared.close();
    this.#set.close();
  }

  /** An address that is no tunnel end point of this node any more; it may still be a peer's. */
  clearLocalAddress(address: IpAddress): void {
    this.#clearEndpoint(address, ENDPOINT_LOCAL | ENDPOINT_SHARED);
  }

  #setPeer(address: IpAddress): void {
    const map = this.byName.endpoints;
    writeMapped(map.key, 0, address);
    if (!map.lookup()) map.value.fill(0);
    map.value.writeUInt32LE(map.value.readUInt32LE(0) | ENDPOINT_PEER, 0);
    map.update();
  }

  /** An address that is both this node's own and that of a peer stays as the other. */
  #clearEndpoint(address: IpAddress, gone: number): void {
    const map = this.byName.endpoints;
    writeMapped(map.key, 0, address);
    if (!map.lookup()) return;
    const flags = map.value.readUInt32LE(0) & ~gone;
    if (flags === 0) {
      map.delete();
      return;
    }
    map.value.writeUInt32LE(flags, 0);
    if ((flags & ENDPOINT_LOCAL) === 0) map.value.fill(0, 4);
    map.update();
  }

  #gatewayKey(device: number, address: IpAddress): void {
    const { key } = this.byName.gateways;
    key.writeUInt32LE(device, 0);
    writeMapped(key, 4, address);
  }

  #stationKey(device: number, mac: MacAddress): void {
    this.byName.stations.key.writeUInt32LE(device, 0);
    mac.write(this.byName.stations.key, 4);
  }

  #keyed(customer: number, target: Target): BpfMap {
    const { access4, access6 } = this.byName;
    const map = target instanceof Ipv4Address ? access4 : access6;
    writeTargetKey(map.key, { customer, target });
    return map;
  }
}
