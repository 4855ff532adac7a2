import { alloc, check, EAGAIN, EINTR, errno, POLLIN, poll, ppoll } from './posix.ts';

/** Called when the descriptor is readable or in error; must take what waits without blocking, and may leave some for the next round. */
export type ReadyHandler = () => void;

const POLLFD_LENGTH = 8;
/** struct timespec: seconds, and nanoseconds at 8. */
const TIMESPEC_LENGTH = 16;

/** The longest wait of one round in milliseconds, so that a thread in this loop can always be ended. */
export const MAXIMUM_WAIT_MS = 1000;

/** poll(2) over a set of descriptors. A thread that runs rounds of it runs nothing else: no promise, no timer of Node. */
export class PollLoop {
  readonly #handlers = new Map<number, ReadyHandler>();
  readonly #ready: ReadyHandler[] = [];
  #set = alloc(POLLFD_LENGTH);
  #fds: number[] = [];
  #changed = true;
  readonly #one = alloc(POLLFD_LENGTH);
  readonly #patience = alloc(TIMESPEC_LENGTH);
  /** The longest wait of a round; `MAXIMUM_WAIT_MS` at most. */
  longestWaitMs = MAXIMUM_WAIT_MS;

  watch(fd: number, onReady: ReadyHandler): void {
    this.#handlers.set(fd, onReady);
    this.#changed = true;
  }

  unwatch(fd: number): void {
    this.#handlers.delete(fd);
    this.#changed = true;
  }

  /** Waits at most `milliseconds` (and never more than `longestWaitMs`), then calls each ready handler once. */
  round(milliseconds: number): void {
    for (const handler of this.wait(milliseconds)) handler();
  }

  /** Like `round`, but only says which handlers are to be called. The array is used again by the next call. */
  wait(milliseconds: number): readonly ReadyHandler[] {
    if (this.#changed) this.#rebuild();
    const timeout = Math.ceil(Math.max(0, Math.min(milliseconds, this.longestWaitMs)));
    const result = poll(this.#set.pointer, this.#fds.length, timeout);
    if (result < 0) {
      const error = errno();
      if (error !== EINTR && error !== EAGAIN) check('poll', result);
    }
    let count = 0;
    for (let i = 0; count < result && i < this.#fds.length; i++) {
      if (this.#set.buffer.readUInt16LE(i * POLLFD_LENGTH + 6) === 0) continue;
      this.#ready[count++] = this.#handlers.get(this.#fds[i] as number) as ReadyHandler;
    }
    // Not before: an array that is emptied each time is made anew each time.
    if (this.#ready.length !== count) this.#ready.length = count;
    return this.#ready;
  }

  /** As `wait`, for this descriptor alone and less than a second, fractions of milliseconds included; `undefined` when it is not readable by then. */
  waitFor(fd: number, milliseconds: number): readonly ReadyHandler[] | undefined {
    const handler = this.#handlers.get(fd);
    if (!handler) return undefined;
    this.#one.buffer.writeInt32LE(fd, 0);
    this.#one.buffer.writeUInt16LE(POLLIN, 4);
    this.#patience.buffer.writeUInt32LE(Math.min(999_999_999, Math.ceil(milliseconds * 1e6)), 8);
    // A signal ends it: then everything is looked at.
    if (ppoll(this.#one.pointer, 1, this.#patience.pointer, null) <= 0) return undefined;
    this.#ready[0] = handler;
    if (this.#ready.length !== 1) this.#ready.length = 1;
    return this.#ready;
  }

  #rebuild(): void {
    this.#fds = [...this.#handlers.keys()];
    this.#set = alloc(this.#fds.length * POLLFD_LENGTH);
    for (const [i, fd] of this.#fds.entries()) {
      this.#set.buffer.writeInt32LE(fd, i * POLLFD_LENGTH);
      this.#set.buffer.writeUInt16LE(POLLIN, i * POLLFD_LENGTH + 4);
    }
    this.#changed = false;
  }
}
