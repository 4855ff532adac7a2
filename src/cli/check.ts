import { checkConfiguration, parseConfiguration } from '#config/index.ts';
import { assemble, NOTHING_TO_RUN } from '#daemon/assemble.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import { readText } from './read-text.ts';

/** `mooring check FILE`: prints what is wrong with a configuration, line by line, and what keeps it from being run. */
export function check(file: string, options: { strict?: boolean }): void {
  const text = readText(file);
  const report = checkConfiguration(text, file, { strict: options.strict ?? false });
  process.stdout.write(report.text);
  if (report.errors > 0) process.exitCode = ExitStatus.FAILED;
  else judgeRunnable(text, file, options.strict ?? false);
}

/**
 * Names what of a configuration without errors cannot be run, on whatever machine: that waits until it is defined. Throws `CommandError` when
 * nothing can, or when `strict` asks for everything.
 */
function judgeRunnable(text: string, file: string, strict: boolean): void {
  const { lmas, mags, problems, waiting } = assemble(parseConfiguration(text).configuration, '');
  const nothing = lmas.length + mags.length + waiting.length === 0;
  const found = nothing && problems.length === 0 ? [NOTHING_TO_RUN] : [...problems, ...waiting];
  if (found.length === 0) return;
  const list = found.map((one) => `\n  ${one}`).join('');
  if (nothing || strict) throw new CommandError(ExitStatus.FAILED, `${file} cannot be run:${list}`);
  console.error(`mooring: of ${file} this will not run yet:${list}`);
}
