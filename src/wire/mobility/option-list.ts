/**
 * The options of a message, one after another.
 * ```
 *     0                   1
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
 *    |  Option Type  | Option Length |   Option Data...
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-
 * ```
 */

import { appended } from '#base/appended.ts';
import { WireFault } from '../error.ts';
import { copyOctets, writeOctets } from '../octets.ts';
import type { Alignment, MobilityOptionCodec } from './option.ts';
import { ANYWHERE } from './option.ts';
import type { KnownMobilityOption, MobilityOption, UnknownMobilityOption } from './options/table.ts';
import { MOBILITY_OPTIONS } from './options/table.ts';

type AnyOptionCodec = MobilityOptionCodec<number, KnownMobilityOption>;

const PAD_1 = 0;
const PAD_N = 1;
const LONGEST_DATA = 255;
const WORD = 4;
/** Before the words in an option that counts in words. */
const WORDS_AT = 2;
const NONE: readonly never[] = [];

const codecByType: (AnyOptionCodec | undefined)[] = new Array(256).fill(undefined);
const codecByKind = new Map<string, AnyOptionCodec>();
for (const codec of MOBILITY_OPTIONS as readonly unknown[] as readonly AnyOptionCodec[]) {
  codecByType[codec.type] = codec;
  codecByKind.set(codec.kind, codec);
}

/** What is known of an option beside its value: its number, name and source. */
export function mobilityOptionCodec(kind: MobilityOption['kind']): AnyOptionCodec | undefined {
  return codecByKind.get(kind);
}

/**
 * Reads the options from `start` to `end`. Padding vanishes.
 * RFC 6275 §6.2.1 "Format": "the receiver MUST quietly ignore and skip over the option" whose type it does not recognize; so it
 * becomes an `unknown-option`. Alignment is not looked at.
 */
export function decodeMobilityOptions(bytes: Uint8Array, start: number, end: number): MobilityOption[] | WireFault {
  const options: MobilityOption[] = [];
  return readMobilityOptions(bytes, start, end, options) ?? options;
}

/** Appends the options to `options`, also those before a fault. */
export function readMobilityOptions(
  bytes: Uint8Array,
  start: number,
  end: number,
  options: MobilityOption[],
): WireFault | undefined {
  let at = start;
  while (at < end) {
    const type = bytes[at] as number;
    if (type === PAD_1) {
      at++;
      continue;
    }
    const data = at + 2;
    if (data > end) return new WireFault('truncated', at + 1, 'Option Length', 'missing (RFC 6275 §6.2.1)');
    const next = optionEnd(bytes, at);
    if (next > end) return overrun(bytes, at, next - end);
    if (type !== PAD_N) {
      const option = decodeOption(bytes, type, data, next);
      if (option instanceof WireFault) return option;
      options.push(option);
    }
    at = next;
  }
  return undefined;
}

/** Where the option at `at` ends, which is neither Pad1 nor without a Length octet. */
export function optionEnd(bytes: Uint8Array, at: number): number {
  const length = bytes[at + 1] as number;
  const inWords = codecByType[bytes[at] as number]?.lengthInWords === true;
  return at + 2 + (inWords ? WORDS_AT + length * WORD : length);
}

/** Writes the options from `at` on, each where its alignment wants it, and returns where they end; those that would pass `limit` stay out. */
export function encodeMobilityOptions(
  options: readonly MobilityOption[],
  out: Uint8Array,
  at: number,
  limit: number,
): number {
  let end = at;
  for (const option of options) {
    const next = encodeOption(option, out, end);
    if (next > limit) break;
    end = next;
  }
  return end;
}

/** Pad1 or PadN of `length` octets, and none for 0; returns where it ends. */
export function writePadding(out: Uint8Array, at: number, length: number): number {
  if (length === 0) return at;
  if (length === 1) {
    out[at] = PAD_1;
    return at + 1;
  }
  out[at] = PAD_N;
  out[at + 1] = length - 2;
  for (let i = 2; i < length; i++) out[at + i] = 0;
  return at + length;
}

