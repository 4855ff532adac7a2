import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FormerNotes, FormerState } from '../bpf-node-state.ts';
import { networkNamespaceId } from '../netns.ts';

const DIRECTORY = '/run/mooring';

/** Whether a data plane in user space was here, and did not remove what it made. */
export function hasUserState(device: string): boolean {
  return existsSync(fileOf(device));
}

/** What an earlier process noted goes: the device is gone, and so is the network namespace, of whose number this one may be. */
export function forgetUserState(device: string): void {
  if (hasUserState(device)) rmSync(fileOf(device), { force: true });
}

/** What was before there was a data plane in a network namespace, kept for the process that ends it. */
export class UserState implements FormerNotes {
  readonly former: FormerState;
  readonly #file: string;

  /** `isNew`: what an earlier process of this name left is of a namespace that is gone. */
  constructor(device: string, isNew: boolean) {
    this.#file = fileOf(device);
    this.former = (isNew ? undefined : this.#read()) ?? { settings: {}, links: {} };
  }

  /** Throws an error of `node:fs`. */
  note(): void {
    mkdirSync(DIRECTORY, { recursive: true });
    const fresh = `${this.#file}-new`;
    writeFileSync(fresh, JSON.stringify(this.former), { mode: 0o600 });
    renameSync(fresh, this.#file);
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }

  /** A text that is cut is as good as none. */
  #read(): FormerState | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as FormerState;
    } catch {
      return undefined;
    }
  }
}

function fileOf(device: string): string {
  return join(DIRECTORY, `forwarding-${networkNamespaceId()}-${device}.json`);
}
