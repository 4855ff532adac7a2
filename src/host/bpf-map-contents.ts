/** What is in the maps, in the terms of the desired state. */
import type { IpAddress } from '#base/ip-address.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { Encapsulation, GreKeys, Path } from '#dataplane/desired.ts';
import type { Target, TunnelOwner } from '#dataplane/part.ts';
import { TunnelForm } from '#dataplane/tunnel-form.ts';
import { PATH_CUSTOMER_AT, PATH_TRANSLATED_AT } from './bpf-map-specs.ts';
import { LOCAL_ROUTING, type PmipMaps } from './bpf-maps.ts';
import type { KernelFeatures } from './kernel-features.ts';

export interface PathRow {
  readonly index: number;
  readonly path: Path;
  readonly customer: number;
}

export type TunnelOwnerRow = Pick<TunnelOwner, 'local' | 'remote' | 'receiveKey' | 'customer'>;

/** A binding's entry. */
export interface EntryRow {
  readonly customer: number;
  readonly target: Target;
  /** Index. */
  readonly path: number;
  readonly counters: number;
  /** 0 where the path has none. */
  readonly keys: GreKeys;
}

export interface AccessRow extends EntryRow {
  /** Interface index. */
  readonly device: number;
  readonly mac: MacAddress;
  readonly localRouting: boolean | undefined;
  readonly homePrefixLength: number;
}

export interface StationRow {
  readonly device: number;
  readonly mac: MacAddress;
}

type Ports = Pick<Extract<Encapsulation, { kind: 'udp' }>, 'localPort' | 'remotePort' | 'translated'>;

/** The paths that are in use. */
export function* pathRows({ byName: { paths } }: PmipMaps, features: KernelFeatures): Iterable<PathRow> {
  for (const { key, value } of paths.entries(features)) {
    const path = readPath(value);
    if (path) yield { index: key.readUInt32LE(0), path, customer: readPathCustomer(value) };
  }
}

/** Whose tunnels are whose. */
export function* tunnelOwnerRows(
  { byName: { tunnels } }: PmipMaps,
  features: KernelFeatures,
): Iterable<TunnelOwnerRow> {
  for (const { key, value } of tunnels.entries(features)) {
    yield {
      local: Ipv6Address.read(key, 0).unmapped,
      remote: Ipv6Address.read(key, 16).unmapped,
      receiveKey: key.readUInt32LE(36) === 0 ? undefined : key.readUInt32BE(32),
      customer: value.readUInt32LE(0),
    };
  }
}

export function* accessRows({ byName: { access4, access6 } }: PmipMaps, features: KernelFeatures): Iterable<AccessRow> {
  for (const { key, value } of access4.entries(features)) yield { ...readKey4(key), ...readAccess(value) };
  for (const { key, value } of access6.entries(features)) yield { ...readKey6(key), ...readAccess(value) };
}

export function* stationRows({ byName: { stations } }: PmipMaps, features: KernelFeatures): Iterable<StationRow> {
  for (const { key } of stations.entries(features)) yield { device: key.readUInt32LE(0), mac: MacAddress.read(key, 4) };
}

/** The addresses of the node on access links, by interface index. */
export function gatewayRows({ byName: { gateways } }: PmipMaps, features: KernelFeatures): GatewayRow[] {
  return Array.from(gateways.entries(features), ({ key }) => ({
    device: key.readUInt32LE(0),
    address: Ipv6Address.read(key, 4).unmapped,
  }));
}

export interface GatewayRow {
  readonly device: number;
  readonly address: IpAddress;
}

/** The interfaces to which the programs give a role. */
export function deviceIndices({ byName: { devices } }: PmipMaps, features: KernelFeatures): number[] {
  return Array.from(devices.entries(features), ({ key }) => key.readUInt32LE(0));
}

/** The tunnel end points of the node. */
export function localAddresses({ byName: { endpoints } }: PmipMaps, features: KernelFeatures): IpAddress[] {
  return Array.from(endpoints.entries(features), ({ key, value }) => ({
    address: Ipv6Address.read(key, 0).unmapped,
    isLocal: (value.readUInt32LE(0) & 1) !== 0,
  })).flatMap(({ address, isLocal }) => (isLocal ? [address] : []));
}

/** What an entry's value begins with. */
function readEntry(value: Buffer): Pick<EntryRow, 'path' | 'counters' | 'keys'> {
  const keys = { send: value.readUInt32BE(8), receive: value.readUInt32BE(12) };
  return { path: value.readUInt32LE(0), counters: value.readUInt32LE(4), keys };
}

export function readAccess(value: Buffer): Omit<AccessRow, 'customer' | 'target'> {
  const [localRouting, homePrefixLength] = [LOCAL_ROUTING[value.readUInt8(26)], value.readUInt8(27)];
  const ofNode = { device: value.readUInt32LE(16), mac: MacAddress.read(value, 20), localRouting, homePrefixLength };
  return { ...readEntry(value), ...ofNode };
}

/** Its GRE keys are those of bindings, and 0 here. `undefined` when it is not in use. */
export function readPath(value: Buffer): Path | undefined {
  const form = value.readUInt32LE(0);
  if (form === 0) return undefined;
  const translated = value.readUInt32LE(PATH_TRANSLATED_AT) !== 0;
  const ports = {
    localPort: value.readUInt16BE(60),
    remotePort: value.readUInt16BE(62),
    ...(translated && { translated }),
  };
  return {
    encapsulation: encapsulationOf(form, ports),
    local: Ipv6Address.read(value, 8).unmapped,
    remote: Ipv6Address.read(value, 24).unmapped,
  };
}

export function readPathCustomer(value: Buffer): number {
  return value.readUInt32LE(PATH_CUSTOMER_AT);
}

function encapsulationOf(form: number, ports: Ports): Encapsulation {
  const { UDP, TLV, GRE, KEY } = TunnelForm;
  const keys = (form & KEY) !== 0 ? { keys: { send: 0, receive: 0 } } : {};
  const gre = (form & GRE) !== 0;
  if ((form & UDP) !== 0) return { kind: 'udp', ...ports, tlvHeader: (form & TLV) !== 0, ...(gre && { gre: keys }) };
  return gre ? { kind: 'gre', ...keys } : { kind: 'ip' };
}

function readKey4(key: Buffer): Pick<EntryRow, 'customer' | 'target'> {
  return { customer: key.readUInt32LE(0), target: Ipv4Address.read(key, 4) };
}

function readKey6(key: Buffer): Pick<EntryRow, 'customer' | 'target'> {
  const network = new Ipv6Address(key.readInt32BE(0), key.readInt32BE(4), 0, 0);
  return { customer: key.readUInt32LE(8), target: new Ipv6Prefix(network, 64) };
}
