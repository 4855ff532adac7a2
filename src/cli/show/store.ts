import type { StateReport } from '#daemon/durable-state.ts';
import { warningLines } from './globals.ts';
import { field, text } from './layout.ts';

/** `show ipv6 mobile pmipv6 store` */
export function renderStore(report: StateReport): string {
  const { directory, problem, onFailure, windowMs, waiting, stats, commit, restored } = report;
  return text([
    '',
    `Store : ${directory ?? 'none, bindings are lost with the process'}`,
    ...warningLines(storeWarnings(report)),
    field('State', directory === null ? 'memory' : problem === null ? 'working' : 'FAILED'),
    field('On failure', onFailure === 'memory' ? 'continue in memory' : 'withhold answers'),
    field('Refresh window', `${windowMs} (msec)`),
    field('Refreshes wait in', waiting.directory ?? ['the process', waiting.problem].filter(Boolean).join(', ')),
    field('Bindings restored', restored.bindings),
    field('Sessions restored', restored.sessions),
    field('Gap of the last run', restored.gapMs === null ? 'none' : `${restored.gapMs} (msec)`),
    field('Groups written', stats.commits),
    field('Changes written', stats.changes),
    field('Octets written', stats.octets),
    field('Failures', stats.failures),
    field('Compactions', `${stats.compactions}, ${stats.compactionFailures} failed`),
    ...(stats.compactionProblem === null ? [] : [field('Last that failed', stats.compactionProblem)]),
    ...(commit
      ? [
          field('Delay of a group, median', `${commit.median} (usec)`),
          field('Delay of a group, 99 %', `${commit.p99} (usec)`),
          field('Delay of a group, longest', `${commit.maximum} (usec)`),
        ]
      : []),
  ]);
}

/** What the globals of every LMA and MAG of the node say of it, too. A MAG serves in any case: its mobile nodes come again. */
export function storeWarnings(
  { problem, onFailure }: Pick<StateReport, 'problem' | 'onFailure'>,
  of?: 'LMA' | 'MAG',
): string[] {
  if (problem === null) return [];
  const lost = 'ARE IN MEMORY ONLY AND WILL BE LOST';
  const withheld = 'NO BINDING IS ACCEPTED OR CHANGED';
  const ofLma = onFailure === 'memory' ? `BINDINGS ${lost}` : withheld;
  const consequence = of === 'MAG' ? `SESSIONS ${lost}` : of === 'LMA' ? ofLma : `${ofLma}; SESSIONS OF A MAG ${lost}`;
  return [`WARNING: the store failed, ${consequence}: ${problem}`];
}
