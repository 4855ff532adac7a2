import { readFileSync } from 'node:fs';
import { checkConfiguration } from '#config/index.ts';
import { CommandError, ExitStatus } from './exit-status.ts';

/** `mooring check FILE`: prints what is wrong with a configuration, line by line. */
export function check(file: string): void {
  const report = checkConfiguration(readText(file), file);
  process.stdout.write(report.text.endsWith('\n') || report.text === '' ? report.text : `${report.text}\n`);
  if (report.errors > 0) process.exitCode = ExitStatus.FAILED;
}

/** Throws `CommandError` when the file cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandError(ExitStatus.FAILED, `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}
