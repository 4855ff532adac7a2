import { isOwned } from '#store/directory-lock.ts';
import { readStore } from '#store/log-reader.ts';
import { countRecords } from '#store/records.ts';
import { runtimeDirectory } from '#store/runtime-directory.ts';
import { StoreError } from '#store/store.ts';
import { leftWaiting } from '#store/waiting-memory.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import { ProgressLines } from './progress-lines.ts';
import { endLine, gapLine, lineOf } from './store-lines.ts';

/** `mooring store check DIRECTORY`: reads all of it, and changes nothing; a daemon may be using it. */
export function checkStore(directory: string): void {
  const { contents, counts } = read(directory);
  const { logs, logOctets, baseOctets, unfinishedOctets, gap, left } = contents;
  console.log(
    [
      `${directory} is whole`,
      `  bindings of LMAs: ${counts.bindings}`,
      `  sessions of MAGs: ${counts.sessions}`,
      `  restart counter: ${counts.restartCounter ?? 'none yet'}`,
      `  base: ${baseOctets} octets; logs: ${logs}, ${logOctets} octets, ${unfinishedOctets} of an interrupted write`,
      `  last run: ${gap ? `not closed, last written ${new Date(gap.from).toISOString()}` : left.length > 0 ? `killed; what waited to be written is in memory` : 'closed'}`,
    ].join('\n'),
  );
}

/**
 * `mooring store export DIRECTORY`: one JSON object a line, addresses as text, octets in hexadecimal, times of day in milliseconds; `stored` is what
 * `importStore` takes. The last line says that it is the last.
 */
export function exportStore(directory: string): void {
  const { contents, counts } = read(directory);
  const { gap } = contents;
  if (gap) console.log(gapLine(gap));
  const ofNode = [counts.restartCounter, counts.restartGap].filter((one) => one !== undefined);
  const total = counts.bindings + counts.sessions + ofNode.length;
  const progress = new ProgressLines((count) => `exported ${count} of ${total} records`);
  for (const entry of progress.of(contents.entries())) console.log(lineOf(entry));
  console.log(endLine(progress.total));
}

/** All of it was looked at, and can be read. */
function read(directory: string) {
  try {
    // While a daemon has it, what waits changes as it is read; that daemon will write it.
    const inMemory = isOwned(directory) ? undefined : runtimeDirectory();
    const left = inMemory === undefined ? undefined : leftWaiting(directory, inMemory);
    const contents = readStore(directory, { left });
    const progress = new ProgressLines((count) => `checked ${count} records`);
    return { contents, counts: countRecords(progress.of(contents.entries())) };
  } catch (error) {
    const message =
      error instanceof StoreError ? error.message : `cannot read ${directory}: ${(error as Error).message}`;
    throw new CommandError(ExitStatus.FAILED, message, { cause: error });
  }
}
