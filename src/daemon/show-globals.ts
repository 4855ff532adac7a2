import { type LmaGlobals, lmaGlobals, type MagGlobals, magGlobals, storeWarnings } from '#cli/show/index.ts';
import { named } from './named-nodes.ts';
import type { Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';
import { wantedLmas, wantedMags } from './wanted-peers.ts';

/** How LMAs are configured, and the MAGs of each that are meant. Throws `RequestError`. */
export function* lmaGlobalsOf(node: Node, filter: ShowFilter): Generator<unknown, LmaGlobals[]> {
  const { effectiveConfiguration: configuration } = node;
  requireNamed(configuration.lmas, 'LMA', filter.node);
  const rows: LmaGlobals[] = [];
  for (const globals of lmaGlobals(configuration, filter.node)) {
    const lma = node.lmas.find(({ config }) => config.name === globals.name);
    const isWanted = lma ? yield* wantedMags(node, lma, filter) : () => true;
    rows.push({ ...warned(node, globals, 'LMA'), peers: globals.peers.filter(({ peer }) => isWanted(peer)) });
  }
  return rows;
}

/** The same of MAGs and their LMAs. */
export function* magGlobalsOf(node: Node, filter: ShowFilter): Generator<unknown, MagGlobals[]> {
  const { effectiveConfiguration: configuration } = node;
  requireNamed(configuration.mags, 'MAG', filter.node);
  const rows: MagGlobals[] = [];
  for (const globals of magGlobals(configuration, filter.node)) {
    const mag = node.mags.find(({ config }) => config.name === globals.name);
    const isWanted = mag ? yield* wantedLmas(mag, filter) : () => true;
    rows.push({ ...warned(node, globals, 'MAG'), peers: globals.peers.filter(({ peer }) => isWanted(peer)) });
  }
  return rows;
}

function requireNamed(nodes: readonly { readonly name: string }[], kind: string, name: string | undefined): void {
  named(
    nodes.map((config) => ({ config })),
    kind,
    name,
  );
}

/** A store that does not work is the first thing that is said; how a domain from AAA stands is said too. */
function warned<Globals extends { readonly domain: string; readonly warnings: readonly string[] }>(
  { state, domainViews }: Node,
  globals: Globals,
  role: 'LMA' | 'MAG',
): Globals {
  const domainFromAaa = domainViews.find(({ domain }) => domain === globals.domain);
  const warnings = [...storeWarnings(state.report(), role), ...globals.warnings];
  return { ...globals, ...(domainFromAaa && { domainFromAaa }), warnings };
}
