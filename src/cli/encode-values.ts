/** What `decode --json` printed, as values again. */
import { fromHex } from '#base/bytes.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds } from '#base/time.ts';
import { INFINITE } from '#wire/time-units.ts';
import { isDurationField } from './decode-names.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** JSON that no packet can be made of; the message is one line that says where and why. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';
}

const SECONDS = 'Seconds';

/** Strings that are text; every other string is an address, a prefix or octets in hexadecimal. */
const textFields: ReadonlySet<string> = new Set(['kind', 'sname', 'file', 'name', 'message', 'domains', 'text']);

/** Addresses and octets become their types, times `Duration`s. Throws `EncodeError` for a string that is none of them. */
export function fromJson(json: Json, path: string): unknown {
  return typed(json, '', '', path);
}

function typed(json: Json, kind: string, field: string, path: string): unknown {
  if (typeof json === 'string') return isText(kind, field) ? json : parsed(json, path);
  if (Array.isArray(json)) return json.map((item, i) => typed(item as Json, kind, field, `${path}[${i}]`));
  if (typeof json !== 'object' || json === null) return json;
  const object = json as { readonly [key: string]: Json };
  const ownKind = typeof object.kind === 'string' ? object.kind : kind;
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => member(ownKind, key, value, `${path}.${key}`)),
  );
}

function member(kind: string, key: string, json: Json, path: string): [string, unknown] {
  const field = key.endsWith(SECONDS) ? key.slice(0, -SECONDS.length) : '';
  if (!isDurationField(field)) return [key, typed(json, kind, key, path)];
  if (json === 'infinite') return [field, INFINITE];
  if (typeof json !== 'number') throw new EncodeError(`${path}: neither seconds nor "infinite"`);
  return [field, milliseconds(json * 1000)];
}

function isText(kind: string, field: string): boolean {
  return textFields.has(field) || (kind === 'service-selection' && field === 'identifier');
}

function parsed(text: string, path: string): unknown {
  const value = text.includes('/')
    ? (Ipv6Prefix.parse(text) ?? Ipv4Prefix.parse(text))
    : (MacAddress.parse(text) ?? Ipv6Address.parse(text) ?? Ipv4Address.parse(text) ?? fromHex(text));
  if (value === undefined) throw new EncodeError(`${path}: "${text}" is no address, prefix or hexadecimal`);
  return value;
}
