import { formatDiagnostic, parseConfiguration } from '#config/index.ts';
import type { LogFormat } from '#daemon/log.ts';
import type { LogLevel } from '#daemon/log-levels.ts';
import type { DataPlaneChoice } from '#daemon/preflight.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import { onLostOutput } from './output.ts';
import { readText } from './read-text.ts';
import { stateDirectory } from './state-directory.ts';
import { version } from './version.ts';

export interface RunOptions {
  readonly control: string;
  readonly logLevel: LogLevel;
  readonly logFormat?: LogFormat;
  readonly dataPlane: DataPlaneChoice;
  readonly keepDataPlane?: boolean;
  /** A directory, or `memory`. */
  readonly state?: string;
  /** False with `--no-rehearsal`. */
  readonly rehearsal: boolean;
  /** False with `--no-real-time`. */
  readonly realTime: boolean;
}

/** `mooring run FILE`: the daemon, until a signal ends it. */
export async function run(file: string, options: RunOptions): Promise<void> {
  onLostOutput('go-on');
  const configurationText = readText(file);
  reportConfiguration(configurationText, file);
  await checkMachine(options.dataPlane);
  const { runDaemon, StartError } = await import('#daemon/main.ts');
  const { ControlSocketError } = await import('#daemon/control-server.ts');
  const { forbidCores } = await import('#host/core-dumps.ts');
  forbidCores();
  try {
    const ended = await runDaemon({
      configurationText,
      fileName: file,
      controlPath: options.control,
      logLevel: options.logLevel,
      logFormat: options.logFormat ?? (process.stdout.isTTY ? 'text' : 'json'),
      dataPlane: options.dataPlane,
      keepDataPlane: options.keepDataPlane ?? false,
      stateDirectory: stateDirectory(options),
      rehearsal: options.rehearsal,
      realTime: options.realTime,
      version: version(),
    });
    if (!ended) process.exitCode = ExitStatus.FAILED;
  } catch (error) {
    if (!(error instanceof StartError || error instanceof ControlSocketError)) throw error;
    throw new CommandError(ExitStatus.CANNOT_RUN, `cannot run ${file}:\n${indent(error.message)}`, { cause: error });
  }
}

/** Prints what is wrong with the text. Throws `CommandError` when it must not be run. */
function reportConfiguration(text: string, file: string): void {
  const { diagnostics } = parseConfiguration(text);
  for (const diagnostic of diagnostics) console.error(formatDiagnostic(diagnostic, text, file));
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (errors === 0) return;
  throw new CommandError(
    ExitStatus.FAILED,
    `${file} has ${errors} ${errors === 1 ? 'error' : 'errors'}; nothing was started`,
  );
}

/** Throws `CommandError` when this process may not or cannot run the daemon here. */
async function checkMachine(dataPlane: DataPlaneChoice): Promise<void> {
  let problems: string[];
  try {
    const { dieWithLauncher } = await import('#daemon/launcher.ts');
    dieWithLauncher();
    const { preflight } = await import('#daemon/preflight.ts');
    problems = preflight(dataPlane);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'unsupported-platform') throw error;
    problems = [(error as Error).message];
  }
  if (problems.length > 0) throw new CommandError(ExitStatus.CANNOT_RUN, problems.join('\n'));
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
