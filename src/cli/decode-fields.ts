/** Decoded values as labelled lines, by the names and types of their fields. */
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { enumerationName, flagText, isDurationField, isFourSecondField, labelOf } from './decode-names.ts';
import { durationText, hexOrEmpty, instantText, safeText, textOrHex, titleOf } from './decode-text.ts';

export interface Line {
  readonly text: string;
  readonly children: readonly Line[];
}

const FOUR_SECONDS_MS = 4000;

/** Fields that say what the value is, and those that are shown another way. */
const structuralFields: ReadonlySet<string> = new Set(['kind', 'options']);

export function fieldLines(value: object): Line[] {
  const kind = (value as { readonly kind?: string }).kind ?? '';
  if (kind === 'timestamp') return timestampLines(value as { readonly seconds: number; readonly fraction: number });
  return Object.entries(value)
    .filter(([field]) => !structuralFields.has(field))
    .map(([field, content]) => fieldLine(kind, field, content));
}

function fieldLine(kind: string, field: string, content: unknown): Line {
  const label = labelOf(field) ?? titleOf(field);
  if (Array.isArray(content)) {
    if (content.every((item) => isLeaf(item))) {
      return leaf(`${label}: ${content.map((item) => leafText(kind, field, item)).join(', ') || 'none'}`);
    }
    return { text: label, children: content.map((item, i) => nested(`${i + 1}`, item as object)) };
  }
  if (isLeaf(content)) return leaf(`${label}: ${leafText(kind, field, content)}`);
  return nested(label, content as object);
}

function nested(label: string, value: object): Line {
  const kind = (value as { readonly kind?: string }).kind;
  return { text: kind === undefined ? label : titleOf(kind), children: fieldLines(value) };
}

function leaf(text: string): Line {
  return { text, children: [] };
}

function isLeaf(content: unknown): boolean {
  return (
    typeof content !== 'object' ||
    content === null ||
    content instanceof Ipv6Address ||
    content instanceof Ipv4Address ||
    content instanceof Ipv6Prefix ||
    content instanceof Ipv4Prefix ||
    content instanceof MacAddress ||
    content instanceof Uint8Array
  );
}

function leafText(kind: string, field: string, content: unknown): string {
  if (typeof content === 'number') return numberText(kind, field, content);
  if (typeof content === 'boolean') return content ? 'yes' : 'no';
  if (typeof content === 'string') return `"${safeText(content)}"`;
  if (content instanceof Uint8Array) return isTextField(kind, field) ? textOrHex(content) : hexOrEmpty(content);
  return content === undefined ? 'none' : String(content);
}

function numberText(kind: string, field: string, value: number): string {
  if (isDurationField(field)) {
    const units = isFourSecondField(kind, field) ? ` (${value / FOUR_SECONDS_MS} units of 4 s)` : '';
    return durationText(value) + units;
  }
  const flags = flagText(kind, field, value);
  if (flags !== undefined) return flags;
  const name = enumerationName(kind, field, value);
  return name === undefined ? `${value}` : `${value} (${name})`;
}

function isTextField(kind: string, field: string): boolean {
  return field === 'identifier' && kind !== 'mobile-node-link-layer-identifier' ? true : field === 'data';
}

function timestampLines({ seconds, fraction }: { readonly seconds: number; readonly fraction: number }): Line[] {
  const nanoseconds = Math.floor((fraction / 65536) * 1e9);
  return [leaf(`Timestamp: ${instantText(seconds, nanoseconds)} (${seconds} + ${fraction}/65536 s)`)];
}