export function findOption<Kind extends MobilityOption['kind']>(
  options: readonly MobilityOption[],
  kind: Kind,
): Extract<MobilityOption, { readonly kind: Kind }> | undefined {
  for (const option of options) {
    if (option.kind === kind) return option as Extract<MobilityOption, { readonly kind: Kind }>;
  }
  return undefined;
}

export function findOptions<Kind extends MobilityOption['kind']>(
  options: readonly MobilityOption[],
  kind: Kind,
): readonly Extract<MobilityOption, { readonly kind: Kind }>[] {
  let found: readonly Extract<MobilityOption, { readonly kind: Kind }>[] = NONE;
  for (const option of options)
    if (option.kind === kind) found = appended(found, option as Extract<MobilityOption, { readonly kind: Kind }>);
  return found;
}

function decodeOption(bytes: Uint8Array, type: number, data: number, end: number): MobilityOption | WireFault {
  const codec = codecByType[type];
  if (codec === undefined) return { kind: 'unknown-option', type, data: copyOctets(bytes, data, end) };
  const length = end - data;
  const rule = codec.length;
  if (length < rule.minimum || length > rule.maximum || (rule.only !== undefined && !rule.only.includes(length))) {
    return badLength(codec, data - 1, length);
  }
  const option = codec.decode(bytes, data, end);
  return option instanceof WireFault ? faultIn(codec, option) : option;
}

function encodeOption(option: MobilityOption, out: Uint8Array, at: number): number {
  const codec = codecByKind.get(option.kind);
  const start = writePadding(out, at, paddingBefore(alignmentOf(codec, option), at));
  const data = start + 2;
  const end =
    codec === undefined
      ? writeOctets((option as UnknownMobilityOption).data, out, data)
      : codec.encode(option as KnownMobilityOption, out, data);
  const longest = codec?.lengthInWords ? codec.length.maximum : LONGEST_DATA;
  if (end - data > longest) throw new RangeError(`${option.kind}: ${end - data} octets do not fit into an option`);
  out[start] = codec === undefined ? (option as UnknownMobilityOption).type : codec.type;
  out[start + 1] = codec?.lengthInWords ? (end - data - WORDS_AT) / WORD : end - data;
  return end;
}

function alignmentOf(codec: AnyOptionCodec | undefined, option: MobilityOption): Alignment {
  if (codec === undefined) return ANYWHERE;
  return typeof codec.align === 'function' ? codec.align(option as KnownMobilityOption) : codec.align;
}

function paddingBefore(align: Alignment, at: number): number {
  return (align.plus - at) & (align.multiple - 1);
}

function overrun(bytes: Uint8Array, at: number, missing: number): WireFault {
  const type = bytes[at] as number;
  const name = type === PAD_N ? 'PadN' : (codecByType[type]?.name ?? `option ${type}`);
  return new WireFault(
    'truncated',
    at + 1,
    'Option Length',
    `${name} runs ${missing} octets past the end of the message (RFC 6275 §6.2.1)`,
  );
}

function badLength(codec: AnyOptionCodec, offset: number, length: number): WireFault {
  const { minimum, maximum, only } = codec.length;
  let wanted = `${minimum} to ${maximum}`;
  if (only !== undefined) wanted = only.join(' or ');
  else if (minimum === maximum) wanted = `${minimum}`;
  const rule = `${codec.name}: ${length}, not ${wanted} (${sectionOf(codec)})`;
  return new WireFault('bad-length', offset, 'Option Length', rule);
}

/** Names the option, and its section where the rule names none. */
function faultIn(codec: AnyOptionCodec, { code, offset, field, rule }: WireFault): WireFault {
  const source = /\bRFC \d/.test(rule) ? '' : ` (${sectionOf(codec)})`;
  return new WireFault(code, offset, field, `${codec.name}: ${rule}${source}`);
}

function sectionOf(codec: AnyOptionCodec): string {
  return /RFC \d+(?: §[\w.]+)?/.exec(codec.rfc)?.[0] ?? codec.rfc;
}
