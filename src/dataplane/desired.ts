/** What the machines want to be true of the traffic, in terms of bindings; how it becomes true is the data plane's own business. */
import type { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import type { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';

export type ForwardingChange =
  | { readonly kind: 'set'; readonly forwarding: Forwarding }
  /** Of an id that is not held: no error. */
  | { readonly kind: 'clear'; readonly forwardingKind: Forwarding['kind']; readonly id: string };

/** The forwarding of one binding. Ids are unique within one kind. */
export type Forwarding = AnchorForwarding | AccessForwarding;

/** At the LMA: what is sent to these addresses goes through a path, and what comes out of one may have these sources. */
export interface AnchorForwarding {
  readonly kind: 'anchor';
  readonly id: string;
  /** Addresses of two customers may be equal; 0 is the node's own routing table. */
  readonly customer: number;
  readonly homeAddress?: Ipv4Address;
  /** Home network prefixes. Only /64 is forwarded now; other lengths are refused. */
  readonly prefixes: readonly Ipv6Prefix[];
  /** The first is used; several belong to a multipath binding. */
  readonly paths: readonly [Path, ...Path[]];
}

/** At the MAG: what the mobile node sends goes through a path, and what comes out of one for these addresses goes to the node. */
export interface AccessForwarding {
  readonly kind: 'access';
  readonly id: string;
  readonly customer: number;
  /** `name` of one of the node's access interfaces. */
  readonly interface: string;
  readonly mac: MacAddress;
  readonly homeAddress?: Ipv4Address;
  readonly homePrefixLength: number;
  /** Answered for on the access link as long as a binding names it. */
  readonly defaultRouter?: Ipv4Address;
  readonly prefixes: readonly Ipv6Prefix[];
  readonly paths: readonly [Path, ...Path[]];
}

/** A tunnel between this node and a peer. */
export interface Path {
  /** `ipv6`: IPv6-in-IPv6 and IPv4-in-IPv6. */
  readonly encapsulation: Encapsulation;
  readonly local: Ipv6Address;
  readonly remote: Ipv6Address;
}

export type Encapsulation = 'ipv6';

/** What does not depend on bindings. */
export interface NodeForwarding {
  /** Aggregates of home addresses and prefixes which this node anchors. */
  readonly pools: { readonly ipv4: readonly Ipv4Prefix[]; readonly ipv6: readonly Ipv6Prefix[] };
  readonly accessInterfaces: readonly AccessInterface[];
  /** Tunnel end points of this node. */
  readonly localAddresses: readonly Ipv6Address[];
  /** The largest inner packet, in octets. */
  readonly tunnelMtu: number;
  /** Of each kind. */
  readonly maximumBindings: number;
}

export interface AccessInterface {
  /** The IOS name, by which bindings refer to it. */
  readonly name: string;
  /** The Linux name. */
  readonly linkName: string;
  /** The link-layer address that every MAG of the domain shows. */
  readonly mac: MacAddress;
  /** The link-local address that every MAG of the domain shows. */
  readonly linkLocal: Ipv6Address;
  /** Further addresses of the interface. */
  readonly addresses: readonly Ipv4Prefix[];
}
