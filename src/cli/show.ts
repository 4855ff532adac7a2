import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { controlRequest } from './control-client.ts';
import { CommandError, ExitStatus } from './exit-status.ts';
import type {
  DataplaneView,
  LmaGlobals,
  LmaStatsRow,
  MagGlobals,
  MagStatsRow,
  ShowMismatch,
  ShowQuery,
} from './show/index.ts';
import {
  matchShow,
  renderDataplane,
  renderLmaBindings,
  renderLmaGlobals,
  renderLmaStats,
  renderMagBindings,
  renderMagGlobals,
  renderMagStats,
} from './show/index.ts';

/** `mooring show WORDS`: asks the daemon and prints the answer. Throws `CommandError` or `ControlError`. */
export async function show(words: readonly string[], options: { control: string; json?: boolean }): Promise<void> {
  const match = matchShow(words);
  if (!match.ok) {
    explain(match);
    return;
  }
  const { query, node, nai } = match;
  const result = await controlRequest(options.control, {
    request: 'show',
    query,
    ...(node !== undefined && { node }),
    ...(nai !== undefined && { nai }),
  });
  process.stdout.write(options.json ? `${JSON.stringify(result, undefined, 2)}\n` : render(query, result));
}

/** The daemon is of the same version as this program, and answers each query with what its renderer takes. */
function render(query: ShowQuery, result: unknown): string {
  switch (query) {
    case 'lma-binding':
      return renderLmaBindings(result as LmaBindingRow[]);
    case 'lma-globals':
      return renderLmaGlobals(result as LmaGlobals[]);
    case 'lma-stats':
      return renderLmaStats(result as LmaStatsRow[]);
    case 'mag-binding':
      return renderMagBindings(result as MagBindingRow[]);
    case 'mag-globals':
      return renderMagGlobals(result as MagGlobals[]);
    case 'mag-stats':
      return renderMagStats(result as MagStatsRow[]);
    case 'dataplane':
      return renderDataplane(result as DataplaneView);
    case 'running-config':
      return (result as { text: string }).text;
    case 'version':
      return Object.entries(result as Record<string, string | number>)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join('');
  }
}

function explain({ kind, message, expected }: ShowMismatch): void {
  const list = expected.map((word) => `  ${word}`).join('\n');
  if (kind === 'help') console.log(list);
  else throw new CommandError(ExitStatus.USAGE, `show: ${message}; what may stand there:\n${list}`);
}
