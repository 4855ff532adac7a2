import { unlinkSync } from 'node:fs';
import {
  AF_UNIX,
  alloc,
  bind,
  check,
  close,
  connect,
  EAGAIN,
  EINTR,
  errno,
  MSG_DONTWAIT,
  recv,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SystemCallError,
  send,
  sockaddrUn,
  socket,
} from './posix.ts';

const BATCH = 64;

/**
 * A Unix datagram socket with a name of its own in the file system, so that the other end can answer, even one in another network
 * namespace. Node has none.
 */
export class UnixDatagramSocket {
  readonly fd: number;
  readonly #own: string;
  readonly #buffer: Buffer;
  #closed = false;

  /**
   * `own` is replaced when something is there. `longest` datagram in octets; a longer one is cut to one octet more than that.
   * Throws `SystemCallError`: ENOENT without a socket at `remote`, ECONNREFUSED when nobody has it open; `RangeError` for a path that is too long.
   */
  constructor(own: string, remote: string, longest: number) {
    const [ownAddress, remoteAddress] = [sockaddrUn(own), sockaddrUn(remote)];
    this.#own = own;
    this.#buffer = alloc(longest + 1).buffer;
    this.fd = check('socket', socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    try {
      removeFile(own);
      check(`bind ${own}`, bind(this.fd, ownAddress, ownAddress.length));
      check(`connect ${remote}`, connect(this.fd, remoteAddress, remoteAddress.length));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Takes one batch of what waits, until `handle` closes it. `datagram` is only valid during the call. Throws `SystemCallError`. */
  receive(handle: (datagram: Uint8Array) => void): void {
    for (let i = 0; i < BATCH && !this.#closed; i++) {
      const length = recv(this.fd, this.#buffer, this.#buffer.length, MSG_DONTWAIT);
      if (length >= 0) {
        handle(this.#buffer.subarray(0, length));
        continue;
      }
      const error = errno();
      if (error === EAGAIN) return;
      if (error !== EINTR) throw new SystemCallError('recv', error);
    }
  }

  /** Throws `SystemCallError`: ECONNREFUSED when the other end is gone, EAGAIN when it does not read. */
  send(text: string): void {
    const octets = Buffer.from(text);
    check('send', send(this.fd, octets, octets.length, MSG_DONTWAIT));
  }

  close(): void {
    this.#closed = true;
    close(this.fd);
    removeFile(this.#own);
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is not there; what cannot be removed makes bind fail.
  }
}
