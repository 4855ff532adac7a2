import { accessSync, constants, mkdirSync, readdirSync, renameSync, rmdirSync, statfsSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pinnedObject, pinObject } from './bpf.ts';
import { networkNamespaceId } from './netns.ts';
import { mount } from './posix.ts';

/** Where the system has its BPF file system, and where this program is given one that it may use, or mounts it if there is none. */
const SYSTEM_ROOT = '/sys/fs/bpf';
const OWN_ROOT = '/run/mooring/bpf';
const BPF_FS_MAGIC = 0xcafe4a11;

/** Behind the name that a pin is about to get. */
export const UNNAMED = '-new';

/** False once this process had to mount a BPF file system: in a mount namespace of its own, that goes with the process. */
let lasting = true;

/** The maps, programs and links of one data plane, kept in a BPF file system beyond the life of the process. */
export class Pins {
  readonly directory: string;

  /** Of a device in the network namespace of the calling thread; `undefined` where there can be no BPF file system. */
  static of(device: string): Pins | undefined {
    const root = bpfFileSystem();
    return root === undefined ? undefined : Pins.named(root, `${networkNamespaceId()}-${device}`);
  }

  /** By its directory's name. */
  static named(root: string, name: string): Pins {
    return new Pins(join(Pins.parent(root), name));
  }

  /** Where the directories of all data planes are. */
  static parent(root: string): string {
    return join(root, 'mooring');
  }

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Whether what is pinned is there for the next process too. */
  get lasting(): boolean {
    return lasting;
  }

  /** A descriptor of what has this name; `undefined` when nothing has. */
  get(name: string): number | undefined {
    return pinnedObject(join(this.directory, name));
  }

  /** Gives a map, a program or a link this name, also if another has it. Throws `SystemCallError`. */
  put(name: string, fd: number): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const path = join(this.directory, name);
    const fresh = `${path}${UNNAMED}`;
    removeFile(fresh);
    pinObject(fresh, fd);
    renameSync(fresh, path);
  }

  names(): string[] {
    try {
      return readdirSync(this.directory);
    } catch {
      return [];
    }
  }

  /** What a process had pinned, but not yet given its name, when it was killed. For the one that has the data plane now. */
  removeUnnamed(): void {
    for (const name of this.names()) if (name.endsWith(UNNAMED)) this.remove(name);
  }

  remove(name: string): void {
    removeFile(join(this.directory, name));
  }

  removeAll(): void {
    for (const name of this.names()) this.remove(name);
    for (const directory of [this.directory, dirname(this.directory)]) {
      try {
        rmdirSync(directory);
      } catch {
        return; // other data planes have theirs in it
      }
    }
  }
}

/** The root of a BPF file system that this process may use, mounted if need be; `undefined` when there can be none. */
export function bpfFileSystem(): string | undefined {
  for (const root of [SYSTEM_ROOT, OWN_ROOT]) if (isUsable(root)) return root;
  try {
    mkdirSync(OWN_ROOT, { recursive: true, mode: 0o700 });
  } catch {
    return undefined;
  }
  if (mount('bpf', OWN_ROOT, 'bpf', 0, 'mode=0700') < 0) return undefined;
  lasting = false;
  return OWN_ROOT;
}

/** The system's is for root alone. */
function isUsable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return statfsSync(path).type === BPF_FS_MAGIC;
  } catch {
    return false;
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was not there.
  }
}
