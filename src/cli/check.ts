import { checkConfiguration, parseConfiguration } from '#config/index.ts';
import { AssemblyError, assemble } from '#daemon/assemble.ts';
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

/** Throws `CommandError` when a configuration without errors describes nothing that could be run, on whatever machine. */
export function assertRunnable(text: string, file: string): void {
  try {
    assemble(parseConfiguration(text).configuration, '');
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error;
    const problems = error.problems.map((problem) => `\n  ${problem}`).join('');
    throw new CommandError(ExitStatus.FAILED, `${file} cannot be run:${problems}`, { cause: error });
  }
}
