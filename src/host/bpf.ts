/** Maps and programs through bpf(2), without libbpf. */
import type { BpfCode, BpfObject } from './elf.ts';
import {
  alloc,
  bpf,
  check,
  close,
  EAGAIN,
  ENOENT,
  errno,
  MAP_SHARED,
  type Mapping,
  mmap,
  type NativeMemory,
  PROT_READ,
  PROT_WRITE,
  SystemCallError,
} from './posix.ts';

export const MapType = { HASH: 1, ARRAY: 2, PERCPU_ARRAY: 6, LPM_TRIE: 11 } as const;
export const MapFlag = { NO_PREALLOC: 1, MMAPABLE: 1 << 10 } as const;
export const ProgramType = { SOCKET_FILTER: 1, SCHED_CLS: 3 } as const;

const MAP_CREATE = 0;
const MAP_LOOKUP = 1;
const MAP_UPDATE = 2;
const MAP_DELETE = 3;
const MAP_NEXT_KEY = 4;
const PROGRAM_LOAD = 5;
const OBJECT_PIN = 6;
const OBJECT_GET = 7;
const OBJECT_INFO = 15;
const MAP_LOOKUP_BATCH = 24;
const MAP_UPDATE_BATCH = 26;

const MAP_CREATE_SIZE = 72;
const ELEMENT_SIZE = 32;
const PROGRAM_LOAD_SIZE = 72;
const PATH_SIZE = 16;
const INFO_SIZE = 16;
const BATCH_SIZE = 56;
/** Entries of one call. A bucket of a hash map must fit. */
const BATCH = 4096;
/** The same of a per-CPU map, whose values are many. */
const PER_CPU_BATCH = 512;
const NO_OCTETS = Buffer.alloc(0);
const MAP_INFO = 24;
const NAME_LENGTH = 15;
const LOAD_ATTEMPTS = 100;
const LOG_SIZE = 1 << 20;
const LOG_TAIL = 2000;
const PAGE = 4096;
const PSEUDO_MAP_FD = 1;

export interface MapSpec {
  readonly name: string;
  readonly type: number;
  /** Octets. */
  readonly keySize: number;
  readonly valueSize: number;
  readonly maximumEntries: number;
  readonly flags?: number;
}

interface BatchFeature {
  /** Whether the kernel takes many entries in one system call. */
  readonly batch: boolean;
}

/**
 * A map. Keys and values are written into `key` and `value` before a call, and read from `value` after a look-up, so that a call makes
 * no garbage. Values of per-CPU maps are not read through it; see `readPerCpu`.
 */
export class BpfMap {
  readonly fd: number;
  readonly spec: MapSpec;
  readonly key: Buffer;
  readonly value: Buffer;
  /** The attributes of look-up and update, and of deletion, which must not have a value. */
  readonly #attributes: Buffer;
  readonly #deletion: Buffer;

  readonly #successor: Buffer;
  readonly #nextKey: Buffer;

  /**
   * Makes a map, or takes one that is there by its descriptor, which becomes the map's own. Throws `SystemCallError`: EPERM without the
   * capability, ENOSYS where the kernel has no bpf(2).
   */
  constructor(spec: MapSpec, possibleCpus = 1, fd = createMap(spec)) {
    this.spec = spec;
    this.fd = fd;
    const perCpu = spec.type === MapType.PERCPU_ARRAY ? possibleCpus : 1;
    const key = alloc(spec.keySize);
    const value = alloc(align(spec.valueSize, 8) * perCpu);
    this.key = key.buffer;
    this.value = value.buffer;
    this.#attributes = elementAttributes(this.fd, key.address, value.address);
    this.#deletion = elementAttributes(this.fd, key.address, 0n);
    const next = alloc(spec.keySize);
    this.#nextKey = next.buffer;
    this.#successor = elementAttributes(this.fd, key.address, next.address);
  }

