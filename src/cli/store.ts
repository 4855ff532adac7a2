import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fromHex, toHex } from '#base/bytes.ts';
import { type Duration, milliseconds } from '#base/time.ts';
import { readClock } from '#host/clock.ts';
import { hasStore } from '#store/log-files.ts';
import { readStore } from '#store/log-reader.ts';
import { LogStore } from '#store/log-store.ts';
import { countRecords, readRecords } from '#store/records.ts';
import { type StoredEntry, StoreError } from '#store/store.ts';
import { CommandError, ExitStatus } from './exit-status.ts';

/** Records of one write. */
const GROUP = 10_000;

/** `mooring store check DIRECTORY`: reads all of it, and changes nothing; a daemon may be using it. */
export function checkStore(directory: string): void {
  const { contents, counts } = read(directory);
  const { logs, logOctets, baseOctets, unfinishedOctets, gap } = contents;
  console.log(
    [
      `${directory} is whole`,
      `  bindings of LMAs: ${counts.bindings}`,
      `  sessions of MAGs: ${counts.sessions}`,
      `  restart counter: ${counts.restartCounter ?? 'none yet'}`,
      `  base: ${baseOctets} octets; logs: ${logs}, ${logOctets} octets, ${unfinishedOctets} of an interrupted write`,
      `  last run: ${gap ? `not closed, last written ${new Date(gap.from).toISOString()}` : 'closed'}`,
    ].join('\n'),
  );
}

/**
 * `mooring store export DIRECTORY`: one JSON object a line, addresses as text, octets in hexadecimal, times of day in milliseconds; `stored` is what
 * `importStore` takes.
 */
export function exportStore(directory: string): void {
  const { contents } = read(directory);
  const { gap } = contents;
  if (gap) console.log(toLine({ kind: 'gap', ...gap }));
  for (const entry of contents.entries()) console.log(lineOf(entry));
}

/**
 * `mooring store import FILE DIRECTORY`: makes a store of what `exportStore` printed. Throws `CommandError` when a line is not as it was printed, or the
 * directory has a store; then nothing was written.
 */
export async function importStore(file: string, directory: string): Promise<void> {
  const { entries, window } = await readExport(file);
  if (hasStore(directory)) throw failed(`${directory} has a store; import into an empty directory, or move it away`);
  write(directory, entries, window);
  console.log(`${directory}: ${entries.length} records imported`);
}

/** `window`: of an original that was not closed. */
async function readExport(
  file: string,
): Promise<{ readonly entries: StoredEntry[]; readonly window: Duration | undefined }> {
  const entries: StoredEntry[] = [];
  let window: Duration | undefined;
  let number = 0;
  try {
    const input = file === '-' ? process.stdin : createReadStream(file);
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      if (text.trim() === '') continue;
      const line = parseLine(text);
      const entry = line && entryOf(line);
      if (line?.kind === 'gap' && isWindow(line.window)) window = milliseconds(line.window);
      else if (entry && lineOf(entry) === text) entries.push(entry);
      else throw failed(`${file}:${number}: not a line as "mooring store export" prints it; nothing was imported`);
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw failed(`cannot read ${file}: ${(error as Error).message}`, error);
  }
  return { entries, window };
}

function isWindow(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** `window`: of an original that was not closed; then the copy is none that was. */
function write(directory: string, entries: readonly StoredEntry[], window: Duration | undefined): void {
  const now = readClock();
  try {
    const store = new LogStore({ directory, window: window ?? milliseconds(0) });
    store.begin(now);
    for (let at = 0; at < entries.length; at += GROUP)
      store.commit(
        entries.slice(at, at + GROUP).map((entry) => ({ ...entry, urgency: 'before-reply' })),
        now,
      );
    if (window === undefined) store.close(now);
    else store.abandon();
  } catch (error) {
    if (error instanceof StoreError) throw failed(error.message, error);
    throw error;
  }
}

/** For people, and as it is stored. Throws `StoreError`. */
function lineOf(entry: StoredEntry): string {
  const { table, key, value } = entry;
  const { bindings, sessions, restartCounter } = readRecords([entry]);
  const stored = { table, key, value: toHex(value) };
  const [binding] = bindings;
  const [session] = sessions;
  if (binding) return toLine({ kind: 'binding', record: binding, stored });
  if (session) return toLine({ kind: 'session', record: session, stored });
  return toLine({ kind: 'restart-counter', restartCounter, stored });
}

function parseLine(text: string): Readonly<Record<string, unknown>> | undefined {
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

/** All of it was looked at, and can be read. */
function read(directory: string) {
  try {
    const contents = readStore(directory);
    return { contents, counts: countRecords(contents.entries()) };
  } catch (error) {
    if (error instanceof StoreError) throw failed(error.message, error);
    throw failed(`cannot read ${directory}: ${(error as Error).message}`, error);
  }
}

function failed(message: string, cause?: unknown): CommandError {
  return new CommandError(ExitStatus.FAILED, message, { cause });
}

function toLine(value: object): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof Uint8Array) return toHex(each);
    const isValue = typeof each === 'object' && each !== null && !Array.isArray(each);
    return isValue && Object.getPrototypeOf(each) !== Object.prototype ? String(each) : each;
  });
}
