import { toHex } from '#base/bytes.ts';
import { readStore } from '#store/log-reader.ts';
import { readRecords } from '#store/records.ts';
import { StoreError } from '#store/store.ts';
import { CommandError, ExitStatus } from './exit-status.ts';

/** `mooring store check DIRECTORY`: reads all of it, and changes nothing; a daemon may be using it. */
export function checkStore(directory: string): void {
  const { contents, records } = read(directory);
  const { logs, logOctets, baseOctets, unfinishedOctets, gap } = contents;
  console.log(
    [
      `${directory} is whole`,
      `  bindings of LMAs: ${records.bindings.length}`,
      `  sessions of MAGs: ${records.sessions.length}`,
      `  restart counter: ${records.restartCounter ?? 'none yet'}`,
      `  base: ${baseOctets} octets; logs: ${logs}, ${logOctets} octets, ${unfinishedOctets} of an interrupted write`,
      `  last run: ${gap ? `not closed, last written ${new Date(gap.from).toISOString()}` : 'closed'}`,
    ].join('\n'),
  );
}

/** `mooring store export DIRECTORY`: one JSON object a line, addresses as text, octets in hexadecimal, times of day in milliseconds. */
export function exportStore(directory: string): void {
  const { records } = read(directory);
  const { bindings, sessions, restartCounter } = records;
  for (const record of bindings) console.log(toLine({ kind: 'binding', record }));
  for (const record of sessions) console.log(toLine({ kind: 'session', record }));
  if (restartCounter !== undefined) console.log(toLine({ kind: 'restart-counter', restartCounter }));
}

function read(directory: string) {
  try {
    const contents = readStore(directory);
    return { contents, records: readRecords(contents.entries()) };
  } catch (error) {
    if (error instanceof StoreError) throw new CommandError(ExitStatus.FAILED, error.message, { cause: error });
    throw new CommandError(ExitStatus.FAILED, `cannot read ${directory}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function toLine(value: object): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (each instanceof Uint8Array) return toHex(each);
    const isValue = typeof each === 'object' && each !== null && !Array.isArray(each);
    return isValue && Object.getPrototypeOf(each) !== Object.prototype ? String(each) : each;
  });
}
