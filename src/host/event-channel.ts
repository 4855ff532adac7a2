import { check, close, EFD_CLOEXEC, EFD_NONBLOCK, eventfd, read, write } from './posix.ts';

/** An eventfd: any thread of the process wakes a poll loop by `signal`. The number `fd` may be given to another thread. */
export class EventChannel {
  readonly fd: number;
  readonly #value = Buffer.from(new ArrayBuffer(8));

  constructor(fd?: number) {
    this.fd = fd ?? check('eventfd', eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  }

  signal(): void {
    this.#value.writeBigUInt64LE(1n);
    write(this.fd, this.#value, 8);
  }

  /** Makes the descriptor unreadable until the next signal. */
  clear(): void {
    read(this.fd, this.#value, 8);
  }

  close(): void {
    close(this.fd);
  }
}
