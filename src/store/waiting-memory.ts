import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import {
  flock,
  LOCK_EX,
  LOCK_NB,
  MAP_SHARED,
  type Mapping,
  mmap,
  munmap,
  O_CREAT,
  O_NOFOLLOW,
  O_RDWR,
  PROT_READ,
  PROT_WRITE,
} from '#host/posix.ts';
import { lockPath } from './directory-lock.ts';
import { entryPlaces, FRAME_HEADER_OCTETS } from './log-format.ts';
import type { LeftWaiting, WaitingRoom } from './waiting-room.ts';

const PREFIX = 'waiting-';

/**
 * Numbers as this machine has them:
 *
 * ```
 *  head, 4096 octets                                room, two of them
 *    4  version of the format                         4  turn: the greater one has the later changes
 *    4  1: what follows holds                         4  octets of entries; 2^32 - 1: they did not all find room
 *    8  number of the last frame known to be          8  0
 *       durable, of 64 bits with a point             32  room for the header of a frame
 *   36  boot_id of the kernel                            entries
 *    2  octets of the next
 *       name of the store's directory
 * ```
 */
const FORMAT_VERSION = 1;
const HEAD_OCTETS = 4096;
const VALID_WORD = 1;
const LAST_FRAME_AT = 8;
const BOOT_ID_AT = 16;
const NAME_LENGTH_AT = 52;
const NAME_AT = 54;
const ROOM_HEADER_OCTETS = 16;
/** More than what comes while a disk takes a tenth of a second for a group. */
const ROOM_OCTETS = 1 << 21;
const FILE_OCTETS = HEAD_OCTETS + 2 * ROOM_OCTETS;
const OVERFLOW = 2 ** 32 - 1;

/**
 * Where the changes of one store wait for the disk: in a file that has no disk, and outlives the process. Who is killed loses nothing of what was answered; who loses power
 * has a gap as long as refreshes may wait. Belongs to the owner of the store.
 */
export class WaitingMemory {
  readonly left: LeftWaiting | undefined;
  readonly rooms: readonly [WaitingRoom, WaitingRoom];
  readonly #path: string;
  readonly #directory: string;
  readonly #file: number;
  readonly #mapping: Mapping;
  readonly #words: Uint32Array;
  readonly #lastFrame: Float64Array;
  #hasBegun = false;

  /** `directory`: of the store, and locked; `runtimeDirectory`: where files are in memory. Throws what `node:fs` throws, and `SystemCallError`. */
  constructor(directory: string, runtimeDirectory: string) {
    removeOrphans(runtimeDirectory);
    this.#directory = resolve(directory);
    this.#path = join(runtimeDirectory, nameFor(this.#directory));
    this.#file = openLocked(this.#path);
    try {
      this.#mapping = mapFile(this.#file);
    } catch (error) {
      this.#remove();
      throw error;
    }
    const { buffer } = this.#mapping;
    this.#words = new Uint32Array(buffer.buffer, buffer.byteOffset, HEAD_OCTETS / 4);
    this.#lastFrame = new Float64Array(buffer.buffer, buffer.byteOffset + LAST_FRAME_AT, 1);
    this.left = leftIn(buffer);
    const turns = { latest: 0 };
    this.rooms = [new Room(buffer, HEAD_OCTETS, turns), new Room(buffer, HEAD_OCTETS + ROOM_OCTETS, turns)];
  }

