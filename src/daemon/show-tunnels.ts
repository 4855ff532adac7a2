import { isDeepStrictEqual } from 'node:util';
import type { TunnelRow, TunnelView } from '#cli/show/index.ts';
import type { BindingCounters } from '#dataplane/dataplane.ts';
import type { Forwarding, Path } from '#dataplane/desired.ts';
import { isTranslated, type TranslatedPort } from '#dataplane/translated-port.ts';
import { encapsulationName, keysOf, type SessionPath, samePath } from '#proto/tunnel-path.ts';
import { named } from './named-nodes.ts';
import type { LmaInstance, MagInstance, Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';
import { type WantedPeers, wantedLmas, wantedMags } from './wanted-peers.ts';

export function* lmaTunnels(node: Node, filter: ShowFilter): Generator<unknown, TunnelView[]> {
  const views: TunnelView[] = [];
  for (const lma of named(node.lmas, 'LMA', filter.node)) {
    const isWanted = yield* wantedMags(node, lma, filter);
    views.push(yield* view(node, lma, 'anchor', isWanted));
  }
  return views;
}

export function* magTunnels(node: Node, filter: ShowFilter): Generator<unknown, TunnelView[]> {
  const views: TunnelView[] = [];
  for (const mag of named(node.mags, 'MAG', filter.node)) {
    const isWanted = yield* wantedLmas(mag, filter);
    views.push(yield* view(node, mag, 'access', isWanted));
  }
  return views;
}

/** The tunnels to the peers that are meant. A step for each binding. */
function* view(
  node: Node,
  { config, machine }: LmaInstance | MagInstance,
  kind: Forwarding['kind'],
  isWanted: WantedPeers,
): Generator<unknown, TunnelView> {
  const tunnels = new Map<string, Tunnel>();
  const tunnelOf = (path: Path, name: string) => {
    const key = tunnelKey(path);
    const known = { mtu: node.dataPlane.mtuOf(path) ?? node.tunnelMtu, port: node.dataPlane.translatedPort(path) };
    const tunnel = tunnels.get(key) ?? new Tunnel(path, name, kind, known);
    tunnels.set(key, tunnel);
    return tunnel;
  };
  const counted = new Set<string>();
  for (const session of machine.sessionPaths()) {
    const tunnel = tunnelOf(session.path, session.peer);
    counted.add(session.id);
    tunnel.addSession(session, node.dataPlane.forwarding(kind, session.id)?.paths[0]);
    yield;
  }
  const own = [config.addresses.ipv6, config.addresses.ipv4].map(String);
  for (const { kind: other, id, paths } of node.dataPlane.forwardings()) {
    yield;
    if (other !== kind || counted.has(id) || !own.includes(`${paths[0].local}`)) continue;
    const tunnel = tunnelOf(paths[0], `${paths[0].remote}`);
    tunnel.withoutBinding++;
  }
  for (const carried of node.dataPlane.tunnelCounters())
    if (carried.kind === kind) tunnels.get(tunnelKey(carried.path))?.addTraffic(carried);
  const rows = Array.from(tunnels.values(), (tunnel) => tunnel.row());
  return {
    domain: config.domain,
    name: config.name,
    tunnels: rows.filter(({ peer, destination }) => isWanted(peer, destination)),
  };
}

/** What is known of one tunnel while its bindings are gone through. */
class Tunnel {
  withoutBinding = 0;
  readonly #path: Path;
  readonly #kind: Forwarding['kind'];
  readonly #peer: string;
  readonly #mtu: number;
  readonly #port: TranslatedPort | undefined;
  readonly #up = { packets: 0, octets: 0 };
  readonly #down = { packets: 0, octets: 0 };
  #bindings = 0;
  #forwarded = 0;
  #keys: TunnelRow['greKeys'] = null;

  constructor(
    path: Path,
    peer: string,
    kind: Forwarding['kind'],
    { mtu, port }: { readonly mtu: number; readonly port: TranslatedPort | undefined },
  ) {
    this.#path = path;
    this.#kind = kind;
    this.#peer = peer;
    this.#mtu = mtu;
    this.#port = port;
  }

  addSession({ path }: SessionPath, forwarded: Path | undefined): void {
    const keys = this.#keysOf(path);
    this.#keys = this.#bindings === 0 || isDeepStrictEqual(this.#keys, keys) ? keys : 'per binding';
    this.#bindings++;
    if (forwarded && samePath(path, forwarded)) this.#forwarded++;
  }

  /** Of one customer's bindings. */
  addTraffic(counters: BindingCounters): void {
    this.#up.packets += counters.upPackets;
    this.#up.octets += counters.upOctets;
    this.#down.packets += counters.downPackets;
    this.#down.octets += counters.downOctets;
  }

  #keysOf(path: Path): TunnelRow['greKeys'] {
    const keys = keysOf(path);
    if (!keys) return null;
    const [upstream, downstream] = this.#kind === 'anchor' ? [keys.receive, keys.send] : [keys.send, keys.receive];
    return { upstream, downstream };
  }

  row(): TunnelRow {
    return {
      peer: this.#peer,
      source: `${this.#path.local}`,
      destination: `${this.#path.remote}`,
      encapsulation: encapsulationName(this.#path),
      greKeys: this.#keys,
      nat: isTranslated(this.#path) ? (this.#port ?? { port: null, moves: 0 }) : null,
      mtu: this.#mtu,
      bindings: this.#bindings,
      forwarded: this.#forwarded,
      withoutBinding: this.withoutBinding,
      up: this.#up,
      down: this.#down,
    };
  }
}

function tunnelKey(path: Path): string {
  return `${path.local} ${path.remote} ${encapsulationName(path)}${isTranslated(path) ? ' through a NAT' : ''}`;
}
