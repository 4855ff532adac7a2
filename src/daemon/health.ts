import type { Node } from './node.ts';

/** How a node fares, in little; plain JSON. */
export interface Health {
  readonly nodes: readonly { readonly role: 'LMA' | 'MAG'; readonly name: string; readonly bindings: number }[];
  /** What of the configuration does not run, and why; and what is wrong with the store. */
  readonly problems: readonly string[];
}

export function healthOf(node: Node): Health {
  const { problem } = node.state.report();
  return {
    nodes: [
      ...node.lmas.map(
        ({ config, machine }) => ({ role: 'LMA', name: config.name, bindings: machine.bindingCount }) as const,
      ),
      ...node.mags.map(
        ({ config, machine }) => ({ role: 'MAG', name: config.name, bindings: machine.bindingCount }) as const,
      ),
    ],
    problems: [...(problem === null ? [] : [problem]), ...node.problems],
  };
}

/** `LMA lma1: 12 bindings, MAG M1: 1 binding; 1 problem: …` */
export function describeHealth({ nodes, problems }: Health): string {
  const counts = nodes.map(
    ({ role, name, bindings }) => `${role} ${name}: ${bindings} ${bindings === 1 ? 'binding' : 'bindings'}`,
  );
  const runs = counts.join(', ') || 'nothing is configured';
  if (problems.length === 0) return runs;
  return `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} (${problems[0]}); ${runs}`;
}
