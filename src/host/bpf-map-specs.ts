/** The maps of `bpf/maps.h`: their sizes for one node, and where the fields of their values are. */
import type { NodeForwarding } from '#dataplane/desired.ts';
import { KERNEL_DROP_REASONS } from '#dataplane/drop-reason.ts';
import { counterSlots } from '#dataplane/forwarding-table.ts';
import { MAXIMUM_FILTER_RULES } from '#dataplane/packet-filter.ts';
import { MAXIMUM_PATHS } from '#dataplane/tunnel-paths.ts';
import { ANCHOR_ENTRY, anchorPlaces } from './anchor-table.ts';
import { MapFlag, MapType } from './bpf.ts';
import { FILTER_KINDS, FILTER_RULE } from './bpf-filters.ts';
import type { MapSpecs } from './bpf-map-set.ts';
import { LONGEST_HEADER } from './tunnel-header.ts';

const DEVICES = 4096;
const LOCAL_ADDRESSES = 64;
const COUNTERS_SIZE = 32;
/** Of bindings. */
export const KINDS = 2;
/** As `enum answers_for` has them. */
export const ANSWERS_FOR = ['anchored', 'home-subnet'] as const;
/** The octets of struct key4 and of struct key6. */
const KEY4 = 8;
const KEY6 = 16;
const ACCESS_VALUE = 28;
export const PATH_HEADER_AT = 68;
export const PATH_MTU_AT = PATH_HEADER_AT + LONGEST_HEADER;
/** `translated`, `moved_at` and `moves` of struct path. */
export const PATH_TRANSLATED_AT = PATH_MTU_AT + 8;
export const PATH_MOVED_AT = PATH_TRANSLATED_AT + 4;
export const PATH_MOVES_AT = PATH_MOVED_AT + 8;
export const PATH_CUSTOMER_AT = PATH_MOVES_AT + 4;
const PATH_VALUE = PATH_CUSTOMER_AT + 4;
const DEVICE_VALUE = 28;
export const DEVICE_MAC_AT = 16;
export const DEVICE_MTU_AT = 24;
const GATEWAY_KEY = 20;
const SCRATCH_SIZE = 168;
/** The octets of struct route, and how many of them a processor keeps. */
const ROUTE_SIZE = 80;
const KNOWN_ROUTES = 1024;
const CUT_SIZE = 72;
/** Of the largest packet, wherever it is cut. */
const SEGMENT_DATA = 16384;
const SEGMENT_DATA_PARTS = 6;
const SETTINGS_VALUE = 12;
const ENDPOINT_VALUE = 8;
const TUNNEL_KEY = 40;
const PROXIED_RANGE_KEY = 24;
const PROXIED_VALUE = 28;
const PROXIED_RANGES = 4096;

export type MapName =
  | 'paths'
  | 'anchors'
  | 'access4'
  | 'access6'
  | 'counters'
  | 'path_counters'
  | 'settings'
  | 'devices'
  | 'endpoints'
  | 'gateways'
  | 'tunnels'
  | 'stations'
  | 'last_unreachable'
  | 'filters'
  | 'filter_rules'
  | 'filter_hits'
  | 'vlans'
  | 'vlan_devices'
  | 'proxied_ranges'
  | 'answers'
  | 'scratches'
  | 'routes'
  | 'cuts'
  | 'segment_data'
  | 'drops';

/** A kind of binding that the node has no part in gets the smallest map there is. */
export function mapSpecifications(node: NodeForwarding): MapSpecs<MapName> {
  const anchored = [node, ...(node.customers ?? [])].some(({ pools }) => pools.ipv4.length + pools.ipv6.length > 0);
  const anchors = anchored ? node.maximumBindings : 1;
  const access = node.accessInterfaces.length > 0 ? node.maximumBindings : 1;
  const hash = (keySize: number, valueSize: number, maximumEntries: number) => ({
    type: MapType.HASH,
    keySize,
    valueSize,
    maximumEntries,
    flags: MapFlag.NO_PREALLOC,
  });
  const array = (valueSize: number, maximumEntries: number) => ({
    type: MapType.ARRAY,
    keySize: 4,
    valueSize,
    maximumEntries,
  });
  const ofEachCpu = (valueSize: number, maximumEntries: number) => ({
    ...array(valueSize, maximumEntries),
    type: MapType.PERCPU_ARRAY,
  });
  return {
    paths: { type: MapType.ARRAY, keySize: 4, valueSize: PATH_VALUE, maximumEntries: MAXIMUM_PATHS },
    // An address and a prefix.
    anchors: { ...array(ANCHOR_ENTRY, anchorPlaces(anchors * 2)), flags: MapFlag.MMAPABLE },
    access4: hash(KEY4, ACCESS_VALUE, access),
    // A prefix and a key.
    access6: hash(KEY6, ACCESS_VALUE, access * 2),
    counters: {
      type: MapType.ARRAY,
      keySize: 4,
      valueSize: COUNTERS_SIZE,
      maximumEntries: counterSlots(node),
      flags: MapFlag.MMAPABLE,
    },
    path_counters: ofEachCpu(COUNTERS_SIZE, MAXIMUM_PATHS * KINDS),
    settings: array(SETTINGS_VALUE, 1),
    devices: hash(4, DEVICE_VALUE, DEVICES),
    endpoints: hash(16, ENDPOINT_VALUE, MAXIMUM_PATHS + LOCAL_ADDRESSES),
    tunnels: hash(TUNNEL_KEY, 4, node.customers?.length ? node.maximumBindings * 2 : 1),
    gateways: hash(GATEWAY_KEY, 4, access + DEVICES),
    stations: hash(12, 4, access),
    vlans: hash(8, 4, DEVICES),
    vlan_devices: hash(4, 8, DEVICES),
    last_unreachable: array(8, 1),
    filters: array(8, FILTER_KINDS.length),
    filter_rules: array(FILTER_RULE, FILTER_KINDS.length * 2 * MAXIMUM_FILTER_RULES),
    filter_hits: array(8, FILTER_KINDS.length * 2 * MAXIMUM_FILTER_RULES),
    proxied_ranges: {
      type: MapType.LPM_TRIE,
      keySize: PROXIED_RANGE_KEY,
      valueSize: PROXIED_VALUE,
      maximumEntries: PROXIED_RANGES,
      flags: MapFlag.NO_PREALLOC,
    },
    answers: ofEachCpu(8, ANSWERS_FOR.length),
    scratches: ofEachCpu(SCRATCH_SIZE, 1),
    routes: ofEachCpu(ROUTE_SIZE, KNOWN_ROUTES),
    cuts: ofEachCpu(CUT_SIZE, 1),
    segment_data: ofEachCpu(SEGMENT_DATA, SEGMENT_DATA_PARTS),
    drops: ofEachCpu(8, KERNEL_DROP_REASONS.length),
  };
}
