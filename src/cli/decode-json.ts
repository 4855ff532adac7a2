/** One packet as plain JSON: addresses as text, octets as hexadecimal, times in seconds under names that end in `Seconds`. */
import { toHex } from '#base/bytes.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { RadiusPacket } from '#wire/radius.ts';
import { dhcpv4Name, dhcpv6Name, messageName } from './decode-message-name.ts';
import { isDurationField } from './decode-names.ts';
import type { Dissection, Layer } from './decode-packet.ts';
import { radiusAttributeName, radiusAttributeText, radiusName } from './decode-radius.ts';
import { isRebuilt } from './encode-packet.ts';
import type { Json } from './encode-values.ts';

/** Views of the packet that inner layers show. */
const OMITTED: ReadonlySet<string> = new Set(['payload']);

/** The octets are there too where they cannot be had again by encoding the layers. */
export function dissectionJson(dissection: Dissection, bytes: Uint8Array): { readonly [key: string]: Json } {
  const { fault, note } = dissection;
  return {
    layers: layersJson(dissection),
    ...(note === undefined ? {} : { note }),
    ...(fault && { malformed: { protocol: fault.protocol, layerOffset: fault.at, ...plainJson(fault.error) } }),
    ...(!isRebuilt(dissection, bytes) && { octets: toHex(bytes) }),
  };
}

/** With what is inside of the last layer, in hexadecimal, when it could carry another. */
export function layersJson({ layers }: Dissection): Json[] {
  return layers.map((layer, i) => {
    const inside = i === layers.length - 1 && 'payload' in layer.value ? layer.value.payload : undefined;
    return inside === undefined ? layerJson(layer) : { ...layerJson(layer), payload: toHex(inside) };
  });
}

function layerJson(layer: Layer): { readonly [key: string]: Json } {
  const { protocol, at: offset } = layer;
  const base = { protocol, offset };
  switch (layer.protocol) {
    case 'mobility': {
      const { field, state } = layer.checksum;
      const name = messageName(layer.value);
      return { ...base, name, checksum: field, checksumState: state, message: toJson(layer.value) };
    }
    case 'dhcpv4':
      return { ...base, name: dhcpv4Name(layer.value), message: toJson(layer.value) };
    case 'dhcpv6':
      return { ...base, name: dhcpv6Name(layer.value), message: toJson(layer.value) };
    case 'layer-2-update':
      return base;
    case 'radius':
      return { ...base, name: radiusName(layer.value), message: radiusJson(layer.value) };
    case 'icmpv4':
    case 'icmpv6':
      return { ...base, message: toJson(layer.value) };
    case 'ipv4':
    case 'gre': {
      const { protocol: payloadProtocol, ...rest } = plainJson(layer.value);
      return { ...base, payloadProtocol: payloadProtocol ?? null, ...rest };
    }
    default:
      return { ...base, ...plainJson(layer.value) };
  }
}

function radiusJson(packet: RadiusPacket): Json {
  const attributes = packet.attributes.map((each) => {
    return { ...plainJson(each), name: radiusAttributeName(each), text: radiusAttributeText(each) };
  });
  return { ...plainJson(packet), attributes };
}

function plainJson(value: object): { readonly [key: string]: Json } {
  return toJson(value) as { readonly [key: string]: Json };
}

export function toJson(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (
    value instanceof Ipv6Address ||
    value instanceof Ipv4Address ||
    value instanceof Ipv6Prefix ||
    value instanceof Ipv4Prefix ||
    value instanceof MacAddress
  ) {
    return value.toString();
  }
  if (typeof value !== 'object') return value as Json;
  const entries = Object.entries(value)
    .filter(([field, content]) => !OMITTED.has(field) && content !== undefined)
    .map(([field, content]) => fieldJson(field, content));
  return Object.fromEntries(entries);
}

function fieldJson(field: string, content: unknown): [string, Json] {
  if (typeof content !== 'number' || !isDurationField(field)) return [field, toJson(content)];
  return [`${field}Seconds`, content === Number.POSITIVE_INFINITY ? 'infinite' : content / 1000];
}
