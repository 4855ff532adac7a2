import { existsSync, lstatSync, mkdirSync, statfsSync } from 'node:fs';
import { geteuid } from 'node:process';

const TMPFS = 0x01021994;
const RAMFS = 0x858458f6;

/** Of who runs this; `/dev/shm` is everybody's. */
const CANDIDATES = ['/run/mooring', `/dev/shm/mooring-${geteuid?.() ?? 0}`];

export const NO_RUNTIME_DIRECTORY = `none of ${CANDIDATES.join(' and ')} is a directory of this user in memory (tmpfs)`;

/** A directory whose files outlive processes and have no disk: a page that is written to waits for none, and none can fail. `undefined` where there is none. */
export function runtimeDirectory(candidates: readonly string[] = CANDIDATES): string | undefined {
  return candidates.find(isOursInMemory);
}

function isOursInMemory(path: string): boolean {
  try {
    if (!existsSync(path)) mkdirSync(path, 0o755);
    const entry = lstatSync(path);
    const { type } = statfsSync(path);
    return entry.isDirectory() && entry.uid === geteuid?.() && (type === TMPFS || type === RAMFS);
  } catch {
    return false;
  }
}
