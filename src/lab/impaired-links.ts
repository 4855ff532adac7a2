import type { LinkBehaviour } from './impaired-link.ts';
import type { ImpairedLinksTask } from './impaired-links-process.ts';
import { LabError } from './lab-error.ts';
import { namespacePath } from './namespaces.ts';
import { type Processes, projectDirectory } from './processes.ts';
import { impairableLinks } from './topology.ts';

/** What the user-space links between the gateways and the core do to each packet, each way. */
export interface Impairment extends LinkBehaviour {
  readonly seed: number;
}

/** Makes the impairable links by a process that carries their packets; resolves when they are there. Rejects with `LabError`. */
export async function startImpairedLinks(prefix: string, processes: Processes, impairment: Impairment): Promise<void> {
  const { seed, ...behaviour } = impairment;
  const end = ({ node, name }: (typeof impairableLinks)[number]['a' | 'b']) => ({
    namespacePath: namespacePath(prefix, node),
    name,
  });
  const task: ImpairedLinksTask = {
    links: impairableLinks.map(({ a, b }) => ({ a: end(a), b: end(b) })),
    behaviour,
    seed,
  };
  const output: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const onLine = (line: string) => {
      output.push(line);
      if (line === 'ready') resolve();
    };
    const script = `${projectDirectory}/src/lab/impaired-links-process.ts`;
    const child = processes.start('core', process.execPath, [script, JSON.stringify(task)], { onLine });
    child.once('exit', () =>
      reject(new LabError('no-impaired-links', `the user-space links ended:\n${output.join('\n')}`)),
    );
  });
}
