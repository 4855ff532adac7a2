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
  else assertRunnable(text, file);
}

/** Throws `CommandError` when a configuration without errors holds something that cannot be run, on whatever machine. */
function assertRunnable(text: string, file: string): void {
  const { lmas, mags, problems } = assemble(parseConfiguration(text).configuration, '');
  const found = lmas.length + mags.length + problems.length === 0 ? [NOTHING_TO_RUN] : problems;
  if (found.length === 0) return;
  throw new CommandError(ExitStatus.FAILED, `${file} cannot be run:${found.map((one) => `\n  ${one}`).join('')}`);
}