  /** What was left is durable, as is this frame, and nothing waits yet. */
  begin(lastFrame: number): void {
    Atomics.store(this.#words, VALID_WORD, 0);
    const { buffer } = this.#mapping;
    this.#words[0] = FORMAT_VERSION;
    this.#lastFrame[0] = lastFrame;
    buffer.write(bootId(), BOOT_ID_AT, 'latin1');
    buffer.writeUInt16LE(buffer.write(this.#directory, NAME_AT, HEAD_OCTETS - NAME_AT), NAME_LENGTH_AT);
    for (const room of this.rooms) room.begin();
    Atomics.store(this.#words, VALID_WORD, 1);
    this.#hasBegun = true;
  }

  /** This frame is durable. Before `begin` that is nothing to what was left. */
  noteFrame(lastFrame: number): void {
    if (this.#hasBegun) this.#lastFrame[0] = lastFrame;
  }

  /** `isStored`: the next run needs nothing of it. The rooms must not be touched any more. */
  close(isStored: boolean): void {
    munmap(this.#mapping);
    if (isStored) this.#remove();
    else closeSync(this.#file);
  }

  #remove(): void {
    rmSync(this.#path, { force: true });
    closeSync(this.#file);
  }
}

/** What the next owner of a store will find; `undefined` when that is nothing, or not for us to read. */
export function leftWaiting(directory: string, runtimeDirectory: string): LeftWaiting | undefined {
  try {
    return leftIn(readFileSync(join(runtimeDirectory, nameFor(resolve(directory)))));
  } catch {
    return undefined;
  }
}

class Room implements WaitingRoom {
  readonly octets: Buffer;
  /** Turn, and octets of entries. */
  readonly #words: Uint32Array;
  readonly #turns: { latest: number };

  constructor({ buffer, byteOffset }: Buffer, at: number, turns: { latest: number }) {
    this.#words = new Uint32Array(buffer, byteOffset + at, 2);
    this.octets = Buffer.from(buffer, byteOffset + at + ROOM_HEADER_OCTETS, ROOM_OCTETS - ROOM_HEADER_OCTETS);
    this.#turns = turns;
  }

  begin(): void {
    this.keep(0);
    Atomics.store(this.#words, 0, ++this.#turns.latest);
  }

  keep(entries: number): void {
    // Whoever is killed in between has the frame as it was before.
    Atomics.store(this.#words, 1, entries);
  }

  overflow(): void {
    this.keep(OVERFLOW);
  }
}

/** Of this machine since it started; `undefined` when there is nothing that holds. */
function leftIn(file: Buffer): LeftWaiting | undefined {
  const words = new Uint32Array(file.buffer, file.byteOffset, HEAD_OCTETS / 4);
  if (words[0] !== FORMAT_VERSION || words[VALID_WORD] !== 1) return undefined;
  const boot = bootId();
  if (file.toString('latin1', BOOT_ID_AT, BOOT_ID_AT + boot.length) !== boot) return undefined;
  const rooms = [HEAD_OCTETS, HEAD_OCTETS + ROOM_OCTETS].map((at) => {
    const [turn = 0, length = OVERFLOW] = new Uint32Array(file.buffer, file.byteOffset + at, 2);
    const begin = at + ROOM_HEADER_OCTETS + FRAME_HEADER_OCTETS;
    const isWhole = begin + length <= at + ROOM_OCTETS;
    return { turn, entries: isWhole ? Buffer.from(file.subarray(begin, begin + length)) : undefined };
  });
  const entries = rooms.sort((a, b) => a.turn - b.turn).map((room) => room.entries);
  if (!entries.every((one) => one !== undefined && isWhole(one))) return undefined;
  return { lastFrame: file.readDoubleLE(LAST_FRAME_AT), entries: entries as Buffer[] };
}

function isWhole(entries: Buffer): boolean {
  for (const at of entryPlaces(entries)) if (at === undefined) return false;
  return true;
}

/** Of one owner at a time. One that is being removed, as nobody had it, is none. */
function openLocked(path: string): number {
  for (;;) {
    const file = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
    if (flock(file, LOCK_EX) === 0 && fstatSync(file).nlink > 0) return file;
    closeSync(file);
  }
}

/** It has its memory before it is used: there is no way to refuse some later. */
function mapFile(file: number): Mapping {
  const nothing = Buffer.alloc(FILE_OCTETS);
  for (let at = fstatSync(file).size; at < FILE_OCTETS; ) at += writeSync(file, nothing, at, FILE_OCTETS - at, at);
  return mmap(FILE_OCTETS, PROT_READ | PROT_WRITE, MAP_SHARED, file);
}

/** Of the directory itself, not of its name: another one in its place has another. */
function nameFor(directory: string): string {
  const { dev, ino, birthtimeNs } = statSync(lockPath(directory), { bigint: true });
  return `${PREFIX}${dev.toString(16)}-${ino.toString(16)}-${birthtimeNs.toString(16)}`;
}

/** What stores left that are not there any more. */
function removeOrphans(runtimeDirectory: string): void {
  for (const name of readdirSync(runtimeDirectory)) {
    if (name.startsWith(PREFIX)) removeOrphan(join(runtimeDirectory, name), name);
  }
}

function removeOrphan(path: string, name: string): void {
  let file: number;
  try {
    file = openSync(path, O_RDWR | O_NOFOLLOW);
  } catch {
    return; // another one was quicker, or it is not ours
  }
  try {
    if (flock(file, LOCK_EX | LOCK_NB) === 0 && !isNamed(directoryNamedIn(file), name)) rmSync(path, { force: true });
  } finally {
    closeSync(file);
  }
}

function isNamed(directory: string, name: string): boolean {
  try {
    return nameFor(directory) === name;
  } catch {
    return false;
  }
}

function directoryNamedIn(file: number): string {
  const head = Buffer.alloc(HEAD_OCTETS);
  readSync(file, head, 0, HEAD_OCTETS, 0);
  return head.toString('utf8', NAME_AT, NAME_AT + head.readUInt16LE(NAME_LENGTH_AT));
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}
