import { CLONE_NEWNET, check, close, O_CLOEXEC, open, setns } from './posix.ts';

/**
 * Runs `action` with the calling thread inside another network namespace. Sockets and devices opened there stay there.
 * `path` is a namespace file, as `/run/netns/mag1`. `action` must be synchronous. Throws `SystemCallError`.
 */
export function inNetworkNamespace<T>(path: string, action: () => T): T {
  const home = check('open /proc/thread-self/ns/net', open('/proc/thread-self/ns/net', O_CLOEXEC, 0));
  try {
    const there = check(`open ${path}`, open(path, O_CLOEXEC, 0));
    try {
      check(`setns ${path}`, setns(there, CLONE_NEWNET));
    } finally {
      close(there);
    }
    try {
      return action();
    } finally {
      check('setns back', setns(home, CLONE_NEWNET));
    }
  } finally {
    close(home);
  }
}
