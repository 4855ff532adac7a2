import { EventChannel } from './event-channel.ts';
import {
  addressOf,
  alloc,
  check,
  EAGAIN,
  EINTR,
  errno,
  ioDestroy,
  ioGetevents,
  ioSetup,
  ioSubmit,
  SystemCallError,
} from './posix.ts';

// linux/aio_abi.h: struct iocb and struct io_event, IOCB_CMD_FDSYNC and IOCB_CMD_FSYNC.
const IOCB = { length: 64, opcode: 16, file: 20, flags: 56, eventFd: 60 };
const EVENT = { length: 32, result: 16 };
const IOCB_CMD = { octets: 3, names: 2 };
const IOCB_FLAG_RESFD = 1;

/** fdatasync(2) of a file or fsync(2) of a directory, one at a time, by the kernel while its caller goes on (io_submit(2), since Linux 4.18). */
export class BackgroundSync {
  readonly #ended = new EventChannel();
  readonly #context: bigint;
  readonly #operation = alloc(IOCB.length);
  readonly #pointer = alloc(8);
  readonly #event = alloc(EVENT.length);

  /** `undefined` where the kernel, or who confines this process, does not have it. */
  static open(): BackgroundSync | undefined {
    const context = alloc(8);
    return ioSetup(context.pointer) < 0 ? undefined : new BackgroundSync(context.buffer.readBigUInt64LE(0));
  }

  private constructor(context: bigint) {
    this.#context = context;
    this.#operation.buffer.writeUInt32LE(IOCB_FLAG_RESFD, IOCB.flags);
    this.#operation.buffer.writeInt32LE(this.#ended.fd, IOCB.eventFd);
    this.#pointer.buffer.writeBigUInt64LE(addressOf(this.#operation.buffer), 0);
  }

  /** Readable when what was begun has ended, until `hasEnded` is asked. */
  get fd(): number {
    return this.#ended.fd;
  }

  /** Only when nothing is under way; `of` a file its octets, of a directory the names in it. Throws `SystemCallError`. */
  begin(file: number, of: keyof typeof IOCB_CMD): void {
    this.#operation.buffer.writeUInt16LE(IOCB_CMD[of], IOCB.opcode);
    this.#operation.buffer.writeInt32LE(file, IOCB.file);
    check('io_submit', ioSubmit(this.#context, this.#pointer.address));
  }

  /** Whether what was begun has ended, `false` when nothing was; with `wait`, not before it has. Throws `SystemCallError` when the disk did not take it. */
  hasEnded(wait: boolean): boolean {
    // Before it is asked: the kernel shows that it has ended first, and then makes this readable.
    this.#ended.clear();
    for (;;) {
      const count = ioGetevents(this.#context, wait ? 1 : 0, this.#event.pointer);
      if (count === 1) break;
      if (count === 0) return false;
      const error = errno();
      if (error !== EINTR && error !== EAGAIN) throw new SystemCallError('io_getevents', error);
    }
    const result = Number(this.#event.buffer.readBigInt64LE(EVENT.result));
    if (result < 0) throw new SystemCallError('fsync', -result);
    return true;
  }

  /** Waits for what is under way. */
  close(): void {
    ioDestroy(this.#context);
    this.#ended.close();
  }
}
