import { readlinkSync } from 'node:fs';
import {
  AF_INET,
  alloc,
  CLONE_NEWNET,
  check,
  close,
  getsockopt,
  O_CLOEXEC,
  open,
  SO_NETNS_COOKIE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOL_SOCKET,
  setns,
  socket,
  unshare,
} from './posix.ts';

const OWN = '/proc/thread-self/ns/net';

/**
 * Runs `action` with the calling thread inside another network namespace. Sockets and devices opened there stay there.
 * `path` is a namespace file, as `/run/netns/mag1`. `action` must be synchronous. Throws `SystemCallError`.
 */
export function inNetworkNamespace<T>(path: string, action: () => T): T {
  const enter = () => {
    const there = check(`open ${path}`, open(path, O_CLOEXEC, 0));
    try {
      check(`setns ${path}`, setns(there, CLONE_NEWNET));
    } finally {
      close(there);
    }
  };
  return away(enter, action);
}

/**
 * Runs `action` with the calling thread inside a network namespace of its own, empty at first, which goes with the last socket or
 * process in it. `action` must be synchronous. Throws `SystemCallError`: EPERM without CAP_SYS_ADMIN.
 */
export function inNewNetworkNamespace<T>(action: () => T): T {
  return away(() => check('unshare', unshare(CLONE_NEWNET)), action);
}

/** Of the network namespace that the calling thread is in; another may have it once this one is gone. */
export function networkNamespaceId(): string {
  return /\[(\d+)\]/.exec(readlinkSync(OWN))?.[1] ?? '';
}

/** Of the network namespace that the calling thread is in, never used twice; 0 where the kernel does not tell (before Linux 5.14). */
export function networkNamespaceCookie(): bigint {
  const fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const { buffer } = alloc(8);
  const length = alloc(4).buffer;
  length.writeUInt32LE(8);
  const told = getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, buffer, length) === 0;
  close(fd);
  return told ? buffer.readBigUInt64LE(0) : 0n;
}

/** The network namespace that the calling thread is in now, to go back to. */
export class NetworkNamespace {
  readonly #fd: number;
  readonly #id = networkNamespaceId();

  /** Throws `SystemCallError`. */
  constructor() {
    this.#fd = openOwn();
  }

  /** Runs `action`, which must be synchronous, with the calling thread in it. Throws `SystemCallError`: EPERM without CAP_SYS_ADMIN from elsewhere. */
  within<T>(action: () => T): T {
    if (networkNamespaceId() === this.#id) return action();
    return away(() => check('setns', setns(this.#fd, CLONE_NEWNET)), action);
  }

  close(): void {
    close(this.#fd);
  }
}

/** Brings the calling thread back to the network namespace that it is in now. */
function away<T>(leave: () => void, action: () => T): T {
  const home = openOwn();
  try {
    leave();
    try {
      return action();
    } finally {
      check('setns back', setns(home, CLONE_NEWNET));
    }
  } finally {
    close(home);
  }
}

function openOwn(): number {
  return check(`open ${OWN}`, open(OWN, O_CLOEXEC, 0));
}
