import { createRequire } from 'node:module';
import type Koffi from 'koffi';
import {
  SYSCALL_BPF,
  SYSCALL_IO_DESTROY,
  SYSCALL_IO_GETEVENTS,
  SYSCALL_IO_SETUP,
  SYSCALL_IO_SUBMIT,
} from './posix-constants.ts';

/**
 * libc as this program needs it, through koffi: the only file that loads it.
 *
 * The functions are libc's own: they return what C returns, -1 for a failure, whose number `errno` gives; `check` turns that into a
 * `SystemCallError`. A `Block` argument is a Buffer or typed array (its bytes are used in place, until the call
 * returns), a native address, or null.
 */
export * from './posix-constants.ts';
export * from './socket-address.ts';

export type Block = ArrayBufferView | ArrayBuffer | bigint | null;

const koffi = loadKoffi();
const libc = koffi.load(null);
const threadError = errnoOfThread();
let lastError = 0;

export const socket: (domain: number, type: number, protocol: number) => number = bindC('int socket(int, int, int)');
export const bind: (fd: number, address: Block, length: number) => number = bindC('int bind(int, void *, uint32_t)');
export const connect: (fd: number, address: Block, length: number) => number = bindC(
  'int connect(int, void *, uint32_t)',
);
export const setsockopt: (fd: number, level: number, option: number, value: Block, length: number) => number = bindC(
  'int setsockopt(int, int, int, void *, uint32_t)',
);
/** `length`: 4 octets, in and out. */
export const getsockopt: (fd: number, level: number, option: number, value: Block, length: Block) => number = bindC(
  'int getsockopt(int, int, int, void *, void *)',
);
export const getsockname: (fd: number, address: Block, length: Block) => number = bindC(
  'int getsockname(int, void *, void *)',
);
export const send: (fd: number, data: Block, length: number, flags: number) => number = bindC(
  'int64_t send(int, void *, size_t, int)',
);
export const recv: (fd: number, data: Block, length: number, flags: number) => number = bindC(
  'int64_t recv(int, void *, size_t, int)',
);
export const sendto: (
  fd: number,
  data: Block,
  length: number,
  flags: number,
  address: Block,
  addressLength: number,
) => number = bindC('int64_t sendto(int, void *, size_t, int, void *, uint32_t)');
export const recvfrom: (
  fd: number,
  data: Block,
  length: number,
  flags: number,
  address: Block,
  addressLength: Block,
) => number = bindC('int64_t recvfrom(int, void *, size_t, int, void *, void *)');
export const recvmmsg: (fd: number, messages: Block, count: number, flags: number, timeout: Block) => number = bindC(
  'int recvmmsg(int, void *, uint32_t, int, void *)',
);
export const sendmmsg: (fd: number, messages: Block, count: number, flags: number) => number = bindC(
  'int sendmmsg(int, void *, uint32_t, int)',
);
/** `timeout` in milliseconds. `fds`: `count` of struct pollfd, 8 octets each. */
export const poll: (fds: Block, count: number, timeout: number) => number = bindC(
  'int poll(void *, unsigned long, int)',
);
/** As `poll`, with `timeout` a struct timespec; no `mask`: signals are as they are. */
export const ppoll: (fds: Block, count: number, timeout: Block, mask: null) => number = bindC(
  'int ppoll(void *, unsigned long, void *, void *)',
);
export const eventfd: (initial: number, flags: number) => number = bindC('int eventfd(uint32_t, int)');
/** `clock`: 1 is CLOCK_MONOTONIC. The descriptor is readable after each expiry: 8 octets, how often it expired. */
export const timerfdCreate: (clock: number, flags: number) => number = bindC('int timerfd_create(int, int)');
/** `value`: struct itimerspec, the interval and the first expiry, each seconds and nanoseconds of 8 octets. */
export const timerfdSettime: (fd: number, flags: number, value: Block, old: Block) => number = bindC(
  'int timerfd_settime(int, int, void *, void *)',
);
export const open: (path: string, flags: number, mode: number) => number = bindC(
  'int open(const char *, int, uint32_t)',
);
export const close: (fd: number) => number = bindC('int close(int)');
/** 0, or -1 when the lock is another's. */
export const flock: (fd: number, operation: number) => number = bindC('int flock(int, int)');
export const read: (fd: number, data: Block, length: number) => number = bindC('int64_t read(int, void *, size_t)');
export const write: (fd: number, data: Block, length: number) => number = bindC('int64_t write(int, void *, size_t)');
export const ioctl: (fd: number, request: number, argument: Block) => number = bindC(
  'int ioctl(int, unsigned long, void *)',
);
export const setns: (fd: number, type: number) => number = bindC('int setns(int, int)');
export const unshare: (flags: number) => number = bindC('int unshare(int)');
export const mount: (source: string, target: string, type: string, flags: number, data: string | null) => number =
  bindC('int mount(const char *, const char *, const char *, unsigned long, const char *)');
