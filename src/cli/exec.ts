import { once } from 'node:events';
import { help } from '#config/index.ts';
import { controlRequest } from './control-client.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import { privilegedTable } from './shell/exec-commands.ts';
import { readExecLine } from './shell/exec-line.ts';
import { inquire } from './shell/inquire.ts';

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
  const { text, more = [] } = await inquire(backend, read.action, filter);
  await writeOut(text);
  for await (const piece of more) await writeOut(piece);
}

/** Waits while whoever reads does not keep up. */
async function writeOut(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** The words that may stand after those that were understood. */
function suggestion(line: string): string {
  for (let text = `${line} `; text !== ''; text = text.replace(/\S*\s*$/, '')) {
    const words = help(text, privilegedTable);
    if (words.length > 0) return `What may follow "${text.trim()}": ${words.map(({ word }) => word).join(', ')}`;
  }
  return '';
}
