import {
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_SNDBUF,
  SO_SNDBUFFORCE,
  SOL_SOCKET,
  SystemCallError,
  setIntegerOption,
} from './posix.ts';

/** Room for a burst of some ten thousand signalling messages, in octets. */
const SIZE = 8 << 20;

/** Makes a socket's buffers large; beyond the system's limit only where the process may (CAP_NET_ADMIN). */
export function growBuffers(fd: number): void {
  grow(fd, SO_RCVBUFFORCE, SO_RCVBUF);
  grow(fd, SO_SNDBUFFORCE, SO_SNDBUF);
}

function grow(fd: number, forced: number, limited: number): void {
  try {
    setIntegerOption(fd, SOL_SOCKET, forced, SIZE);
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    setIntegerOption(fd, SOL_SOCKET, limited, SIZE);
  }
}
