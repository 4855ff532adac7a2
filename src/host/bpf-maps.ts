/** The maps of `bpf/pmip.bpf.c`: their sizes for one node, and the layouts of their keys and values. */

import { readFileSync } from 'node:fs';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { NodeForwarding } from '#dataplane/desired.ts';
import { DROP_REASONS, type DropReason, KERNEL_DROP_REASONS } from '#dataplane/drop-reason.ts';
import { counterSlots, MAXIMUM_PATHS } from '#dataplane/forwarding-table.ts';
import type { AccessEntry, AnchorEntry, CarriedPath, Target } from '#dataplane/part.ts';
import { BpfMap, MapFlag, type MapSpec, MapType } from './bpf.ts';
import type { NextHop } from './netlink-requests.ts';
import { type Mapping, munmap } from './posix.ts';

const ENCAPSULATION = { ip: 1 } as const satisfies Record<CarriedPath['encapsulation']['kind'], number>;
const ROLE = { access: 1, pmip: 2 } as const;
const ENDPOINT_LOCAL = 1;
const ENDPOINT_PEER = 2;

const DEVICES = 4096;
const COUNTERS_SIZE = 32;
/** The octets of struct key4 and of struct key6. */
const KEY4 = 8;
const KEY6 = 16;
const ANCHOR_VALUE = 8;
const ACCESS_VALUE = 20;

type MapName =
  | 'paths'
  | 'anchor4'
  | 'anchor6'
  | 'access4'
  | 'access6'
  | 'counters'
  | 'devices'
  | 'endpoints'
  | 'stations'
  | 'drops';

/** One node's maps. Every method that changes one throws `SystemCallError`. */
export class PmipMaps {
  readonly byName: Readonly<Record<MapName, BpfMap>>;
  readonly #counters: Mapping;
  readonly #counterWords: BigUint64Array;

  constructor(node: NodeForwarding) {
    this.byName = createMaps(specifications(node));
    this.#counters = this.byName.counters.mapMemory();
    const { buffer, byteOffset, length } = this.#counters.buffer;
    this.#counterWords = new BigUint64Array(buffer, byteOffset, length / 8);
  }

  /** Without a hop there is no route to the peer. */
  setPath(index: number, path: CarriedPath, hop: NextHop | undefined): void {
    const transport = hop?.device ?? 0;
    const { key, value } = this.byName.paths;
    key.writeUInt32LE(index);
    value.writeUInt32LE(ENCAPSULATION[path.encapsulation.kind], 0);
    value.writeUInt32LE(transport, 4);
    path.local.write(value, 8);
    path.remote.write(value, 24);
    (hop?.address ?? Ipv6Address.unspecified).write(value, 40);
    this.byName.paths.update();
    this.#setEndpoint(path.remote, ENDPOINT_PEER, 0, 0, transport);
  }

  /** `peerRemains`: another path leads to the same peer. */
  clearPath(index: number, path: CarriedPath, peerRemains: boolean): void {
    if (!peerRemains) this.#clearEndpoint(path.remote);
    this.byName.paths.key.writeUInt32LE(index);
    this.byName.paths.value.fill(0);
    this.byName.paths.update();
  }

  setLocalAddress(address: Ipv6Address, customer: number, pmip: number): void {
    this.#setEndpoint(address, ENDPOINT_LOCAL, customer, pmip, 0);
  }

  setDevice(index: number, role: keyof typeof ROLE, customer: number): void {
    const { key, value } = this.byName.devices;
    key.writeUInt32LE(index);
    value.writeUInt32LE(ROLE[role], 0);
    value.writeUInt32LE(customer, 4);
    this.byName.devices.update();
  }

  setStation(device: number, mac: MacAddress): void {
    this.#stationKey(device, mac);
    this.byName.stations.update();
  }

  clearStation(device: number, mac: MacAddress): void {
    this.#stationKey(device, mac);
    this.byName.stations.delete();
  }

  setAnchor(entry: AnchorEntry): void {
    const map = this.#keyed(this.byName.anchor4, this.byName.anchor6, entry.customer, entry.target);
    map.value.writeUInt32LE(entry.path, 0);
    map.value.writeUInt32LE(entry.counters, 4);
    map.update();
  }

  clearAnchor(entry: AnchorEntry): void {
    this.#keyed(this.byName.anchor4, this.byName.anchor6, entry.customer, entry.target).delete();
  }

  setAccess(entry: AccessEntry, device: number): void {
    const map = this.#keyed(this.byName.access4, this.byName.access6, entry.customer, entry.target);
    map.value.writeUInt32LE(entry.path, 0);
    map.value.writeUInt32LE(entry.counters, 4);
    map.value.writeUInt32LE(device, 8);
    entry.mac.write(map.value, 12);
    map.update();
  }

  clearAccess(entry: AccessEntry): void {
    this.#keyed(this.byName.access4, this.byName.access6, entry.customer, entry.target).delete();
  }

  resetCounters(index: number): void {
    this.#counterWords.fill(0n, index * 4, index * 4 + 4);
  }

