/** Sub-options: type, length and data inside of an option, as in ANI, QoS, flow and LCMP options. */
import { WireFault } from '../error.ts';
import { copyOctets, writeOctets } from '../octets.ts';
import type { MobilityOptionCodec } from './option.ts';

/** A sub-option without a codec here. */
export interface UnknownSubOption {
  readonly kind: 'unknown-sub-option';
  readonly type: number;
  readonly data: Uint8Array;
}

/** The codecs of the sub-options of one option. */
export interface SubOptionTable<SubOption extends { readonly kind: string }> {
  readonly codecs: readonly MobilityOptionCodec<number, SubOption>[];
  /** Type 0 is one octet of padding and type 1 padding with a length, as among mobility options. */
  readonly padding: boolean;
  /** Where the rules of their lengths stand. */
  readonly rfc: string;
}

const PAD_1 = 0;
const PAD_N = 1;

export function decodeSubOptions<SubOption extends { readonly kind: string }>(
  table: SubOptionTable<SubOption>,
  bytes: Uint8Array,
  start: number,
  end: number,
): (SubOption | UnknownSubOption)[] | WireFault {
  const subOptions: (SubOption | UnknownSubOption)[] = [];
  let at = start;
  while (at < end) {
    const type = bytes[at] as number;
    if (table.padding && type === PAD_1) {
      at++;
      continue;
    }
    const data = at + 2;
    const next = data + (bytes[at + 1] ?? 0);
    if (data > end || next > end) {
      return new WireFault('truncated', at, 'sub-option', `type ${type} runs past its option (${table.rfc})`);
    }
    if (!table.padding || type !== PAD_N) {
      const subOption = decodeOne(table, bytes, type, data, next);
      if (subOption instanceof WireFault) return subOption;
      subOptions.push(subOption);
    }
    at = next;
  }
  return subOptions;
}

/** Chooses: padding between sub-options is single octets, since the RFC's text on longer padding can be read in two ways. */
export function encodeSubOptions<SubOption extends { readonly kind: string }>(
  table: SubOptionTable<SubOption>,
  subOptions: readonly (SubOption | UnknownSubOption)[],
  out: Uint8Array,
  at: number,
): number {
  let next = at;
  for (const subOption of subOptions) {
    const codec = table.codecs.find((each) => each.kind === subOption.kind);
    if (codec === undefined) {
      const { type, data } = subOption as UnknownSubOption;
      out[next] = type;
      out[next + 1] = data.length;
      next = writeOctets(data, out, next + 2);
      continue;
    }
    const known = subOption as SubOption;
    const align = typeof codec.align === 'function' ? codec.align(known) : codec.align;
    if (table.padding) while ((next - align.plus) % align.multiple !== 0) out[next++] = PAD_1;
    const end = codec.encode(known, out, next + 2);
    out[next] = codec.type;
    out[next + 1] = end - next - 2;
    next = end;
  }
  return next;
}

function decodeOne<SubOption extends { readonly kind: string }>(
  table: SubOptionTable<SubOption>,
  bytes: Uint8Array,
  type: number,
  data: number,
  end: number,
): SubOption | UnknownSubOption | WireFault {
  const codec = table.codecs.find((each) => each.type === type);
  if (codec === undefined) return { kind: 'unknown-sub-option', type, data: copyOctets(bytes, data, end) };
  const length = end - data;
  const { minimum, maximum, only } = codec.length;
  if (length < minimum || length > maximum || (only !== undefined && !only.includes(length))) {
    return new WireFault('bad-length', data - 1, codec.name, `${length} octets (${table.rfc})`);
  }
  return codec.decode(bytes, data, end);
}