export const prctl: (option: number, a: number, b: number, c: number, d: number) => number = bindC(
  'int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)',
);
/** `limit`: struct rlimit, the soft and the hard limit, 8 octets each. */
export const setrlimit: (resource: number, limit: Block) => number = bindC('int setrlimit(int, void *)');
export const getrlimit: (resource: number, limit: Block) => number = bindC('int getrlimit(int, void *)');
/** `pid` 0 is the calling thread. `parameter`: struct sched_param, the priority in 4 octets. */
export const schedSetscheduler: (pid: number, policy: number, parameter: Block) => number = bindC(
  'int sched_setscheduler(int, int, void *)',
);
/** 0 when there is no such interface in the namespace of the calling thread. */
export const ifNameToIndex: (name: string) => number = bindC('uint32_t if_nametoindex(const char *)');
const rawIfIndexToName: (index: number, name: Block) => Block = bindC('void *if_indextoname(uint32_t, void *)');
/** `timex`: struct timex, with `modes` 0 to change nothing. The state of the clock, or -1. */
export const adjtimex: (timex: Block) => number = bindC('int adjtimex(void *)');

// mmap, munmap and syscall are variadic or take pointers that must stay numbers; a fixed prototype is call-compatible in the calling
// conventions of x86-64 and AArch64 Linux.
const rawMmap: (
  address: Block,
  length: number,
  protection: number,
  flags: number,
  fd: number,
  offset: number,
) => number | bigint = bindC('int64_t mmap(void *, size_t, int, int, int, int64_t)');
const rawMunmap: (address: Block, length: number) => number = bindC('int munmap(void *, size_t)');
const syscall4: (call: number, a: number, b: Block, c: number) => number = bindC(
  'int64_t syscall(int64_t, int64_t, void *, int64_t)',
);

/** bpf(2): the command's result or a file descriptor, -1 for a failure. `attributes`: union bpf_attr, unused octets 0. */
export function bpf(command: number, attributes: Block, size: number): number {
  return Number(syscall4(SYSCALL_BPF, command, attributes, size));
}

const syscall6: (call: number, a: bigint, b: bigint, c: bigint, d: Block, e: Block) => number = bindC(
  'int64_t syscall(int64_t, int64_t, int64_t, int64_t, void *, void *)',
);

/** io_setup(2) for one operation at a time. `context`: 8 octets of 0, which then name it. */
export function ioSetup(context: Block): number {
  return Number(syscall4(SYSCALL_IO_SETUP, 1, context, 0));
}

/** io_submit(2) of one operation. `pointer`: where the address of its struct iocb stands. */
export function ioSubmit(context: bigint, pointer: bigint): number {
  return Number(syscall6(SYSCALL_IO_SUBMIT, context, 1n, pointer, null, null));
}

/** io_getevents(2): waits for the operation, or, with `least` 0, does not. `event`: struct io_event, 32 octets. */
export function ioGetevents(context: bigint, least: 0 | 1, event: Block): number {
  return Number(syscall6(SYSCALL_IO_GETEVENTS, context, BigInt(least), 1n, event, null));
}

export function ioDestroy(context: bigint): number {
  return Number(syscall6(SYSCALL_IO_DESTROY, context, 0n, 0n, null, null));
}

/** Memory that does not move, for structures that hold pointers. It lives as long as `buffer` is reachable. */
export interface NativeMemory {
  readonly buffer: Buffer;
  readonly address: bigint;
  /** What to pass where C wants the pointer. */
  readonly pointer: Buffer;
}

/** `size` octets of 0. */
export function alloc(size: number): NativeMemory {
  // The store of an ArrayBuffer lies outside the collected heap and is never moved.
  const buffer = Buffer.from(new ArrayBuffer(Math.max(size, 1)));
  return { buffer, address: addressOf(buffer), pointer: buffer };
}

/** The address of the first octet. Only of memory that does not move: an ArrayBuffer, a view of `alloc`ed memory, a mapping. */
export function addressOf(memory: ArrayBufferView | ArrayBuffer): bigint {
  return koffi.address(memory);
}

export interface Mapping {
  /** Must not be touched after `munmap`. */
  readonly buffer: Buffer;
  readonly address: bigint;
  readonly length: number;
}

