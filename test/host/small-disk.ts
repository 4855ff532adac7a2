import { execFileSync } from 'node:child_process';

/** Mounts a file system of this size, as `256k`, at a directory; returns what unmounts it. Needs root. */
export function smallDisk(directory: string, size: string): () => void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory]);
  return () => void execFileSync('umount', ['-l', directory]);
}