  /** Puts `value` at `key`. Throws `SystemCallError`: E2BIG when the map is full. */
  update(): void {
    if (bpf(MAP_UPDATE, this.#attributes, ELEMENT_SIZE) < 0)
      throw new SystemCallError(`map ${this.spec.name}`, errno());
  }

  /** Fills `value` from `key`; `false` when there is none. */
  lookup(): boolean {
    return bpf(MAP_LOOKUP, this.#attributes, ELEMENT_SIZE) >= 0;
  }

  /** `false` when there was none. Throws `SystemCallError`. */
  delete(): boolean {
    if (bpf(MAP_DELETE, this.#deletion, ELEMENT_SIZE) >= 0) return true;
    const error = errno();
    if (error !== ENOENT) throw new SystemCallError(`map ${this.spec.name}`, error);
    return false;
  }

  /** The 64-bit words of the value at `key`, each added up over the CPUs; zeros when there is none. */
  perCpuSums(): number[] {
    return this.#sumsOf(this.lookup() ? this.value : NO_OCTETS);
  }

  /** The same of every value of an array, in order; many to a system call. Throws `SystemCallError` where the kernel cannot (before Linux 5.13). */
  *allPerCpuSums(): Iterable<number[]> {
    const size = this.value.length;
    for (const { values, count } of this.#batches(PER_CPU_BATCH, size))
      for (let i = 0; i < count; i++) yield this.#sumsOf(values.buffer.subarray(i * size, (i + 1) * size));
  }

  /**
   * Every entry, many to a system call where the kernel can; both views are valid until the next. What is put or deleted meanwhile may be among them or not.
   */
  *entries(features: BatchFeature): Iterable<{ readonly key: Buffer; readonly value: Buffer }> {
    const { keySize, valueSize } = this.spec;
    for (const { keys, values, count } of this.chunks(features)) {
      for (let i = 0; i < count; i++) {
        const key = keys.subarray(i * keySize, (i + 1) * keySize);
        yield { key, value: values.subarray(i * valueSize, (i + 1) * valueSize) };
      }
    }
  }

  /** The same in pieces of `count` entries, whose keys follow one another, as do their values. */
  *chunks({
    batch,
  }: BatchFeature): Iterable<{ readonly keys: Buffer; readonly values: Buffer; readonly count: number }> {
    if (batch) {
      for (const { keys, values, count } of this.#batches()) yield { keys: keys.buffer, values: values.buffer, count };
      return;
    }
    for (const key of this.#keys()) {
      this.key.set(key);
      if (this.lookup()) yield { keys: key, values: this.value, count: 1 };
    }
  }

  /** Puts `count` entries, whose keys follow one another, as do their values; how many were put, and why no more. */
  updateBatch(keys: NativeMemory, values: NativeMemory, count: number): { done: number; error?: SystemCallError } {
    const attributes = batchAttributes(this.fd, keys, values, count);
    if (bpf(MAP_UPDATE_BATCH, attributes, BATCH_SIZE) >= 0) return { done: count };
    const error = new SystemCallError(`map ${this.spec.name}`, errno());
    return { done: Math.min(count - 1, attributes.readUInt32LE(32)), error };
  }

  /** Puts what `other`, a map of the same layout, has. Throws `SystemCallError`. */
  copyFrom(other: BpfMap, features: BatchFeature): void {
    if (features.batch) {
      for (const { keys, values, count } of other.#batches()) {
        const { error } = count > 0 ? this.updateBatch(keys, values, count) : {};
        if (error) throw error;
      }
      return;
    }
    for (const { key, value } of other.entries(features)) {
      this.key.set(key);
      this.value.set(value);
      this.update();
    }
  }

  #sumsOf(values: Buffer): number[] {
    const words = this.spec.valueSize / 8;
    const sums = Array.from({ length: words }, () => 0);
    for (let i = 0; i * 8 < values.length; i++)
      sums[i % words] = (sums[i % words] ?? 0) + Number(values.readBigUInt64LE(i * 8));
    return sums;
  }

  *#batches(
    most = BATCH,
    valueSize = this.spec.valueSize,
  ): Iterable<{ keys: NativeMemory; values: NativeMemory; count: number }> {
    const keys = alloc(most * this.spec.keySize);
    const values = alloc(most * valueSize);
    const position = alloc(64);
    const attributes = batchAttributes(this.fd, keys, values, most);
    attributes.writeBigUInt64LE(position.address, 8);
    for (let first = true; ; first = false) {
      attributes.writeUInt32LE(most, 32);
      attributes.writeBigUInt64LE(first ? 0n : position.address, 0);
      const done = bpf(MAP_LOOKUP_BATCH, attributes, BATCH_SIZE) < 0;
      const error = done ? errno() : 0;
      if (done && error !== ENOENT) throw new SystemCallError(`map ${this.spec.name}`, error);
      yield { keys, values, count: attributes.readUInt32LE(32) };
      if (done) return;
    }
  }

  /** All keys first, so that nothing deleted meanwhile makes the kernel begin anew. */
  #keys(): Buffer[] {
    const keys: Buffer[] = [];
    const first = elementAttributes(this.fd, 0n, this.#successor.readBigUInt64LE(16));
    for (let attributes = first; bpf(MAP_NEXT_KEY, attributes, ELEMENT_SIZE) >= 0; attributes = this.#successor) {
      keys.push(Buffer.from(this.#nextKey));
      this.#nextKey.copy(this.key);
    }
    return keys;
  }

  /** The values of a map that has the flag MMAPABLE, one after another. Throws `SystemCallError`. */
  mapMemory(): Mapping {
    const length = align(this.spec.valueSize * this.spec.maximumEntries, PAGE);
    return mmap(length, PROT_READ | PROT_WRITE, MAP_SHARED, this.fd);
  }

  close(): void {
    close(this.fd);
  }
}

/** Makes `fd`, a map or a program, outlive its process under a path of a BPF file system. Throws `SystemCallError`. */
export function pinObject(path: string, fd: number): void {
  check(`pin ${path}`, bpf(OBJECT_PIN, pathAttributes(path, fd), PATH_SIZE));
}

/** The descriptor of what was pinned there; `undefined` when nothing is. */
export function pinnedObject(path: string): number | undefined {
  const fd = bpf(OBJECT_GET, pathAttributes(path, 0), PATH_SIZE);
  return fd < 0 ? undefined : fd;
}

/** What a map is like; its name is not asked for. Throws `SystemCallError`. */
export function mapLayout(fd: number): Omit<MapSpec, 'name'> {
  const info = objectInfo('BPF map info', fd, MAP_INFO);
  const word = (index: number) => info.readUInt32LE(index * 4);
  return { type: word(0), keySize: word(2), valueSize: word(3), maximumEntries: word(4), flags: word(5) };
}

/** The first `length` octets of what the kernel says of a map, a program or a link. Throws `SystemCallError`. */
export function objectInfo(what: string, fd: number, length: number): Buffer {
  const info = alloc(length);
  const attributes = Buffer.from(new ArrayBuffer(INFO_SIZE));
  attributes.writeUInt32LE(fd, 0);
  attributes.writeUInt32LE(length, 4);
  attributes.writeBigUInt64LE(info.address, 8);
  check(what, bpf(OBJECT_INFO, attributes, INFO_SIZE));
  return info.buffer;
}

/** The kernel's verifier or loader did not take a program; the message ends with what the verifier said. */
export class BpfLoadError extends Error {
  override readonly name = 'BpfLoadError';
  readonly section: string;
  readonly errno: number;

  constructor(section: string, cause: SystemCallError, log: string) {
    super(`BPF program ${section}: ${cause.code}${log && `\n${log}`}`, { cause });
    this.section = section;
    this.errno = cause.errno;
  }
}

/**
 * Loads the program of one section with its maps, found by name, and gives its descriptor. Throws `BpfLoadError`.
 */
export function loadProgram(
  object: BpfObject,
  section: string,
  type: number,
  maps: Readonly<Record<string, Pick<BpfMap, 'fd'>>>,
): number {
  const code = object.programs.get(section);
  if (!code) throw new RangeError(`no section ${section} in the BPF object`);
  const instructions = link(code, maps);
  const license = alloc(64);
  license.buffer.write(object.license, 'latin1');
  const attributes = Buffer.from(new ArrayBuffer(PROGRAM_LOAD_SIZE));
  attributes.writeUInt32LE(type, 0);
  attributes.writeUInt32LE(instructions.buffer.length / 8, 4);
  attributes.writeBigUInt64LE(instructions.address, 8);
  attributes.writeBigUInt64LE(license.address, 16);
  attributes.write(section.replace(/\W/g, '_').slice(0, NAME_LENGTH), 48, 'latin1');
  const fd = loadPatiently(attributes);
  if (fd >= 0) return fd;
  const cause = new SystemCallError('bpf', errno());
  throw new BpfLoadError(section, cause, verifierLog(attributes));
}

/** The verifier gives up with EAGAIN when the process gets a signal meanwhile. */
function loadPatiently(attributes: Buffer): number {
  for (let attempt = 1; ; attempt++) {
    const fd = bpf(PROGRAM_LOAD, attributes, PROGRAM_LOAD_SIZE);
    if (fd >= 0 || errno() !== EAGAIN || attempt === LOAD_ATTEMPTS) return fd;
  }
}

function link(code: BpfCode, maps: Readonly<Record<string, Pick<BpfMap, 'fd'>>>) {
  const instructions = alloc(code.instructions.length);
  instructions.buffer.set(code.instructions);
  for (const { offset, map } of code.mapReferences) {
    const fd = maps[map]?.fd;
    if (fd === undefined) throw new RangeError(`${code.section} refers to map ${map}, which is not given`);
    const registers = instructions.buffer.readUInt8(offset + 1);
    instructions.buffer.writeUInt8((registers & 0x0f) | (PSEUDO_MAP_FD << 4), offset + 1);
    instructions.buffer.writeInt32LE(fd, offset + 4);
  }
  return instructions;
}

/** Loads once more, as the log slows loading down. */
function verifierLog(attributes: Buffer): string {
  const log = alloc(LOG_SIZE);
  attributes.writeUInt32LE(1, 24);
  attributes.writeUInt32LE(LOG_SIZE, 28);
  attributes.writeBigUInt64LE(log.address, 32);
  const fd = loadPatiently(attributes);
  if (fd >= 0) close(fd);
  return log.buffer.toString('latin1', 0, log.buffer.indexOf(0)).trimEnd().slice(-LOG_TAIL);
}

function createMap(spec: MapSpec): number {
  const attributes = Buffer.from(new ArrayBuffer(MAP_CREATE_SIZE));
  attributes.writeUInt32LE(spec.type, 0);
  attributes.writeUInt32LE(spec.keySize, 4);
  attributes.writeUInt32LE(spec.valueSize, 8);
  attributes.writeUInt32LE(spec.maximumEntries, 12);
  attributes.writeUInt32LE(spec.flags ?? 0, 16);
  attributes.write(spec.name.slice(0, NAME_LENGTH), 28, 'latin1');
  const fd = bpf(MAP_CREATE, attributes, MAP_CREATE_SIZE);
  if (fd < 0) throw new SystemCallError(`create BPF map ${spec.name}`, errno());
  return fd;
}

function elementAttributes(fd: number, key: bigint, value: bigint): Buffer {
  const attributes = Buffer.from(new ArrayBuffer(ELEMENT_SIZE));
  attributes.writeUInt32LE(fd, 0);
  attributes.writeBigUInt64LE(key, 8);
  attributes.writeBigUInt64LE(value, 16);
  return attributes;
}

/** `path` goes into memory that must live until the call: it is kept by the attributes' own view. */
function pathAttributes(path: string, fd: number): Buffer {
  const octets = Buffer.byteLength(path);
  const { buffer, address } = alloc(PATH_SIZE + octets + 1);
  buffer.write(path, PATH_SIZE);
  buffer.writeBigUInt64LE(address + BigInt(PATH_SIZE), 0);
  buffer.writeUInt32LE(fd, 8);
  return buffer;
}

function batchAttributes(fd: number, keys: NativeMemory, values: NativeMemory, count: number): Buffer {
  const attributes = Buffer.from(new ArrayBuffer(BATCH_SIZE));
  attributes.writeBigUInt64LE(keys.address, 16);
  attributes.writeBigUInt64LE(values.address, 24);
  attributes.writeUInt32LE(count, 32);
  attributes.writeUInt32LE(fd, 36);
  return attributes;
}

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
