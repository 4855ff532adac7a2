import type { Binding, Peers, Step, Tunnels } from '../api/types.ts';

export type MessageStep = Extract<Step, { readonly kind: 'message' }>;

export type LaneKind = 'station' | 'gateway' | 'anchor' | 'server';

/** Who takes part in a call flow. */
export interface Lane {
  readonly key: string;
  readonly kind: LaneKind;
  readonly name: string;
}

/** The ends of a message, as numbers of lanes. */
export interface Ends {
  readonly from: number;
  readonly to: number;
}

export interface Lanes {
  /** The mobile node, gateways, anchors, servers. */
  readonly all: readonly Lane[];
  readonly endsOf: (message: MessageStep) => Ends;
  /** From the mobile node to the gateway that saw it; `undefined` where one of them has no lane. */
  readonly seen: Ends | undefined;
}

const ORDER: readonly LaneKind[] = ['station', 'gateway', 'anchor', 'server'];

/** Who takes part in these messages; `names` are those of addresses. */
export function lanesOf(steps: readonly Step[], names: ReadonlyMap<string, string>): Lanes {
  const messages = steps.filter((step): step is MessageStep => step.kind === 'message');
  const own = ownKind(messages);
  const found = new Map<string, Lane>();
  const pairs = new Map<MessageStep, readonly [local: string, remote: string]>();
  for (const message of messages) {
    const lanes = [localLane(message, own, names), remoteLane(message, names)] as const;
    for (const lane of lanes) if (!found.has(lane.key)) found.set(lane.key, lane);
    pairs.set(message, [lanes[0].key, lanes[1].key]);
  }
  const all = [...found.values()].sort(
    (a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (a.name < b.name ? -1 : 1),
  );
  const at = (key: string) => all.findIndex((lane) => lane.key === key);
  return {
    all,
    seen:
      at('station') < 0 || at(ownKey('gateway')) < 0 ? undefined : { from: at('station'), to: at(ownKey('gateway')) },
    endsOf: (message) => {
      const [local = '', remote = ''] = pairs.get(message) ?? [];
      const [from, to] = message.direction === 'sent' ? [local, remote] : [remote, local];
      return { from: at(from), to: at(to) };
    },
  };
}

/** The names of addresses that the node knows; its own, where a message does not have its address, by the key of its lane. */
export function namesOf(
  bindings: readonly Binding[],
  tunnels: Tunnels | undefined,
  peers: Peers | undefined,
): Map<string, string> {
  const names = new Map<string, string>();
  const own = (role: 'lma' | 'mag', node: string) => names.set(ownKey(role === 'lma' ? 'anchor' : 'gateway'), node);
  for (const { role, node, paths } of peers?.items ?? []) {
    own(role, node);
    for (const { peer, source, destination } of paths) names.set(source, node).set(destination, peer);
  }
  for (const { node, tunnels: all } of tunnels?.items ?? [])
    for (const { peer, source, destination } of all) names.set(source, node).set(destination, peer);
  for (const binding of bindings) {
    own(binding.role, binding.node);
    if (binding.role === 'mag') names.set(binding.lmaAddress, binding.lma);
    else
      for (const { peer, address, local } of binding.careOfAddresses) names.set(local, binding.node).set(address, peer);
  }
  return names;
}

/** What this node is in these messages: a gateway, when one of them passed an access link or asked an anchor. */
function ownKind(messages: readonly MessageStep[]): 'gateway' | 'anchor' {
  const told = messages.map(localKind).find((kind) => kind !== undefined);
  return told ?? 'anchor';
}

function ownKey(kind: 'gateway' | 'anchor'): string {
  return `own ${kind}`;
}

function localKind({ protocol, name, direction }: MessageStep): 'gateway' | 'anchor' | undefined {
  if (protocol === 'radius') return undefined;
  if (protocol !== 'pmipv6') return 'gateway';
  const sent = direction === 'sent';
  if (name === 'PBU' || name === 'BRA') return sent ? 'gateway' : 'anchor';
  if (name === 'PBA' || name === 'BRI') return sent ? 'anchor' : 'gateway';
  return undefined;
}

function localLane(message: MessageStep, own: 'gateway' | 'anchor', names: ReadonlyMap<string, string>): Lane {
  const kind = localKind(message) ?? own;
  const name = message.protocol === 'pmipv6' ? names.get(message.local) : undefined;
  // A node has several addresses and interfaces, and is one all the same.
  const key = ownKey(kind);
  return { key, kind, name: name ?? names.get(key) ?? `this ${kind}` };
}

function remoteLane(message: MessageStep, names: ReadonlyMap<string, string>): Lane {
  const { protocol, remote } = message;
  if (protocol === 'radius') return { key: `server ${remote}`, kind: 'server', name: 'RADIUS' };
  if (protocol !== 'pmipv6') return { key: 'station', kind: 'station', name: 'mobile node' };
  const kind = localKind(message) === 'gateway' ? 'anchor' : 'gateway';
  return { key: `${kind} ${remote}`, kind, name: names.get(remote) ?? remote };
}
