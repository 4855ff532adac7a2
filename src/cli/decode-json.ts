/** One packet as plain JSON: addresses as text, octets as hexadecimal, times in seconds under names that end in `Seconds`. */
import { toHex } from '#base/bytes.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { messageName } from './decode-message-name.ts';
import { isDurationField } from './decode-names.ts';
import type { Dissection, Layer } from './decode-packet.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Views of the packet that inner layers show. */
const OMITTED: ReadonlySet<string> = new Set(['payload']);

export function dissectionJson(dissection: Dissection): { readonly [key: string]: Json } {
  const { fault, note } = dissection;
  return {
    layers: dissection.layers.map(layerJson),
    ...(note === undefined ? {} : { note }),
    ...(fault && { malformed: { protocol: fault.protocol, layerOffset: fault.at, ...plainJson(fault.error) } }),
  };
}

function layerJson(layer: Layer): Json {
  const { protocol, at: offset } = layer;
  const base = { protocol, offset };
  if (layer.protocol === 'mobility') {
    const { field, state } = layer.checksum;
    return {
      ...base,
      name: messageName(layer.value),
      checksum: field,
      checksumState: state,
      message: toJson(layer.value),
    };
  }
  if (layer.protocol === 'dhcpv4') return { ...base, name: messageName(layer.value), message: toJson(layer.value) };
  if (layer.protocol === 'icmpv6') return { ...base, message: toJson(layer.value) };
  return { ...base, ...plainJson(layer.value) };
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
