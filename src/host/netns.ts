import { readlinkSync } from 'node:fs';
import { CLONE_NEWNET, check, close, O_CLOEXEC, open, setns, unshare } from './posix.ts';

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
