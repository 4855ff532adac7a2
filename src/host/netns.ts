import { CLONE_NEWNET, check, close, O_CLOEXEC, open, setns, unshare } from './posix.ts';

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

/** Brings the calling thread back to the network namespace that it is in now. */
function away<T>(leave: () => void, action: () => T): T {
  const home = check('open /proc/thread-self/ns/net', open('/proc/thread-self/ns/net', O_CLOEXEC, 0));
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
