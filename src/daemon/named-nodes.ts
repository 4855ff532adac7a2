import { RequestError } from './control-protocol.ts';

/** Those of the name, or all without one. Throws `RequestError` when there is none. */
export function named<N extends { readonly config: { readonly name: string } }>(
  nodes: readonly N[],
  kind: string,
  name: string | undefined,
): readonly N[] {
  if (name === undefined) return nodes;
  const found = nodes.filter(({ config }) => config.name === name);
  if (found.length > 0) return found;
  const there = nodes.map(({ config }) => config.name).join(', ') || 'none';
  throw new RequestError('bad-request', `this node has no ${kind} "${name}"; it has: ${there}`);
}
