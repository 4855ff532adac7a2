/**
 * RFC 6275 §6.1.1 "Format":
 * ```
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    | Payload Proto |  Header Len   |   MH Type     |   Reserved    |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *    |           Checksum            |                               |
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+                               |
 *    |                                                               |
 *    .                       Message Data                            .
 *    +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { OctetSlab } from '#base/octet-slab.ts';
import { ok } from '#base/result.ts';
import type { Decoded } from '../error.ts';
import { WireFault, wireError } from '../error.ts';
import { copyOctets, writeOctets } from '../octets.ts';
import type { MobilityMessageCodec } from './message.ts';
import type { KnownMobilityMessage, MobilityMessage } from './messages.ts';
import { MOBILITY_MESSAGES } from './messages.ts';
import { decodeMobilityOptions, encodeMobilityOptions, readMobilityOptions, writePadding } from './option-list.ts';
import type { MobilityOption } from './options/table.ts';

type AnyMessageCodec = MobilityMessageCodec<number, KnownMobilityMessage>;

const NO_NEXT_HEADER = 59;
const DATA_AT = 6;
const SHORTEST = 8;
const LONGEST = 2048;
/** With the padding before it. */
const LONGEST_OPTION = 1032;

const NO_OPTIONS: readonly MobilityOption[] = [];

const codecByType: (AnyMessageCodec | undefined)[] = new Array(256).fill(undefined);
const codecsWithSubtype: AnyMessageCodec[] = [];
const codecByKind = new Map<string, AnyMessageCodec>();
for (const codec of MOBILITY_MESSAGES as readonly unknown[] as readonly AnyMessageCodec[]) {
  if (codec.subtype === undefined) codecByType[codec.type] = codec;
  else codecsWithSubtype.push(codec);
  codecByKind.set(codec.kind, codec);
}

const scratch = new Uint8Array(LONGEST + LONGEST_OPTION);
const slab = new OctetSlab();

export interface MobilityDecoding {
  /**
   * Options go on to the end of the slice, whatever Header Len says: some peers count the last one short. What is after the header and no
   * option is not looked at; without this licence all of it is not.
   */
  readonly readTrailing?: boolean;
}

/** What is known of a message beside its value: its number, name and source. */
export function mobilityMessageCodec(kind: MobilityMessage['kind']): AnyMessageCodec | undefined {
  return codecByKind.get(kind);
}

/** Reads the Mobility Header at the start of `bytes`; keeps no view of them. The checksum is not verified. */
export function decodeMobilityHeader(bytes: Uint8Array, decoding?: MobilityDecoding): Decoded<MobilityMessage> {
  if (bytes.length < SHORTEST) {
    return wireError('truncated', bytes.length, 'Mobility Header', 'at least 8 octets (RFC 6275 §6.1.1)');
  }
  // RFC 6275 §9.2 "Processing Mobility Headers": "The Payload Proto field MUST be IPPROTO_NONE (59 decimal)."
  if (bytes[0] !== NO_NEXT_HEADER) {
    return wireError('bad-value', 0, 'Payload Proto', `${bytes[0]}, not 59 (RFC 6275 §9.2)`);
  }
  const length = ((bytes[1] as number) + 1) * 8;
  if (length > bytes.length) {
    return wireError('truncated', 1, 'Header Len', `${length} octets, of which ${bytes.length} are there`);
  }
  const type = bytes[2] as number;
  const codec = codecByType[type] ?? codecWithSubtype(bytes, type);
  if (codec === undefined) {
    return ok({ kind: 'unknown-mobility-message', type, data: copyOctets(bytes, DATA_AT, length) });
  }
  // RFC 6275 §9.2: "The Header Len field in the Mobility Header MUST NOT be less than the length specified for this particular type of
  // message in Section 6.1."
  if (length < codec.optionsAt) {
    return wireError('bad-length', 1, 'Header Len', `${length} octets are too few for ${codec.name} (RFC 6275 §9.2)`);
  }
  const beyond = decoding?.readTrailing && bytes.length > length;
  let options = decodeMobilityOptions(bytes, codec.optionsAt, beyond ? bytes.length : length);
  if (beyond && options instanceof WireFault) options = decodeMobilityOptions(bytes, codec.optionsAt, length);
  if (options instanceof WireFault) return { ok: false, error: options };
  return ok(codec.decode(bytes, options));
}

/**
 * What can be read of a malformed message: its fixed part, and the options before the first that is wrong or missing. `undefined` when
 * not even the fixed part is there, or nobody knows its form.
 */
export function decodeMobilityHeaderLeniently(bytes: Uint8Array): KnownMobilityMessage | undefined {
  const type = bytes[2] ?? 0;
  const codec = codecByType[type] ?? codecWithSubtype(bytes, type);
  const end = Math.min(((bytes[1] ?? 0) + 1) * 8, bytes.length);
  if (bytes.length < SHORTEST || codec === undefined || end < codec.optionsAt) return undefined;
  const options: MobilityOption[] = [];
  readMobilityOptions(bytes, codec.optionsAt, end, options);
  return codec.decode(bytes, options);
}

/**
 * The message with its checksum field zero, each option aligned, padded to a multiple of 8 octets.
 * Chooses: of more options than the 2048 octets of a header hold, those at the end stay out, so that no peer can make an answer fail by
 * the size of its question. Throws RangeError when one option's data is longer than 255 octets, which a configuration check must prevent.
 */
export function encodeMobilityHeader(message: MobilityMessage): Uint8Array {
  return encodeMobilityHeaderWith(message, NO_OPTIONS);
}

/** As `encodeMobilityHeader`, with more options after those of the message. */
export function encodeMobilityHeaderWith(message: MobilityMessage, more: readonly MobilityOption[]): Uint8Array {
  const end = writeMobilityHeader(message, more, scratch);
  return slab.copy(scratch, end);
}

function codecWithSubtype(bytes: Uint8Array, type: number): AnyMessageCodec | undefined {
  return codecsWithSubtype.find(
    ({ type: own, subtype }) => own === type && subtype !== undefined && bytes[subtype.at] === subtype.value,
  );
}

function writeMobilityHeader(message: MobilityMessage, more: readonly MobilityOption[], out: Uint8Array): number {
  let type: number;
  let end: number;
  if (message.kind === 'unknown-mobility-message') {
    type = message.type;
    end = writeOctets(message.data.subarray(0, LONGEST - DATA_AT), out, DATA_AT);
  } else {
    const codec = codecByKind.get(message.kind) as AnyMessageCodec;
    type = codec.type;
    codec.encode(message, out);
    end = encodeMobilityOptions(message.options, out, codec.optionsAt, LONGEST);
    end = encodeMobilityOptions(more, out, end, LONGEST);
  }
  end = writePadding(out, end, -end & 7);
  out[0] = NO_NEXT_HEADER;
  out[1] = (end >>> 3) - 1;
  out[2] = type;
  out[3] = 0;
  out[4] = 0;
  out[5] = 0;
  return end;
}
