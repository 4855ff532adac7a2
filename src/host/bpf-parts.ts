/** What is in the maps and on the access links, as the parts that bindings consist of. */
import { Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { Path } from '#dataplane/desired.ts';
import {
  type AccessEntry,
  type AnchorEntry,
  accessKey,
  anchorKey,
  neighbourKey,
  type Part,
  pathKey,
  routeKey,
  routerAddressKey,
  stationKey,
  tunnelOwnerKey,
} from '#dataplane/part.ts';
import { formOf, TunnelForm } from '#dataplane/tunnel-form.ts';
import {
  type AccessRow,
  accessRows,
  type EntryRow,
  pathRows,
  readAccess,
  readPath,
  readPathCustomer,
  stationRows,
  type TunnelOwnerRow,
  tunnelOwnerRows,
} from './bpf-map-contents.ts';
import type { PmipMaps } from './bpf-maps.ts';
import type { NodeDevices } from './bpf-node.ts';
import type { KernelFeatures } from './kernel-features.ts';
import { isHostPrefix, type OurObject } from './netlink-requests.ts';

/** All but the entries of anchors, tunnels first. */
export function* partsInMaps(maps: PmipMaps, devices: NodeDevices, features: KernelFeatures): Iterable<Part> {
  const names = namesOf(devices);
  const keyed = new Set<number>();
  for (const { index, path, customer } of pathRows(maps, features)) {
    if (isKeyed(path)) keyed.add(index);
    yield { kind: 'path', key: pathKey(customer, path), index, path, customer };
  }
  for (const row of tunnelOwnerRows(maps, features)) yield tunnelOwner(row);
  const hasKeys = (path: number) => keyed.has(path);
  for (const row of accessRows(maps, features)) yield accessEntry(row, hasKeys, names);
  for (const { device, mac } of stationRows(maps, features)) yield station(nameOf(names, device), mac);
}

/** What is known of a node when many parts are looked up, one after the other. */
export interface Lookup {
  readonly devices: NodeDevices;
  readonly names: Names;
  /** Of a tunnel that somebody uses; `undefined` of others. */
  readonly pathAt: (index: number) => Path | undefined;
}

/** What the maps have in the place of a part that is kept there. */
export function partInMaps(maps: PmipMaps, part: Part, { devices, names, pathAt: known }: Lookup): Part | undefined {
  const hasKeys = (index: number) => isKeyed(known(index) ?? storedPath(maps, index));
  switch (part.kind) {
    case 'path':
      return pathAt(maps, part.index);
    case 'tunnel-owner': {
      const customer = maps.customerOfTunnel(part);
      return customer === 0 ? undefined : { ...part, customer };
    }
    case 'station': {
      const device = devices.access.get(part.interface);
      return device !== undefined && maps.hasStation(device, part.mac) ? part : undefined;
    }
    case 'anchor-entry': {
      const found = maps.shared.anchor(part.customer, part.target);
      return found && anchorEntry({ ...part, ...found }, hasKeys);
    }
    case 'access-entry': {
      const found = maps.access(part.customer, part.target);
      if (!found) return undefined;
      const row = { ...part, ...readAccess(found.value) };
      return accessEntry(row, hasKeys, names);
    }
    default:
      throw new RangeError(`${part.kind} is not in a map`);
  }
}

/** Addresses, neighbours and routes. */
export function partsOnLinks(objects: readonly OurObject[], devices: LinkDevices): Part[] {
  const names = namesOf(devices);
  return objects.flatMap((object) => partOnLink(object, devices, names) ?? []);
}

/** The configured names of access interfaces, by index. */
export type Names = ReadonlyMap<number, string>;
type LinkDevices = Pick<NodeDevices, 'access' | 'isForBinding' | 'customers'>;

function partOnLink(object: OurObject, { isForBinding, customers }: LinkDevices, names: Names): Part | undefined {
  if (object.kind === 'rule') return undefined;
  const link = names.get(object.device);
  if (link === undefined) return undefined;
  if (object.kind === 'neighbour') {
    const { address, mac } = object;
    if (!mac) return undefined;
    return { kind: 'neighbour', key: neighbourKey(link, address), interface: link, address, mac };
  }
  if (object.kind === 'address') {
    const { device, prefix } = object;
    if (!isHostPrefix(prefix) || !isForBinding(device, prefix)) return undefined;
    const { address } = prefix;
    return { kind: 'router-address', key: routerAddressKey(link, address), interface: link, address };
  }
  const customer = customers.get(object.table);
  if (customer === undefined) return undefined;
  const { destination } = object;
  const via = object.via instanceof Ipv6Address ? object.via : undefined;
  const target = destination instanceof Ipv4Prefix ? destination.address : destination;
  return { kind: 'route', key: routeKey(customer, target), customer, interface: link, target, via };
}

function anchorEntry(row: EntryRow, hasKeys: (path: number) => boolean): AnchorEntry {
  return { kind: 'anchor-entry', key: anchorKey(row.customer, row.target), ...entryFields(row, hasKeys) };
}

function accessEntry(row: AccessRow, hasKeys: (path: number) => boolean, names: Names): AccessEntry {
  const link = nameOf(names, row.device);
  const { customer, target, mac, localRouting, homePrefixLength } = row;
  const key = accessKey(customer, target);
  const ofNode = { interface: link, mac, localRouting, homePrefixLength };
  return { kind: 'access-entry', key, ...entryFields(row, hasKeys), ...ofNode };
}

function entryFields({ customer, target, path, keys, counters }: EntryRow, hasKeys: (path: number) => boolean) {
  return { customer, target, path, keys: hasKeys(path) ? keys : undefined, counters };
}

function tunnelOwner(row: TunnelOwnerRow): Part {
  return { kind: 'tunnel-owner', key: tunnelOwnerKey(row.local, row.remote, row.receiveKey), ...row };
}

function station(link: string, mac: MacAddress): Part {
  return { kind: 'station', key: stationKey(link, mac), interface: link, mac };
}

function pathAt(maps: PmipMaps, index: number): Part | undefined {
  const path = storedPath(maps, index);
  if (!path) return undefined;
  const customer = readPathCustomer(maps.byName.paths.value);
  return { kind: 'path', key: pathKey(customer, path), index, path, customer };
}

function isKeyed(path: Path | undefined): boolean {
  return path !== undefined && (formOf(path) & TunnelForm.KEY) !== 0;
}

function storedPath({ byName: { paths } }: PmipMaps, index: number): Path | undefined {
  paths.key.writeUInt32LE(index);
  return paths.lookup() ? readPath(paths.value) : undefined;
}

export function namesOf({ access }: Pick<NodeDevices, 'access'>): Names {
  return new Map(Array.from(access, ([name, index]) => [index, name]));
}

/** No configured name has this form. */
function nameOf(names: Names, device: number): string {
  return names.get(device) ?? `interface index ${device}`;
}
