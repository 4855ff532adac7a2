import { type Configuration, checkConfiguration, parseConfiguration } from '#config/index.ts';
import { controlRequest } from './control-client.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import { readText } from './read-text.ts';

export interface SourcedConfiguration {
  readonly configuration: Configuration;
  readonly text: string;
  /** The file, or what stands for it. */
  readonly name: string;
  readonly isRunning: boolean;
}

/** The configuration of a file, or without one what is in force at the running daemon, with what an AAA server says of its domains. Throws `CommandError` when it has errors, or `ControlError`. */
export async function sourceConfiguration(file: string | undefined, control: string): Promise<SourcedConfiguration> {
  const text = file === undefined ? await runningText(control) : readText(file);
  const name = file ?? 'running-config';
  const report = checkConfiguration(text, name, { strict: false });
  if (report.errors > 0) throw new CommandError(ExitStatus.FAILED, `${name} has errors:\n${report.text.trimEnd()}`);
  return { configuration: parseConfiguration(text).configuration, text, name, isRunning: file === undefined };
}

async function runningText(control: string): Promise<string> {
  const result = await controlRequest(control, { request: 'show', query: 'effective-config' });
  return (result as { text: string }).text;
}
