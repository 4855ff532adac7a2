import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { milliseconds } from '#base/time.ts';
import { LogStore } from '#store/log-store.ts';
import { at } from './compliance.ts';

export const window = milliseconds(1000);

/** The name of a directory that is not there yet. */
export function temporary(): { directory: string; discard: () => void } {
  const parent = mkdtempSync(join(tmpdir(), 'mooring-store-'));
  return { directory: join(parent, 'state'), discard: () => rmSync(parent, { recursive: true }) };
}

/** What the store in a directory holds, as texts by key. */
export function contentsOf(directory: string): Record<string, string> {
  const store = new LogStore({ directory, window });
  const contents = Array.from(store.load(), ({ key, value }) => [key, new TextDecoder().decode(value)]);
  store.close(at(9));
  return Object.fromEntries(contents);
}
