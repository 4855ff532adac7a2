import { WireFault } from '../error.ts';
import type { OctetWriter } from '../octet-writer.ts';
import { copyOctets } from '../octets.ts';
import type { NeighborDiscoveryOptionCodec } from './option.ts';
import type { KnownNeighborDiscoveryOption, NeighborDiscoveryOption } from './options.ts';
import { NEIGHBOR_DISCOVERY_OPTIONS } from './options.ts';

type AnyCodec = NeighborDiscoveryOptionCodec<KnownNeighborDiscoveryOption>;

const codecs = NEIGHBOR_DISCOVERY_OPTIONS as readonly unknown[] as readonly AnyCodec[];
const codecByType = new Map<number, AnyCodec>(codecs.map((codec) => [codec.type, codec]));
const codecByKind = new Map<string, AnyCodec>(codecs.map((codec) => [codec.kind, codec]));

const UNIT = 8;
const MOST_UNITS = 255;

export function neighborDiscoveryOptionCodec(kind: NeighborDiscoveryOption['kind']): AnyCodec | undefined {
  return codecByKind.get(kind);
}

export function findNeighborDiscoveryOption<Kind extends NeighborDiscoveryOption['kind']>(
  options: readonly NeighborDiscoveryOption[],
  kind: Kind,
): Extract<NeighborDiscoveryOption, { readonly kind: Kind }> | undefined {
  return options.find((option) => option.kind === kind) as
    | Extract<NeighborDiscoveryOption, { readonly kind: Kind }>
    | undefined;
}

export function decodeNeighborDiscoveryOptions(
  bytes: Uint8Array,
  start: number,
  end: number,
): NeighborDiscoveryOption[] | WireFault {
  const options: NeighborDiscoveryOption[] = [];
  let at = start;
  while (at < end) {
    // RFC 4861 §4.6 "Option Formats": "Nodes MUST silently discard an ND packet that contains an option with length zero."
    const units = bytes[at + 1] ?? 0;
    if (at + 2 > end) return new WireFault('truncated', at, 'option', 'no Length (RFC 4861 §4.6)');
    if (units === 0) return new WireFault('bad-length', at + 1, 'Length', 'zero (RFC 4861 §4.6)');
    const next = at + units * UNIT;
    if (next > end) {
      return new WireFault('truncated', at + 1, 'Length', `${next - end} octets past the message (RFC 4861 §4.6)`);
    }
    const option = decodeOption(bytes, at, units);
    if (option instanceof WireFault) return option;
    options.push(option);
    at = next;
  }
  return options;
}

/** Throws RangeError when an option is longer than 2040 octets. */
export function encodeNeighborDiscoveryOptions(options: readonly NeighborDiscoveryOption[], out: OctetWriter): void {
  for (const option of options) {
    const start = out.length;
    const codec = codecByKind.get(option.kind);
    if (option.kind === 'unknown-option') out.u8(option.type).u8(0).octets(option.data);
    else if (codec) {
      out.u8(codec.type).u8(0);
      codec.encode(option, out);
    }
    out.zeros(-(out.length - start) & (UNIT - 1));
    const units = (out.length - start) / UNIT;
    if (units > MOST_UNITS) throw new RangeError(`${option.kind}: ${units * UNIT} octets do not fit into an option`);
    out.setU8(start + 1, units);
  }
}

/** Chooses: a length that the option cannot have makes it unknown, such as a link-layer address that is not of Ethernet. */
function decodeOption(bytes: Uint8Array, at: number, units: number): NeighborDiscoveryOption | WireFault {
  const type = bytes[at] as number;
  const codec = codecByType.get(type);
  const end = at + units * UNIT;
  if (codec === undefined || units < codec.minimumUnits || units > codec.maximumUnits) {
    return { kind: 'unknown-option', type, data: copyOctets(bytes, at + 2, end) };
  }
  return codec.decode(bytes, at + 2, end);
}
