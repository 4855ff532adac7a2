import { crc32 } from 'node:zlib';
import { readU16, readU32, writeU16, writeU32 } from '#base/bytes.ts';
import { mixed } from '#base/hash.ts';
import { milliseconds, type UtcTime, utcTime } from '#base/time.ts';
import type { StoreGap } from '#proto/record-change.ts';
import { decodeTextLeniently, writeOctets, writeText } from '#wire/octets.ts';
import type { StoredChange } from './store.ts';
import type { WaitingRoom } from './waiting-room.ts';

/**
 * The files of a store: a header, then frames, and behind those of a log maybe zeros. Numbers are in network order.
 *
 * ```
 *  header, 32 octets                        frame, 32 octets and the entries
 *   8  "MOORING" and a line feed              4  octets of entries
 *   2  version of the format                  4  CRC-32 of all that follows, entries included
 *   1  1: log, 2: base                        8  number of the frame, one more than that of the frame before
 *   1  0                                      8  time of writing: microseconds since 1970
 *   8  number of the file                     4  window: what waits longer than these milliseconds is in here
 *   8  log: octets of the log before          4  flags: 1 closed, 2 end of a base
 *      that are valid
 *   4  CRC-32 of the 28 octets before         each entry: table 8 (| 128: deleted), key length 16, value length 32, key, value
 * ```
 */
export const FORMAT_VERSION = 1;
export const HEADER_OCTETS = 32;
export const FRAME_HEADER_OCTETS = 32;
/** A longer one is none of ours: a group is one frame. */
export const FRAME_MAXIMUM = 1 << 28;

/** A writer has as much room at first, and keeps as much for later frames. */
const BUFFER_MINIMUM = 1 << 16;
const BUFFER_KEPT = 1 << 22;

const MAGIC = Buffer.from('MOORING\n', 'latin1');
const DELETED = 0x80;
const ENTRY_HEADER_OCTETS = 7;

export const FileKind = { LOG: 1, BASE: 2 } as const;
export const FrameFlag = { CLOSED: 1, END: 2 } as const;

export interface FileHeader {
  readonly version: number;
  readonly kind: number;
  readonly number: number;
  /** 0 when there is none. */
  readonly validBefore: number;
}

export function encodeHeader({ kind, number, validBefore }: Omit<FileHeader, 'version'>): Buffer {
  const out = Buffer.alloc(HEADER_OCTETS);
  MAGIC.copy(out);
  out.writeUInt16BE(FORMAT_VERSION, 8);
  out.writeUInt8(kind, 10);
  writeU64(out, number, 12);
  writeU64(out, validBefore, 20);
  out.writeUInt32BE(crc32(out.subarray(0, 28)), 28);
  return out;
}

/** `undefined` when it is no header of any version. */
export function decodeHeader(octets: Buffer): FileHeader | undefined {
  if (octets.length < HEADER_OCTETS || !octets.subarray(0, 8).equals(MAGIC)) return undefined;
  if (octets.readUInt32BE(28) !== crc32(octets.subarray(0, 28))) return undefined;
  return {
    version: octets.readUInt16BE(8),
    kind: octets.readUInt8(10),
    number: readU64(octets, 12),
    validBefore: readU64(octets, 20),
  };
}

export interface FrameHeader {
  /** Octets of entries. */
  readonly length: number;
  readonly number: number;
  readonly written: UtcTime;
  readonly window: StoreGap['window'];
  readonly flags: number;
}

export interface Frame extends FrameHeader {
  readonly entries: Buffer;
  /** Where the next one begins. */
  readonly end: number;
}

/** The frame at `at`; `undefined` when there is none that is whole. */
export function decodeFrame(octets: Buffer, at: number): Frame | undefined {
  if (at + FRAME_HEADER_OCTETS > octets.length) return undefined;
  const length = octets.readUInt32BE(at);
  const end = at + FRAME_HEADER_OCTETS + length;
  if (length > FRAME_MAXIMUM || end > octets.length) return undefined;
  if (octets.readUInt32BE(at + 4) !== crc32(octets.subarray(at + 8, end))) return undefined;
  return {
    length,
    number: readU64(octets, at + 8),
    written: utcTime(readU64(octets, at + 16) / 1000),
    window: milliseconds(octets.readUInt32BE(at + 24)),
    flags: octets.readUInt32BE(at + 28),
    entries: octets.subarray(at + FRAME_HEADER_OCTETS, end),
    end,
  };
}

export type Entry = Omit<StoredChange, 'urgency'>;

/** Frames are put together in a buffer that is used again; what `finish` returns holds until the next `begin`. In a room, as long as it is large enough. */
export class FrameWriter {
  readonly #room: WaitingRoom | undefined;
  #octets: Buffer;
  #length = FRAME_HEADER_OCTETS;

  constructor(room?: WaitingRoom) {
    this.#room = room;
    this.#octets = room?.octets ?? Buffer.alloc(BUFFER_MINIMUM);
  }

