/** Maps and programs through bpf(2), without libbpf. */
import type { BpfCode, BpfObject } from './elf.ts';
import {
  alloc,
  bpf,
  close,
  EAGAIN,
  ENOENT,
  errno,
  MAP_SHARED,
  type Mapping,
  mmap,
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
const PROGRAM_LOAD = 5;

const MAP_CREATE_SIZE = 72;
const ELEMENT_SIZE = 32;
const PROGRAM_LOAD_SIZE = 72;
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

  /** Throws `SystemCallError`: EPERM without the capability, ENOSYS where the kernel has no bpf(2). */
  constructor(spec: MapSpec, possibleCpus = 1) {
    this.spec = spec;
    this.fd = createMap(spec);
    const perCpu = spec.type === MapType.PERCPU_ARRAY ? possibleCpus : 1;
    const key = alloc(spec.keySize);
    const value = alloc(align(spec.valueSize, 8) * perCpu);
    this.key = key.buffer;
    this.value = value.buffer;
    this.#attributes = elementAttributes(this.fd, key.address, value.address);
    this.#deletion = elementAttributes(this.fd, key.address, 0n);
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

  /** The 64-bit values of all CPUs at `key`, added up. */
  sumPerCpu(): number {
    let sum = 0n;
    if (this.lookup()) for (let at = 0; at < this.value.length; at += 8) sum += this.value.readBigUInt64LE(at);
    return Number(sum);
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

function align(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
