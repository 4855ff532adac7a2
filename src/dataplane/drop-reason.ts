/** Why a packet went no further. The first ones are numbered in this order in `bpf/maps.h`. */
export const KERNEL_DROP_REASONS = [
  /** Nobody is bound to the address that it is from (at the gateway) or for (at the anchor). */
  'no-binding',
  /** It came through a tunnel of a peer, for or from an address that is not bound. */
  'tunnel-no-binding',
  /** It came in tunnel form from an address that is no peer's. */
  'tunnel-unknown-peer',
  /** It came through another tunnel than that of the binding. */
  'tunnel-wrong-peer',
  /** It came from the right peer, in another encapsulation than that of the binding. */
  'tunnel-wrong-type',
  /** Its UDP ports are not those of the binding. */
  'tunnel-wrong-port',
  /** Its GRE key is not that of the binding. */
  'tunnel-wrong-key',
  /** The tunnel was congested, and what is inside cannot be marked (RFC 6040 §4.2 "Default Tunnel Egress Behaviour"). */
  'tunnel-congested',
  /**
   * It came from an access link with the address of another mobile node, whose link-layer address it may have or not, or of a tunnel's end; or from
   * correspondent nodes with that of a mobile node which is anchored here.
   */
  'spoofed-source',
  'malformed',
  /** Multicast and broadcast do not go through the tunnels. */
  'multicast',
  /** There is no route to the peer. */
  'peer-unreachable',
  'encapsulation-failed',
  'decapsulation-failed',
  /** It came from an access link for the address of this node at which its tunnels end and its peers signal. */
  'for-tunnel-end',
  /** The access list on the tunnels does not permit it. */
  'denied',
  /** It came to keep the state of a NAT on its way, and has done so; no loss. */
  'keepalive',
  /** It came from an access link with the link-layer address or an address of the gateway there. */
  'spoofed-gateway',
  /** It came from an access link with a source that no node can have: multicast, broadcast, loopback. */
  'invalid-source',
] as const;

/** Of packets which the kernel leaves to the daemon. */
export const SLOW_PATH_DROP_REASONS = [
  'slow-path-limit',
  'slow-path-unexpected',
  'hop-limit',
  'too-big',
  /** It was for a mobile node whose access link does not carry packets of that length. */
  'too-big-for-link',
  /** An ICMP error that was not sent, as there were too many of them. */
  'icmp-limit',
] as const;

export const DROP_REASONS = [...KERNEL_DROP_REASONS, ...SLOW_PATH_DROP_REASONS] as const;

export type DropReason = (typeof DROP_REASONS)[number];
