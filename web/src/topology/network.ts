import type { Binding, Peers, StreamedEvent, Tunnels } from '../api/types.ts';

/** A mobile node, where it is. */
export interface Station {
  readonly nai: string;
  /** Name of the gateway. */
  readonly gateway: string;
}

export type PathState = 'up' | 'down' | 'unwatched';

export interface GatewayPlace {
  readonly name: string;
  readonly bindings: number;
  /** The anchors that it has to do with. */
  readonly links: readonly {
    readonly anchor: string;
    readonly state: PathState;
    readonly roundTripMs: number | null;
  }[];
}

/** Who is there, as seen from this node. */
export interface Network {
  readonly anchors: readonly string[];
  readonly gateways: readonly GatewayPlace[];
}

interface Sources {
  readonly nodes: readonly { readonly role: 'lma' | 'mag'; readonly name: string }[];
  readonly peers: Peers | undefined;
  readonly tunnels: Tunnels | undefined;
  readonly stations: readonly Station[] | undefined;
  /** Gateways that were seen before; they stay when their last mobile node has gone. */
  readonly seen: ReadonlySet<string>;
}

/** Draws together what the API says of nodes, peers, tunnels and bindings. */
export function networkOf({ nodes, peers, tunnels, stations, seen }: Sources): Network {
  const anchors = new Set<string>(nodes.filter(({ role }) => role === 'lma').map(({ name }) => name));
  const gateways = new Map<string, { bindings: number; links: Map<string, GatewayPlace['links'][number]> }>();
  const gateway = (name: string) => {
    const known = gateways.get(name) ?? { bindings: 0, links: new Map() };
    gateways.set(name, known);
    return known;
  };
  for (const { role, name } of nodes) if (role === 'mag') gateway(name);
  for (const name of seen) gateway(name);
  const link = (role: string, node: string, peer: string, state: PathState, roundTripMs: number | null) => {
    const [anchor, name] = role === 'lma' ? [node, peer] : [peer, node];
    anchors.add(anchor);
    const { links } = gateway(name);
    const known = links.get(anchor);
    if (!known || known.state === 'unwatched') links.set(anchor, { anchor, state, roundTripMs });
  };
  for (const { role, node, paths } of peers?.items ?? [])
    for (const { peer, state, status, roundTripMs } of paths)
      link(role, node, peer, state === 'up' ? 'up' : status ? 'unwatched' : 'down', roundTripMs);
  for (const { role, node, tunnels: all } of tunnels?.items ?? [])
    for (const { peer, bindings } of all) {
      link(role, node, peer, 'unwatched', null);
      gateway(role === 'lma' ? peer : node).bindings += bindings;
    }
  if (stations) {
    for (const place of gateways.values()) place.bindings = 0;
    for (const station of stations) gateway(station.gateway).bindings++;
  }
  const [first] = anchors;
  for (const { links } of gateways.values())
    if (links.size === 0 && first !== undefined && anchors.size === 1)
      links.set(first, { anchor: first, state: 'unwatched', roundTripMs: null });
  return {
    anchors: [...anchors].sort(),
    gateways: [...gateways]
      .map(([name, { bindings, links }]) => ({ name, bindings, links: [...links.values()] }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

export function stationOf(binding: Binding): Station {
  return { nai: binding.nai, gateway: binding.role === 'lma' ? binding.peer : binding.node };
}

/** A mobile node that goes from one gateway to another. */
export interface Move {
  readonly nai: string;
  readonly from: string;
  readonly to: string;
}

/** The move that an event tells of. */
export function moveOf({ kind, fields }: StreamedEvent): Move | undefined {
  const { nai, previousMag, mag } = fields;
  if (kind !== 'binding-handed-over' || previousMag === mag) return undefined;
  if (typeof nai !== 'string' || typeof previousMag !== 'string' || typeof mag !== 'string') return undefined;
  return { nai, from: previousMag, to: mag };
}
