import type { NodeForwarding } from './desired.ts';
import { IPV6_MINIMUM_MTU } from './icmp-error.ts';

/** What is configured of local routing for a mobile node. */
export interface LocalRoutingPolicy {
  /** Its own; `undefined`: that of its gateway holds. */
  readonly own: boolean | undefined;
  readonly gateway: boolean;
}

/**
 * Whether packets go from one mobile node of this node to another without the LMA.
 *
 * RFC 5213 §6.10.5(4) "Forwarding Rules": "If the mobile access gateway is not allowed to route the packet directly, it MUST route the packet through the bi-directional tunnel
 * established between itself and the mobile node's local mobility anchor. Otherwise, it MUST route the packet directly to the destination."
 *
 * Chooses: the policies of both must allow it. Who forbids it has reasons, of accounting or of policy, that hold for what the mobile node receives too.
 */
export function routesLocally(from: LocalRoutingPolicy, to: LocalRoutingPolicy): boolean {
  return [from, to].every(({ own, gateway }) => own ?? gateway);
}

/** Of the pmip device, and so of what is routed locally: with a smaller one the kernel takes IPv6 off it. Each path has its own below this. */
export function deviceMtu({ tunnelMtu }: Pick<NodeForwarding, 'tunnelMtu'>): number {
  return Math.max(tunnelMtu, IPV6_MINIMUM_MTU);
}
