import { AF_UNIX, check, close, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_DGRAM, sendto, sockaddrUn, socket } from './posix.ts';

/**
 * Sends one datagram to the Unix socket of this name, as whoever does not want an answer. `@` begins a name that is not in the file system.
 * Throws `SystemCallError`: ENOENT and ECONNREFUSED when nobody has it open, EAGAIN when it does not read; `RangeError` for a name that is
 * too long.
 */
export function sendUnixDatagram(name: string, text: string): void {
  const octets = Buffer.from(text);
  const address = sockaddrUn(name);
  const fd = check('socket', socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  try {
    check(`sendto ${name}`, sendto(fd, octets, octets.length, MSG_DONTWAIT, address, address.length));
  } finally {
    close(fd);
  }
}
