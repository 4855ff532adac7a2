import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { readClock } from '#host/clock.ts';
import { hasStore } from '#store/log-files.ts';
import { StoreCopy } from '#store/store-copy.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import { ProgressLines } from './progress-lines.ts';
import { type ExportedLine, readLine } from './store-lines.ts';

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * `mooring store import FILE DIRECTORY`: makes a store of what `mooring store export` printed. Throws `CommandError` when a line is not as it was printed or the
 * last one is missing, the directory has a store, or a signal interrupts it; then the directory is as it was.
 */
export async function importStore(file: string, directory: string): Promise<void> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error('interrupted'));
  for (const signal of INTERRUPTIONS) process.once(signal, interrupt);
  try {
    if (hasStore(directory))
      throw new Error(`${directory} has a store; import into an empty directory, or move it away`);
    const records = await copyInto(directory, exportedLines(file, interruption.signal));
    console.log(`${directory}: ${records} records imported`);
  } catch (error) {
    const message = `${(error as Error).message}; nothing was imported`;
    throw new CommandError(ExitStatus.FAILED, message, { cause: error });
  } finally {
    for (const signal of INTERRUPTIONS) process.removeListener(signal, interrupt);
  }
}

/** Returns how many records there are. */
async function copyInto(directory: string, lines: AsyncIterable<ExportedLine>): Promise<number> {
  const progress = new ProgressLines((count) => `imported ${count} records`);
  let copy: StoreCopy | undefined;
  try {
    for await (const line of lines) {
      copy ??= new StoreCopy(directory, line.kind === 'gap' ? line.gap : undefined, readClock().utc);
      if (line.kind !== 'entry') continue;
      copy.add(line.entry);
      progress.count();
    }
    copy?.finish();
  } catch (error) {
    copy?.abandon();
    throw error;
  }
  return progress.total;
}

/** All lines as they were printed, and in their order. Throws when one is not, what reading throws, and when it is interrupted. */
async function* exportedLines(file: string, interruption: AbortSignal): AsyncGenerator<ExportedLine> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  let number = 0;
  let records = 0;
  let last: ExportedLine | undefined;
  for await (const text of createInterface({ input, signal: interruption, crlfDelay: Number.POSITIVE_INFINITY })) {
    interruption.throwIfAborted();
    number++;
    const line = readLine(text);
    const isPlaced = last?.kind !== 'end' && (line?.kind !== 'gap' || number === 1);
    const isWhole = line?.kind !== 'end' || line.records === records;
    if (!line || !isPlaced || !isWhole)
      throw new Error(`${file}:${number}: not a line as "mooring store export" prints it there`);
    if (line.kind === 'entry') records++;
    last = line;
    yield line;
  }
  interruption.throwIfAborted();
  if (last?.kind !== 'end')
    throw new Error(`${file} ends after ${number} lines without the one that "mooring store export" prints last`);
}
