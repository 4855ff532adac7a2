import { help } from '#config/index.ts';
import { controlRequest } from './control-client.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import { privilegedTable } from './shell/exec-commands.ts';
import { inquire, readExecLine } from './shell/exec-line.ts';

export interface OneShotOptions {
  readonly control: string;
  readonly json?: boolean;
}

/**
 * One command of EXEC mode that asks the daemon something, such as `mooring show WORDS`. `?` as the last word lists what may stand
 * there. Throws `CommandError` or `ControlError`.
 */
export async function runExecCommand(words: readonly string[], options: OneShotOptions): Promise<void> {
  const line = words.join(' ');
  if (line.endsWith('?')) {
    for (const { word, help: text } of help(line.slice(0, -1), privilegedTable))
      console.log(`  ${word}  ${text}`.trimEnd());
    return;
  }
  const read = readExecLine(line, privilegedTable, 2);
  if (!read.ok) throw new CommandError(ExitStatus.USAGE, `\n  ${line}\n${read.error}${suggestion(line)}`);
  if (read.action.kind !== 'inquiry')
    throw new CommandError(ExitStatus.USAGE, `"${line}" is a command of "mooring shell"`);
  const backend = { ask: (request: Parameters<typeof controlRequest>[1]) => controlRequest(options.control, request) };
  const filter = options.json ? ({ kind: 'json' } as const) : read.filter;
  process.stdout.write(await inquire(backend, read.action, filter));
}

/** The words that may stand after those that were understood. */
function suggestion(line: string): string {
  for (let text = `${line} `; text !== ''; text = text.replace(/\S*\s*$/, '')) {
    const words = help(text, privilegedTable);
    if (words.length > 0) return `What may follow "${text.trim()}": ${words.map(({ word }) => word).join(', ')}`;
  }
  return '';
}
