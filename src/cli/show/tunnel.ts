import { field, separator, text } from './layout.ts';
import { type Traffic, trafficFields } from './traffic.ts';

/** One node of `show ipv6 mobile pmipv6 lma tunnel` and `… mag tunnel`; plain JSON. */
export interface TunnelView {
  readonly domain: string;
  readonly name: string;
  readonly tunnels: readonly TunnelRow[];
}

/** A tunnel to a peer, with what the traffic of all its bindings counted. */
export interface TunnelRow extends Traffic {
  /** The peer's configured name; its address when it was learnt, or when no binding uses the tunnel any more. */
  readonly peer: string;
  readonly source: string;
  readonly destination: string;
  /** As IOS names a tunnel: `GRE in IPV4`. */
  readonly encapsulation: string;
  /** The keys of its only binding, or those that all have in common; `null` without keys. */
  readonly greKeys: { readonly upstream: number; readonly downstream: number } | 'per binding' | null;
  /** The UDP port that a NAT gives to the peer, and how often it was found to be another one; `null` where there is no NAT. */
  readonly nat: { readonly port: number | null; readonly moves: number } | null;
  /** Octets of the largest packet of a mobile node. */
  readonly mtu: number;
  /** Bindings that use it, as far as the signalling goes. */
  readonly bindings: number;
  /** Of these, those whose packets are forwarded through it with the same keys. */
  readonly forwarded: number;
  /** What is forwarded through it without such a binding. */
  readonly withoutBinding: number;
}

/** No guide prints a sample; the lines are those of the globals. */
export function renderTunnels(kind: 'LMA' | 'Mag', views: readonly TunnelView[]): string {
  return text(
    views.flatMap(({ domain, name, tunnels }) => [
      separator,
      `Domain : ${domain}`,
      `${kind} Identifier : ${name}`,
      field('Total number of tunnels', tunnels.length),
      ...tunnels.flatMap(tunnelLines),
      '',
    ]),
  );
}

function tunnelLines(tunnel: TunnelRow): string[] {
  const { bindings, forwarded, withoutBinding } = tunnel;
  const matches = forwarded === bindings && withoutBinding === 0;
  return [
    '',
    `Peer : ${tunnel.peer}`,
    field('Tunnel source', tunnel.source),
    field('Tunnel destination', tunnel.destination),
    field('Tunnel EncapType', tunnel.encapsulation),
    ...keyFields(tunnel.greKeys),
    ...natFields(tunnel.nat),
    field('Tunnel MTU', tunnel.mtu),
    field('Bindings', bindings),
    field('Forwarded bindings', forwarded),
    ...(withoutBinding === 0 ? [] : [field('Forwarding without binding', withoutBinding)]),
    field('Forwarding state', matches ? 'matches the bindings' : 'DOES NOT MATCH the bindings'),
    ...trafficFields(tunnel),
  ];
}

function keyFields(keys: TunnelRow['greKeys']): string[] {
  if (keys === null) return [];
  if (keys === 'per binding') return [field('GRE keys', keys)];
  return [field('GRE key upstream', keys.upstream), field('GRE key downstream', keys.downstream)];
}

function natFields(nat: TunnelRow['nat']): string[] {
  if (nat === null) return [];
  return [field('NAT port', nat.port ?? 'not known yet'), field('NAT port changes', nat.moves)];
}
