/** One packet of `decode --json` as octets. */
import { fromHex } from '#base/bytes.ts';
import { LinkType } from '#wire/capture-file.ts';
import { layersJson } from './decode-json.ts';
import { dissect, type Layer, type Start, startOf } from './decode-packet.ts';
import { encodeLayers, type LayerToEncode } from './encode-packet.ts';
import { EncodeError, fromJson, type Json } from './encode-values.ts';

export interface EncodedPacket {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly linkType: number;
  readonly originalLength: number;
  readonly bytes: Uint8Array;
}

type JsonObject = { readonly [key: string]: Json };

/** Layers' members that only inform. */
const informative: ReadonlySet<string> = new Set(['offset', 'name', 'checksum', 'checksumState']);
const UNKNOWN_LINK = -1;

/**
 * Takes a packet with `octets`, or with `layers`, or a bare Mobility Header message. What comes out is decoded again and compared, so that
 * a member that is missing, unknown or of no representable value is told and not lost. Throws `EncodeError`.
 */
export function encodePacket(json: Json, forCapture: boolean): EncodedPacket {
  const packet = objectOf(json, 'the packet');
  const layers = packet.kind === undefined ? packet.layers : [{ protocol: 'mobility', message: packet }];
  const octets = packet.octets === undefined ? undefined : octetsOf(packet.octets);
  const bytes = octets ?? build(layers);
  const linkType = octets && typeof packet.linkType === 'number' ? packet.linkType : linkTypeOf(layers);
  if (layers !== undefined) compare(layers, bytes, linkType, octets !== undefined);
  if (forCapture && linkType === UNKNOWN_LINK) throw new EncodeError('is no frame or IP packet, which a capture wants');
  const length = typeof packet.length === 'number' ? packet.length : 0;
  return { ...timeOf(packet.time), linkType, bytes, originalLength: Math.max(octets ? length : 0, bytes.length) };
}

function build(layers: Json | undefined): Uint8Array {
  if (!Array.isArray(layers) || layers.length === 0) throw new EncodeError('neither "layers" nor "octets" nor "kind"');
  const values = layers.map((layer, i) => layerOf(layer as Json, `layers[${i}]`));
  try {
    return encodeLayers(values);
  } catch (error) {
    if (error instanceof EncodeError) throw error;
    // The values came from outside, and the encoders trust theirs.
    if (error instanceof RangeError) throw new EncodeError(error.message);
    throw new EncodeError('a member is missing or of another type than decode prints');
  }
}

function layerOf(json: Json, path: string): LayerToEncode {
  const { protocol, message, payloadProtocol, ...rest } = objectOf(json, path);
  if (typeof protocol !== 'string' || !protocols.has(protocol)) throw new EncodeError(`${path}.protocol: unknown`);
  const own = payloadProtocol === undefined ? rest : { ...rest, protocol: payloadProtocol };
  const value = message === undefined ? fromJson(own, path) : fromJson(message, `${path}.message`);
  return { protocol, value } as LayerToEncode;
}

const protocols: ReadonlySet<string> = new Set<Layer['protocol']>([
  'ethernet',
  'layer-2-update',
  'arp',
  'ipv4',
  'ipv6',
  'udp',
  'gre',
  'tlv-header',
  'icmpv4',
  'icmpv6',
  'dhcpv4',
  'dhcpv6',
  'radius',
  'mobility',
]);

function compare(layers: Json, bytes: Uint8Array, linkType: number, octetsGiven: boolean): void {
  const start = startFor(linkType, layers);
  if (!start) return;
  const difference = differenceOf(layers, layersJson(dissect(bytes, start.start, start.skip)), 'layers');
  if (difference === undefined) return;
  throw new EncodeError(
    difference + (octetsGiven ? '; of "octets" and "layers" leave out the one that is not meant' : ''),
  );
}

/** The first place where what was asked for is not what came out. */
function differenceOf(asked: Json, given: Json | undefined, path: string): string | undefined {
  if (Array.isArray(asked) && Array.isArray(given)) {
    const length = Math.max(asked.length, given.length);
    return firstOf(length, (i) => differenceOf(asked[i] as Json, given[i] as Json, `${path}[${i}]`));
  }
  if (isObject(asked) && isObject(given)) {
    const names = [...new Set([...Object.keys(asked), ...Object.keys(given)])].filter(
      (name) => !isInformative(asked, name),
    );
    return firstOf(names.length, (i) => {
      const name = names[i] as string;
      return differenceOf(asked[name] as Json, given[name] as Json, `${path}.${name}`);
    });
  }
  if (asked === given || (typeof asked === 'string' && `${given}`.toLowerCase() === asked.toLowerCase()))
    return undefined;
  if (asked === undefined) return `${path} is missing; it would be ${JSON.stringify(given)}`;
  if (given === undefined) return `${path} is not known here`;
  return `${path} would be ${JSON.stringify(given)}, not ${JSON.stringify(asked)}`;
}

function firstOf(count: number, find: (i: number) => string | undefined): string | undefined {
  for (let i = 0; i < count; i++) {
    const found = find(i);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of layers, and the names and values in words of RADIUS attributes. */
function isInformative(object: JsonObject, name: string): boolean {
  if (object.protocol !== undefined && object.kind === undefined) return informative.has(name);
  return object.vendor !== undefined && (name === 'name' || name === 'text');
}

function isObject(json: Json | undefined): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function objectOf(json: Json, path: string): JsonObject {
  if (!isObject(json)) throw new EncodeError(`${path} is not a JSON object`);
  return json;
}

function octetsOf(json: Json): Uint8Array {
  const octets = typeof json === 'string' ? fromHex(json) : undefined;
  if (!octets) throw new EncodeError('octets: not hexadecimal');
  return octets;
}

function linkTypeOf(layers: Json | undefined): number {
  switch (firstProtocol(layers)) {
    case 'ethernet':
      return LinkType.ETHERNET;
    case 'ipv4':
    case 'ipv6':
      return LinkType.RAW;
    default:
      return UNKNOWN_LINK;
  }
}

function startFor(
  linkType: number,
  layers: Json | undefined,
): { readonly start: Start; readonly skip: number } | undefined {
  if (linkType !== UNKNOWN_LINK) return startOf(linkType);
  return firstProtocol(layers) === 'mobility' ? { start: 'mobility', skip: 0 } : undefined;
}

function firstProtocol(layers: Json | undefined): Json | undefined {
  const first = Array.isArray(layers) ? (layers[0] as Json | undefined) : undefined;
  return isObject(first) ? first.protocol : undefined;
}

/** `2026-01-02T03:04:05.000006Z`, or 1970 when there is none. */
function timeOf(json: Json | undefined): { readonly seconds: number; readonly nanoseconds: number } {
  if (json === undefined) return { seconds: 0, nanoseconds: 0 };
  const match = typeof json === 'string' ? /^(.*T[\d:]+)(?:\.(\d{1,9}))?Z$/.exec(json) : null;
  const seconds = Date.parse(`${match?.[1]}Z`) / 1000;
  if (!match || Number.isNaN(seconds)) throw new EncodeError('time: not of the form 2026-01-02T03:04:05.000006Z');
  return { seconds, nanoseconds: Number((match[2] ?? '').padEnd(9, '0')) };
}
