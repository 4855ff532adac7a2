/**
 * Traffic selectors of RFC 6088 §3 "Traffic Selector Sub-Options": 16 flags, each for one field, and then the fields whose flag is set, in
 * the order of the flags. Fields come in pairs, the start and the end of a range.
 */
import { readU16, readU32, writeU16, writeU32 } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { WireFault } from '../../error.ts';
import { copyOctets, writeOctets } from '../../octets.ts';

export type TrafficSelector = Ipv4TrafficSelector | Ipv6TrafficSelector | UnknownTrafficSelector;

/** From `start` to `end`, both included; `start` alone when there is no end. */
export interface SelectorRange<T> {
  readonly start: T;
  readonly end?: T;
}

/** As packets from a correspondent node to the mobile node carry it. An absent range matches everything. */
export interface Ipv4TrafficSelector {
  readonly kind: 'ipv4-traffic-selector';
  readonly source?: SelectorRange<Ipv4Address>;
  readonly destination?: SelectorRange<Ipv4Address>;
  readonly spi?: SelectorRange<number>;
  readonly sourcePort?: SelectorRange<number>;
  readonly destinationPort?: SelectorRange<number>;
  readonly differentiatedServices?: SelectorRange<number>;
  readonly protocol?: SelectorRange<number>;
}

export interface Ipv6TrafficSelector {
  readonly kind: 'ipv6-traffic-selector';
  readonly source?: SelectorRange<Ipv6Address>;
  readonly destination?: SelectorRange<Ipv6Address>;
  readonly spi?: SelectorRange<number>;
  readonly flowLabel?: SelectorRange<number>;
  readonly sourcePort?: SelectorRange<number>;
  readonly destinationPort?: SelectorRange<number>;
  readonly trafficClass?: SelectorRange<number>;
  readonly nextHeader?: SelectorRange<number>;
}

export interface UnknownTrafficSelector {
  readonly kind: 'unknown-traffic-selector';
  readonly format: number;
  readonly data: Uint8Array;
}

type Item = Ipv4Address | Ipv6Address | number;

/** How one item of a range is written. */
interface Shape {
  readonly octets: number;
  read(bytes: Uint8Array, at: number): Item;
  write(item: Item, out: Uint8Array, at: number): void;
}

const octet: Shape = {
  octets: 1,
  read: (bytes, at) => bytes[at] as number,
  write(item, out, at) {
    out[at] = item as number;
  },
};
const u16: Shape = { octets: 2, read: readU16, write: (item, out, at) => writeU16(out, at, item as number) };
const u32: Shape = { octets: 4, read: readU32, write: (item, out, at) => writeU32(out, at, item as number) };
const ipv4: Shape = {
  octets: 4,
  read: (bytes, at) => Ipv4Address.read(bytes, at),
  write: (item, out, at) => (item as Ipv4Address).write(out, at),
};
const ipv6: Shape = {
  octets: 16,
  read: (bytes, at) => Ipv6Address.read(bytes, at),
  write: (item, out, at) => (item as Ipv6Address).write(out, at),
};

type Layout = readonly (readonly [field: string, shape: Shape])[];

const ipv4Layout: Layout = [
  ['source', ipv4],
  ['destination', ipv4],
  ['spi', u32],
  ['sourcePort', u16],
  ['destinationPort', u16],
  ['differentiatedServices', octet],
  ['protocol', octet],
];

const ipv6Layout: Layout = [
  ['source', ipv6],
  ['destination', ipv6],
  ['spi', u32],
  ['flowLabel', u32],
  ['sourcePort', u16],
  ['destinationPort', u16],
  ['trafficClass', octet],
  ['nextHeader', octet],
];

/** TS Format. */
export const TrafficSelectorFormat = { IPV4_BINARY: 1, IPV6_BINARY: 2 } as const;

const FLAGS_LENGTH = 4;
const FIRST_FLAG = 0x8000;

export function trafficSelectorFormat(selector: TrafficSelector): number {
  if (selector.kind === 'unknown-traffic-selector') return selector.format;
  return selector.kind === 'ipv4-traffic-selector'
    ? TrafficSelectorFormat.IPV4_BINARY
    : TrafficSelectorFormat.IPV6_BINARY;
}

/** What is after the TS Format and Reserved octets. */
export function decodeTrafficSelector(
  format: number,
  bytes: Uint8Array,
  at: number,
  end: number,
): TrafficSelector | WireFault {
  switch (format) {
    case TrafficSelectorFormat.IPV4_BINARY:
      return decodeRanges('ipv4-traffic-selector', ipv4Layout, bytes, at, end);
    case TrafficSelectorFormat.IPV6_BINARY:
      return decodeRanges('ipv6-traffic-selector', ipv6Layout, bytes, at, end);
    default:
      return { kind: 'unknown-traffic-selector', format, data: copyOctets(bytes, at, end) };
  }
}

export function encodeTrafficSelector(selector: TrafficSelector, out: Uint8Array, at: number): number {
  if (selector.kind === 'unknown-traffic-selector') return writeOctets(selector.data, out, at);
  const layout = selector.kind === 'ipv4-traffic-selector' ? ipv4Layout : ipv6Layout;
  const ranges = selector as unknown as Readonly<Record<string, SelectorRange<Item> | undefined>>;
  let flags = 0;
  let next = at + FLAGS_LENGTH;
  layout.forEach(([field, shape], i) => {
    const items = [ranges[field]?.start, ranges[field]?.end];
    items.forEach((item, j) => {
      if (item === undefined) return;
      flags |= FIRST_FLAG >> (2 * i + j);
      shape.write(item, out, next);
      next += shape.octets;
    });
  });
  writeU16(out, at, flags);
  writeU16(out, at + 2, 0);
  return next;
}

function decodeRanges(
  kind: 'ipv4-traffic-selector' | 'ipv6-traffic-selector',
  layout: Layout,
  bytes: Uint8Array,
  at: number,
  end: number,
): TrafficSelector | WireFault {
  if (at + FLAGS_LENGTH > end) return new WireFault('truncated', at, 'Traffic Selector', 'no flags (RFC 6088 §3)');
  const flags = readU16(bytes, at);
  const ranges: Record<string, unknown> = { kind };
  let next = at + FLAGS_LENGTH;
  for (const [i, [field, shape]] of layout.entries()) {
    const hasStart = (flags & (FIRST_FLAG >> (2 * i))) !== 0;
    const hasEnd = (flags & (FIRST_FLAG >> (2 * i + 1))) !== 0;
    // "This field MUST NOT be included unless the Start ... field is included", said of every end.
    if (hasEnd && !hasStart)
      return new WireFault(
        'bad-value',
        at,
        field,
        'an end without a start (RFC 6088 §3.1 "IPv4 Binary Traffic Selector")',
      );
    const needed = (Number(hasStart) + Number(hasEnd)) * shape.octets;
    if (next + needed > end) return new WireFault('truncated', next, field, 'runs past the selector (RFC 6088 §3)');
    if (hasStart) {
      const start = shape.read(bytes, next);
      ranges[field] = hasEnd ? { start, end: shape.read(bytes, next + shape.octets) } : { start };
    }
    next += needed;
  }
  return ranges as unknown as TrafficSelector;
}
