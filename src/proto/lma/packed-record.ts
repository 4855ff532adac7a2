import { octetOfDigits } from '#base/bytes.ts';
import { doubleAt, type HeapPage, wordAt } from '#base/record-heap.ts';
import { milliseconds, utcTime } from '#base/time.ts';
import { OctetWriter } from '#wire/octet-writer.ts';
import { writeDuration, writeTime } from '../record-octets.ts';
import { FIXED_LINK_LOCAL_ADDRESS } from './acknowledgement.ts';
import type { Binding } from './binding.ts';
import { Double, Flag, WORDS_OF_PREFIX, Word } from './packed-layout.ts';
import { BINDING_RECORD_VERSION, Field, writeCareOf, writeTimestamp } from './record-codec.ts';

const writer = new OctetWriter();

/**
 * What `encodeBindingRecord` makes of a packed binding, without unpacking it: each refresh stores one. `undefined` when something is in it that few have: a name
 * other than its identifier or not of ASCII, a Message Identifier, an AAA server's word. `shift`: what makes its instants times of day. The octets hold until the next is encoded.
 */
export function encodePacked(
  { words, doubles, octets }: HeapPage,
  handle: number,
  careOfAddresses: Binding['careOfAddresses'],
  service: string | undefined,
  shift: number,
): Uint8Array | undefined {
  const at = wordAt(handle);
  const double = doubleAt(handle);
  const flags = words[at + Word.FLAGS] as number;
  const numbers = words[at + Word.NUMBERS] as number;
  const identifierLength = words[at + Word.NAME_LENGTHS] as number;
  const prefixes = at + Word.COUNT;
  const behindPrefixes = prefixes + WORDS_OF_PREFIX * (numbers >>> 24);
  const texts = 4 * (behindPrefixes + (flags & Flag.LINK_LOCAL ? 4 : 0));
  const linkLayer = texts + identifierLength;
  if (flags & RARE || identifierLength >>> 16 !== 0 || !isAscii(octets, texts, linkLayer)) return undefined;

  const out = writer.begin();
  out
    .u8(BINDING_RECORD_VERSION)
    .u16(fieldsOf(flags, service))
    .u8(flags & 0xff);
  out.u16(words[at + Word.CUSTOMER] as number).u8((numbers >>> 8) & 0xff);
  // The identifier, and the name, which is the same.
  out.u16(identifierLength).part(octets, texts, linkLayer);
  out.u16(identifierLength).part(octets, texts, linkLayer);
  writeHex(out, octets, linkLayer, words[at + Word.LINK_LAYER_LENGTH] as number);
  out.u8(numbers & 0xff).u8(careOfAddresses.length);
  for (const careOf of careOfAddresses) writeCareOf(out, careOf);
  writeDuration(out, milliseconds(doubles[double + Double.LIFETIME] as number));
  writeTime(out, utcTime((doubles[double + Double.ENDS_AT] as number) + shift));
  writeTime(out, utcTime((doubles[double + Double.GRANTED_UNTIL] as number) + shift));
  writeTime(out, utcTime(doubles[double + Double.REGISTERED_AT] as number));
  const sequence = words[at + Word.SEQUENCE] as number;
  out.u16(sequence & 0xffff).u8(numbers >>> 24);
  for (let prefix = prefixes; prefix < behindPrefixes; prefix += WORDS_OF_PREFIX)
    writeAddress(out.u8(words[prefix + 4] as number), words, prefix);
  if (flags & Flag.HOME_ADDRESS) {
    out.u32(words[at + Word.HOME_ADDRESS] as number).u8((numbers >>> 16) & 0xff);
    out.u32(words[at + Word.DEFAULT_ROUTER] as number);
  }
  if (flags & Flag.FIXED_LINK_LOCAL) out.ipv6(FIXED_LINK_LOCAL_ADDRESS);
  else if (flags & Flag.LINK_LOCAL) writeAddress(out, words, behindPrefixes);
  if (flags & Flag.TIMESTAMP) writeTimestamp(out, doubles[double + Double.TIMESTAMP] as number, sequence >>> 16);
  if (service !== undefined) out.text(service);
  if (flags & Flag.UPLINK_KEY) out.u32(words[at + Word.UPLINK_KEY] as number);
  return out.view();
}

const RARE = Flag.MESSAGE_ID | Flag.AUTHORIZATION;

function fieldsOf(flags: number, service: string | undefined): number {
  return (
    (flags & Flag.HOME_ADDRESS ? Field.HOME_ADDRESS : 0) |
    (flags & (Flag.FIXED_LINK_LOCAL | Flag.LINK_LOCAL) ? Field.LINK_LOCAL : 0) |
    (flags & Flag.TIMESTAMP ? Field.TIMESTAMP : 0) |
    (service !== undefined ? Field.SERVICE : 0) |
    (flags & Flag.UPLINK_KEY ? Field.UPLINK_KEY : 0)
  );
}

function isAscii(octets: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((octets[i] as number) > 0x7f) return false;
  return true;
}

/** The octets of so many digits, behind their number. */
function writeHex(out: OctetWriter, digits: Uint8Array, from: number, length: number): void {
  out.u16(length >> 1);
  for (let i = from; i < from + length - 1; i += 2)
    out.u8(octetOfDigits(digits[i] as number, digits[i + 1] as number) ?? 0);
}

function writeAddress(out: OctetWriter, words: Int32Array, at: number): void {
  out.u32(words[at] as number).u32(words[at + 1] as number);
  out.u32(words[at + 2] as number).u32(words[at + 3] as number);
}
