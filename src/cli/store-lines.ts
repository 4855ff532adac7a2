/** The lines that `mooring store export` prints, each a JSON object. */
import { fromHex, toHex } from '#base/bytes.ts';
import { milliseconds, utcTime } from '#base/time.ts';
import type { StoreGap } from '#proto/record-change.ts';
import { readRecords } from '#store/records.ts';
import type { StoredEntry } from '#store/store.ts';

export type ExportedLine =
  | { readonly kind: 'entry'; readonly entry: StoredEntry }
  /** The first line, of a store that was not closed. */
  | { readonly kind: 'gap'; readonly gap: StoreGap }
  /** The last line; how many entries there were. */
  | { readonly kind: 'end'; readonly records: number };

/** For people, and as it is stored. Throws `StoreError`. */
export function lineOf(entry: StoredEntry): string {
  const { table, key, value } = entry;
  const { bindings, sessions, restartCounter, restartGap } = readRecords([entry]);
  const stored = { table, key, value: toHex(value) };
  const [binding] = bindings;
  const [session] = sessions;
  if (binding) return toLine({ kind: 'binding', record: binding, stored });
  if (session) return toLine({ kind: 'session', record: session, stored });
  if (restartGap) return toLine({ kind: 'restart-gap', restartGap, stored });
  return toLine({ kind: 'restart-counter', restartCounter, stored });
}

export function gapLine({ from, window }: StoreGap): string {
  return toLine({ kind: 'gap', from, window });
}

export function endLine(records: number): string {
  return toLine({ kind: 'end', records });
}

/** `undefined`: nothing of the above prints this line. */
export function readLine(text: string): ExportedLine | undefined {
  const line = parsed(text);
  if (!line) return undefined;
  const { kind, from, window, records } = line;
  if (kind === 'end') return isCount(records) ? { kind, records } : undefined;
  if (kind === 'gap') {
    if (!isCount(from) || !isCount(window)) return undefined;
    return { kind, gap: { from: utcTime(from), window: milliseconds(window) } };
  }
  const entry = entryOf(line);
  return entry && lineOf(entry) === text ? { kind: 'entry', entry } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What of a line is stored; `undefined` when that is no record. */
function entryOf({ stored }: Readonly<Record<string, unknown>>): StoredEntry | undefined {
  const { table, key, value } = (stored ?? {}) as Readonly<Record<string, unknown>>;
  const octets = typeof value === 'string' ? fromHex(value) : undefined;
  if (typeof table !== 'number' || typeof key !== 'string' || !octets) return undefined;
  const entry = { table, key, value: octets };
  try {
    readRecords([entry]);
    return entry;
  } catch {
    return undefined;
  }
}

function toLine(value: object): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof Uint8Array) return toHex(each);
    const isValue = typeof each === 'object' && each !== null && !Array.isArray(each);
    return isValue && Object.getPrototypeOf(each) !== Object.prototype ? String(each) : each;
  });
}