  counters(index: number) {
    const word = (i: number) => Number(this.#counterWords[index * 4 + i]);
    return { upPackets: word(0), upOctets: word(1), downPackets: word(2), downOctets: word(3) };
  }

  /** The binding that a packet with this address belongs to, as the programs would find it; `undefined` when there is none. */
  binding(kind: 'anchor' | 'access', target: Target): { path: number; counters: number } | undefined {
    const { anchor4, anchor6, access4, access6 } = this.byName;
    const map = kind === 'anchor' ? this.#keyed(anchor4, anchor6, 0, target) : this.#keyed(access4, access6, 0, target);
    return map.lookup() ? { path: map.value.readUInt32LE(0), counters: map.value.readUInt32LE(4) } : undefined;
  }

  /** Whether a path leads from `local` to `remote`. */
  isPath(index: number, local: Ipv6Address, remote: Ipv6Address): boolean {
    const { key, value } = this.byName.paths;
    key.writeUInt32LE(index);
    if (!this.byName.paths.lookup() || value.readUInt32LE(0) !== ENCAPSULATION.ip) return false;
    return Ipv6Address.read(value, 8).equals(local) && Ipv6Address.read(value, 24).equals(remote);
  }

  isPeer(address: Ipv6Address): boolean {
    const { endpoints } = this.byName;
    address.write(endpoints.key);
    return endpoints.lookup() && (endpoints.value.readUInt32LE(0) & ENDPOINT_PEER) !== 0;
  }

  /** Adds one packet, as the programs do. */
  count(index: number, direction: 'up' | 'down', octets: number): void {
    const at = index * 4 + (direction === 'up' ? 0 : 2);
    Atomics.add(this.#counterWords, at, 1n);
    Atomics.add(this.#counterWords, at + 1, BigInt(octets));
  }

  drops(): Record<DropReason, number> {
    const counts = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
    for (const [index, reason] of KERNEL_DROP_REASONS.entries()) {
      this.byName.drops.key.writeUInt32LE(index);
      counts[reason] = this.byName.drops.sumPerCpu();
    }
    return counts;
  }

  close(): void {
    munmap(this.#counters);
    for (const map of Object.values(this.byName)) map.close();
  }

  #setEndpoint(address: Ipv6Address, flag: number, customer: number, pmip: number, transport: number): void {
    const map = this.byName.endpoints;
    address.write(map.key);
    const known = map.lookup() ? map.value.readUInt32LE(0) : 0;
    if (known === 0) map.value.fill(0);
    map.value.writeUInt32LE(known | flag, 0);
    if (flag === ENDPOINT_LOCAL) {
      map.value.writeUInt32LE(customer, 4);
      map.value.writeUInt32LE(pmip, 8);
    } else map.value.writeUInt32LE(transport, 12);
    map.update();
  }

  /** Of a peer; this node's own address stays when a path leads to itself. */
  #clearEndpoint(address: Ipv6Address): void {
    const map = this.byName.endpoints;
    address.write(map.key);
    if (!map.lookup()) return;
    const flags = map.value.readUInt32LE(0) & ~ENDPOINT_PEER;
    if (flags === 0) {
      map.delete();
      return;
    }
    map.value.writeUInt32LE(flags, 0);
    map.value.writeUInt32LE(0, 12);
    map.update();
  }

  #stationKey(device: number, mac: MacAddress): void {
    this.byName.stations.key.writeUInt32LE(device, 0);
    mac.write(this.byName.stations.key, 4);
  }

  #keyed(four: BpfMap, six: BpfMap, customer: number, target: Target): BpfMap {
    if (target instanceof Ipv4Address) {
      four.key.writeUInt32LE(customer, 0);
      target.write(four.key, 4);
      return four;
    }
    six.key.writeInt32BE(target.address.w0, 0);
    six.key.writeInt32BE(target.address.w1, 4);
    six.key.writeUInt32LE(customer, 8);
    return six;
  }
}

/** A kind of binding that the node has no part in gets the smallest map there is. */
function specifications(node: NodeForwarding): Record<MapName, Omit<MapSpec, 'name'>> {
  const anchors = node.pools.ipv4.length + node.pools.ipv6.length > 0 ? node.maximumBindings : 1;
  const access = node.accessInterfaces.length > 0 ? node.maximumBindings : 1;
  const hash = (keySize: number, valueSize: number, maximumEntries: number) => ({
    type: MapType.HASH,
    keySize,
    valueSize,
    maximumEntries,
    flags: MapFlag.NO_PREALLOC,
  });
  return {
    paths: { type: MapType.ARRAY, keySize: 4, valueSize: 56, maximumEntries: MAXIMUM_PATHS },
    anchor4: hash(KEY4, ANCHOR_VALUE, anchors),
    anchor6: hash(KEY6, ANCHOR_VALUE, anchors),
    access4: hash(KEY4, ACCESS_VALUE, access),
    access6: hash(KEY6, ACCESS_VALUE, access),
    counters: {
      type: MapType.ARRAY,
      keySize: 4,
      valueSize: COUNTERS_SIZE,
      maximumEntries: counterSlots(node),
      flags: MapFlag.MMAPABLE,
    },
    devices: hash(4, 8, DEVICES),
    endpoints: hash(16, 16, MAXIMUM_PATHS + node.localAddresses.length),
    stations: hash(12, 4, access),
    drops: { type: MapType.PERCPU_ARRAY, keySize: 4, valueSize: 8, maximumEntries: KERNEL_DROP_REASONS.length },
  };
}

function createMaps(specs: Record<MapName, Omit<MapSpec, 'name'>>): Record<MapName, BpfMap> {
  const cpus = possibleCpus();
  const made: Partial<Record<MapName, BpfMap>> = {};
  try {
    for (const [name, spec] of Object.entries(specs)) made[name as MapName] = new BpfMap({ name, ...spec }, cpus);
  } catch (error) {
    for (const map of Object.values(made)) map.close();
    throw error;
  }
  return made as Record<MapName, BpfMap>;
}

/** The kernel writes a value for each CPU that could be there, as in `0-3`. */
function possibleCpus(): number {
  const ranges = readFileSync('/sys/devices/system/cpu/possible', 'utf8').trim().split(',');
  return Math.max(...ranges.map((range) => Number(range.split('-').at(-1)))) + 1;
}
