import { concatBytes } from '#base/bytes.ts';
import { WireFault } from '../error.ts';
import { OctetWriter } from '../octet-writer.ts';
import { copyOctets } from '../octets.ts';
import type { Dhcpv4OptionCodec } from './option.ts';
import type { Dhcpv4Option, KnownDhcpv4Option } from './options.ts';
import { DHCPV4_OPTIONS } from './options.ts';

type AnyCodec = Dhcpv4OptionCodec<KnownDhcpv4Option>;

const codecs = DHCPV4_OPTIONS as readonly unknown[] as readonly AnyCodec[];
const codecByCode = new Map<number, AnyCodec>(codecs.map((codec) => [codec.code, codec]));
const codecByKind = new Map<string, AnyCodec>(codecs.map((codec) => [codec.kind, codec]));

const PAD = 0;
const OVERLOAD = 52;
const END = 255;
const FILE_OVERLOADED = 1;
const SNAME_OVERLOADED = 2;
const LONGEST_PART = 255;

export interface CollectedOptions {
  readonly options: readonly Dhcpv4Option[];
  readonly snameIsOptions: boolean;
  readonly fileIsOptions: boolean;
}

/** Where an option's data is: all its parts joined, and the offset of the first code octet. */
interface Gathered {
  readonly code: number;
  readonly at: number;
  data: Uint8Array;
}

export function dhcpv4OptionCodec(kind: Dhcpv4Option['kind']): AnyCodec | undefined {
  return codecByKind.get(kind);
}

export function findDhcpv4Option<Kind extends Dhcpv4Option['kind']>(
  options: readonly Dhcpv4Option[],
  kind: Kind,
): Extract<Dhcpv4Option, { readonly kind: Kind }> | undefined {
  return options.find((option) => option.kind === kind) as Extract<Dhcpv4Option, { readonly kind: Kind }> | undefined;
}

/** RFC 2131 §4.1 "Constructing and sending DHCP messages": the options field first, then `file`, then `sname`, as Option Overload says. */
export function collectDhcpv4Options(
  bytes: Uint8Array,
  optionsAt: number,
  snameAt: number,
  fileAt: number,
  fileEnd: number,
): CollectedOptions | WireFault {
  const gathered = new Map<number, Gathered>();
  const fault = gather(bytes, optionsAt, bytes.length, gathered);
  if (fault) return fault;
  const overload = gathered.get(OVERLOAD)?.data[0] ?? 0;
  gathered.delete(OVERLOAD);
  const fileIsOptions = (overload & FILE_OVERLOADED) !== 0;
  const snameIsOptions = (overload & SNAME_OVERLOADED) !== 0;
  const overloadFault =
    (fileIsOptions ? gather(bytes, fileAt, fileEnd, gathered) : undefined) ??
    (snameIsOptions ? gather(bytes, snameAt, fileAt, gathered) : undefined);
  if (overloadFault) return overloadFault;
  const options: Dhcpv4Option[] = [];
  for (const each of gathered.values()) {
    const option = decodeOption(each);
    if (option instanceof WireFault) return option;
    options.push(option);
  }
  return { options, snameIsOptions, fileIsOptions };
}

/** Of an options field with these, in octets. */
export function dhcpv4OptionsLength(options: readonly Dhcpv4Option[]): number {
  const out = new OctetWriter(256);
  writeDhcpv4Options(options, out);
  return out.length;
}

/** An option of more than 255 octets goes out in parts (RFC 3396). */
export function writeDhcpv4Options(options: readonly Dhcpv4Option[], out: OctetWriter): void {
  for (const option of options) {
    const codec = codecByKind.get(option.kind);
    if (option.kind === 'unknown-option') writeParts(option.code, option.data, out);
    else if (codec) {
      const data = new OctetWriter(64);
      codec.encode(option, data);
      writeParts(codec.code, data.finish(), out);
    }
  }
  out.u8(END);
}

/** A missing end mark is let pass. A second option of the same code continues the first (RFC 3396). */
function gather(bytes: Uint8Array, start: number, end: number, into: Map<number, Gathered>): WireFault | undefined {
  let at = start;
  while (at < end) {
    const code = bytes[at] as number;
    if (code === END) return undefined;
    if (code === PAD) {
      at++;
      continue;
    }
    const next = at + 2 + (bytes[at + 1] ?? 0);
    if (at + 2 > end || next > end) {
      return new WireFault(
        'truncated',
        at,
        `option ${code}`,
        'runs past its field (RFC 2132 §2 "BOOTP Extension/DHCP Option Field Format")',
      );
    }
    const data = copyOctets(bytes, at + 2, next);
    const before = into.get(code);
    if (before) before.data = concatBytes(before.data, data);
    else into.set(code, { code, at, data });
    at = next;
  }
  return undefined;
}

function decodeOption({ code, at, data }: Gathered): Dhcpv4Option | WireFault {
  const codec = codecByCode.get(code);
  if (!codec) return { kind: 'unknown-option', code, data };
  const { length } = data;
  if (length < codec.minimumLength || length > codec.maximumLength || length % codec.multipleOf !== 0) {
    return new WireFault('bad-length', at + 1, codec.name, `${length} octets (${codec.rfc.replace(/ "[^"]*"$/, '')})`);
  }
  const option = codec.decode(data);
  return option ?? new WireFault('bad-value', at + 2, codec.name, `malformed (${codec.rfc.replace(/ "[^"]*"$/, '')})`);
}

function writeParts(code: number, data: Uint8Array, out: OctetWriter): void {
  let at = 0;
  do {
    const part = data.subarray(at, at + LONGEST_PART);
    out.u8(code).u8(part.length).octets(part);
    at += LONGEST_PART;
  } while (at < data.length);
}