/** Throws `SystemCallError`. */
export function mmap(length: number, protection: number, flags: number, fd: number, offset = 0): Mapping {
  const result = rawMmap(null, length, protection, flags, fd, offset);
  if (Number(result) === -1) throw new SystemCallError('mmap', errno());
  const address = BigInt(result);
  return { buffer: Buffer.from(koffi.view(address, length)), address, length };
}

/** Throws `SystemCallError`. */
export function munmap(mapping: Mapping): void {
  check('munmap', rawMunmap(mapping.address, mapping.length));
}

/** The error number of the last call of this file that failed on this thread. */
export function errno(): number {
  return lastError;
}

const ERRNO_NAMES = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));

/** `EAGAIN`, or `errno 999` when it is not known. */
export function errnoName(number: number): string {
  return ERRNO_NAMES.get(number) ?? `errno ${number}`;
}

export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  readonly call: string;
  readonly errno: number;
  /** As `ENOENT`. */
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = errnoName(errno);
    super(`${call}: ${code}`);
    this.call = call;
    this.errno = errno;
    this.code = code;
  }
}

/** Passes a result on; -1 becomes a `SystemCallError` that names `call`. */
export function check(call: string, result: number): number {
  if (result < 0) throw new SystemCallError(call, errno());
  return result;
}

const optionValue = Buffer.from(new ArrayBuffer(4));

/** Sets a socket option whose value is an int. Throws `SystemCallError`. */
export function setIntegerOption(fd: number, level: number, option: number, value: number): void {
  optionValue.writeInt32LE(value);
  check(`setsockopt(${level}, ${option})`, setsockopt(fd, level, option, optionValue, 4));
}

/** `undefined` when the namespace of the calling thread has no such interface. */
export function ifIndexToName(index: number): string | undefined {
  const name = Buffer.from(new ArrayBuffer(16));
  return rawIfIndexToName(index, name) === null ? undefined : name.toString('latin1', 0, name.indexOf(0));
}

/** What stops this program from running on this machine at all. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly code = 'unsupported-platform';
}

type Words = readonly unknown[];

/**
 * The error number is taken before the engine can do anything of its own: its collector and its compiler wait for locks on this
 * thread, which leaves EAGAIN, and they may begin wherever a function is entered or a loop goes round.
 */
function bindC<F>(definition: string): F {
  const call = libc.func(definition);
  const arity = (call.info as { readonly arguments: Words }).arguments.length;
  return keepingError(call as unknown as (...words: Words) => number, arity) as F;
}

function keepingError(call: (...words: Words) => number, arity: number): unknown {
  switch (arity) {
    case 0:
      return () => {
        const result = call();
        if (result === -1) lastError = threadError[0] as number;
        return result;
      };
    case 1:
      return (a: unknown) => {
        const result = call(a);
        if (result === -1) lastError = threadError[0] as number;
        return result;
      };
    case 2:
      return (a: unknown, b: unknown) => {
        const result = call(a, b);
        if (result === -1) lastError = threadError[0] as number;
        return result;
      };
    case 3:
      return (a: unknown, b: unknown, c: unknown) => {
        const result = call(a, b, c);
        if (result === -1) lastError = threadError[0] as number;
        return result;
      };
    case 4:
      return (a: unknown, b: unknown, c: unknown, d: unknown) => {
        const result = call(a, b, c, d);
        if (result === -1) lastError = threadError[0] as number;
        return result;
      };
    case 5:
      return (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown) => {
        const result = call(a, b, c, d, e);
        if (result === -1) lastError = threadError[0] as number;
        return result;
      };
    case 6:
      return (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown) => {
        const result = call(a, b, c, d, e, f);
        if (result === -1) lastError = threadError[0] as number;
        return result;
      };
    default:
      throw new RangeError(`a function of ${arity} arguments`);
  }
}

/** The calling thread's own errno: each thread that loads this file has its own. */
function errnoOfThread(): Int32Array {
  const location: () => bigint = libc.func('void *__errno_location()');
  return new Int32Array(koffi.view(location(), 4));
}

function loadKoffi(): typeof Koffi {
  if (process.platform !== 'linux') {
    throw new PlatformError(`Mooring runs on Linux only; this is ${process.platform}`);
  }
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    throw new PlatformError(`Mooring runs on x86-64 and AArch64 only; this is ${process.arch}`);
  }
  try {
    return createRequire(import.meta.url)('koffi') as typeof Koffi;
  } catch (cause) {
    throw new PlatformError(
      `cannot load the npm package koffi for ${process.platform}-${process.arch}, through which Mooring calls libc; ` +
        `run "npm install" without --omit=optional (${(cause as Error).message.split('\n')[0]})`,
      { cause },
    );
  }
}
