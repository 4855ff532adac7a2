import { checkConfiguration, parseConfiguration } from '#config/index.ts';
import { assemble, NOTHING_TO_RUN } from '#daemon/assemble.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import { readText } from './read-text.ts';

/**
 * `mooring check FILE`: prints what is wrong with a configuration, line by line, and what of it does not run until more is defined. With `strict` that is
 * an error too. Throws `CommandError`.
 */
export function check(file: string, { strict = false }: { strict?: boolean }): void {
  const text = readText(file);
  const report = checkConfiguration(text, file, { strict });
  process.stdout.write(report.text);
  if (report.errors > 0) {
    process.exitCode = ExitStatus.FAILED;
    return;
  }
  const missing = missingIn(text);
  if (missing.length === 0) return;
  const list = missing.map((one) => `\n  ${one}`).join('');
  if (strict) throw new CommandError(ExitStatus.FAILED, `${file} cannot be run:${list}`);
  console.error(`mooring: of ${file} this will not run yet:${list}`);
}

/** What a configuration without errors lacks, on whatever machine. */
function missingIn(text: string): readonly string[] {
  const { lmas, mags, problems, waiting } = assemble(parseConfiguration(text).configuration, '');
  const found = [...problems, ...waiting];
  return found.length + lmas.length + mags.length === 0 ? [NOTHING_TO_RUN] : found;
}
