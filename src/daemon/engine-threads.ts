import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

const THREADS = '/proc/self/task';
/** What Node calls those that collect and compile. */
const NAME = 'V8Worker\n';
/** How much nicer they are than the thread that handles packets (setpriority(2)): where both want a processor it has 90 % of it. */
const NICER = 10;

/**
 * The engine's own threads come behind those of the program. They mark and sweep old objects beside it for a tenth of a second now and then: on a processor that they have to
 * share, messages waited as long.
 */
export function putEngineThreadsBehind(): void {
  const nice = Math.min(constants.priority.PRIORITY_LOW, getPriority() + NICER);
  for (const thread of readdirSync(THREADS)) {
    try {
      if (readFileSync(`${THREADS}/${thread}/comm`, 'utf8') === NAME) setPriority(Number(thread), nice);
    } catch {
      // It has ended, or nobody may say.
    }
  }
}