  begin(): void {
    this.#length = FRAME_HEADER_OCTETS;
    if (this.#room) this.#octets = this.#room.octets;
    else if (this.#octets.length > BUFFER_KEPT) this.#octets = Buffer.alloc(BUFFER_MINIMUM);
    this.#room?.begin();
  }

  /** What was added so far is in the room for good. */
  keep(): void {
    if (this.#octets === this.#room?.octets) this.#room.keep(this.#length - FRAME_HEADER_OCTETS);
  }

  /** What the room has is not all that there was to add. */
  lack(): void {
    this.#room?.overflow();
  }

  /** Octets so far. */
  get length(): number {
    return this.#length;
  }

  /** Those added so far, until the next is. */
  get entries(): Buffer {
    return this.#octets.subarray(FRAME_HEADER_OCTETS, this.#length);
  }

  add({ table, key, value }: Entry): void {
    const valueLength = value?.length ?? 0;
    // No character has more than three octets for each of its units.
    const at = this.#take(ENTRY_HEADER_OCTETS + 3 * key.length + valueLength);
    const octets = this.#octets;
    const start = writeText(key, octets, at + ENTRY_HEADER_OCTETS);
    octets[at] = value ? table : table | DELETED;
    writeU16(octets, at + 1, start - at - ENTRY_HEADER_OCTETS);
    writeU32(octets, at + 3, valueLength);
    if (value) writeOctets(value, octets, start);
    this.#length = start + valueLength;
  }

  /** Has what the other one has instead, which must not be used any more. */
  takeOver(other: FrameWriter): void {
    this.#room?.overflow();
    this.#octets = other.#octets;
    this.#length = other.#length;
  }

  /** What another writer's `entries` are. */
  append(entries: Uint8Array): void {
    const at = this.#take(entries.length);
    this.#octets.set(entries, at);
  }

  finish({ number, written, window, flags }: Omit<FrameHeader, 'length'>): Buffer {
    const octets = this.#octets.subarray(0, this.#length);
    octets.writeUInt32BE(this.#length - FRAME_HEADER_OCTETS, 0);
    writeU64(octets, number, 8);
    writeU64(octets, Math.max(0, Math.round(written * 1000)), 16);
    octets.writeUInt32BE(Math.min(2 ** 32 - 1, Math.ceil(window)), 24);
    octets.writeUInt32BE(flags, 28);
    octets.writeUInt32BE(crc32(octets.subarray(8)), 4);
    return octets;
  }

  #take(count: number): number {
    const at = this.#length;
    const length = at + count;
    if (length > this.#octets.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#octets.length));
      this.#octets.copy(larger, 0, 0, at);
      this.#room?.overflow();
      this.#octets = larger;
    }
    this.#length = length;
    return at;
  }
}

/** Where each entry of a frame begins; the last is `undefined` when the entries are not what `add` writes. */
export function* entryPlaces(entries: Buffer): Generator<number | undefined> {
  for (let at = 0; at < entries.length; ) {
    const end = endOfEntry(entries, at);
    if (end > entries.length) {
      yield undefined;
      return;
    }
    yield at;
    at = end;
  }
}

/** The entry that begins there and is whole. */
export function entryAt(octets: Buffer, at: number): Entry {
  return new EntryInPlace(octets, at);
}

/** Its key is no text before somebody asks for it. */
class EntryInPlace implements Entry {
  readonly value: Uint8Array | undefined;
  readonly #octets: Buffer;
  readonly #at: number;

  constructor(octets: Buffer, at: number) {
    this.#octets = octets;
    this.#at = at;
    const start = this.#keyEnd;
    const isDeleted = ((octets[at] as number) & DELETED) !== 0;
    this.value = isDeleted
      ? undefined
      : new Uint8Array(octets.buffer, octets.byteOffset + start, endOfEntry(octets, at) - start);
  }

  get table(): number {
    return (this.#octets[this.#at] as number) & ~DELETED;
  }

  get key(): string {
    return decodeTextLeniently(this.#octets, this.#at + ENTRY_HEADER_OCTETS, this.#keyEnd);
  }

  get #keyEnd(): number {
    return this.#at + ENTRY_HEADER_OCTETS + keyLengthAt(this.#octets, this.#at);
  }
}

/** Equal for entries of one table and key, whatever their values; `multiplier`: odd, of `hashOfText`. */
export function hashOfKey(octets: Buffer, at: number, multiplier: number): number {
  const start = at + ENTRY_HEADER_OCTETS;
  const end = start + keyLengthAt(octets, at);
  let hash = (octets[at] as number) & ~DELETED;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (hash >>> 15) ^ (octets[i] as number), multiplier);
  return mixed(hash);
}

/** Whether two entries are of one table and key. */
export function isSameKey(a: Buffer, atA: number, b: Buffer, atB: number): boolean {
  const length = keyLengthAt(a, atA);
  if (length !== keyLengthAt(b, atB) || (((a[atA] as number) ^ (b[atB] as number)) & ~DELETED) !== 0) return false;
  for (let i = ENTRY_HEADER_OCTETS; i < ENTRY_HEADER_OCTETS + length; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}

function endOfEntry(octets: Buffer, at: number): number {
  const header = at + ENTRY_HEADER_OCTETS;
  if (header > octets.length) return Number.POSITIVE_INFINITY;
  return header + keyLengthAt(octets, at) + readU32(octets, at + 3);
}

function keyLengthAt(octets: Buffer, at: number): number {
  return readU16(octets, at + 1);
}

function writeU64(octets: Buffer, value: number, at: number): void {
  octets.writeUInt32BE(Math.floor(value / 2 ** 32), at);
  octets.writeUInt32BE(value % 2 ** 32, at + 4);
}

function readU64(octets: Buffer, at: number): number {
  return octets.readUInt32BE(at) * 2 ** 32 + octets.readUInt32BE(at + 4);
}
