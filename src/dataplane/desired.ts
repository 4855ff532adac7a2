/** What the machines want to be true of the traffic, in terms of bindings; how it becomes true is the data plane's own business. */
import type { IpAddress } from '#base/ip-address.ts';
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
  /** Addresses of two customers may be equal; 0 is the node itself, without a `Customer`. */
  readonly customer: number;
  readonly homeAddress?: Ipv4Address;
  /** Home network prefixes. Only /64 is forwarded now; other lengths are refused. */
  readonly prefixes: readonly Ipv6Prefix[];
  /** The first is used; several belong to a multipath binding. */
  readonly paths: readonly [Path, ...Path[]];
}

/**
 * At the MAG: what the mobile node sends goes through a path, and what comes out of one for these addresses goes to the node.
 * RFC 5213 §6.10.5(1) "Forwarding Rules", and RFC 5844 §3.2.4(1) "Routing Considerations for the Mobile Access Gateway" and §4.2.2.2(2) "Forwarding Considerations": it "MUST remove the outer header before forwarding the packet", and what
 * is for nobody here it "MUST silently drop". RFC 5213 §6.10.5(5), §6.10.5(6), RFC 5844 §3.2.4(2) and §4.2.2.2(1): what the node sends "MUST be forwarded to the local mobility
 * anchor through the bi-directional tunnel"; "the packets that are sent with the link-local source address MUST NOT be forwarded". RFC 5213 §6.10.5(3) and RFC 5844 §3.2.4(3): there is no
 * forwarding without a binding, and the source is "the address allocated for that mobile node". RFC 5845 §4.2(9) "Operational Summary": a key that the path has is "an additional identifier".
 */
export interface AccessForwarding {
  readonly kind: 'access';
  readonly id: string;
  /** That of its access interface. */
  readonly customer: number;
  /** `name` of one of the node's access interfaces. */
  readonly interface: string;
  readonly mac: MacAddress;
  readonly homeAddress?: Ipv4Address;
  /** The mobile node asks on its link for all addresses of that subnet; the gateway answers for those of others. */
  readonly homePrefixLength: number;
  /** Answered for on the access link as long as a binding names it. */
  readonly defaultRouter?: Ipv4Address;
  /** The gateway's link-local address for this mobile node, where that is another than its interface has; likewise. */
  readonly linkLocal?: Ipv6Address;
  readonly prefixes: readonly Ipv6Prefix[];
  readonly paths: readonly [Path, ...Path[]];
  /** No other mobile node of this gateway has the downlink key of its path: what comes with it for a group is for this one. */
  readonly hasOwnKey?: boolean;
  /** RFC 5213 §9.2 "Mobile Access Gateway -Configuration Variables": "policy on a per mobile basis", which "will take precedence over this flag" of the gateway. */
  readonly localRouting?: boolean;
}

/** A tunnel between this node and a peer; both addresses are of one family, that of the transport network. */
export interface Path {
  readonly encapsulation: Encapsulation;
  readonly local: IpAddress;
  readonly remote: IpAddress;
}

/** What stands between the transport's IP header and the packet of the mobile node. */
export type Encapsulation =
  /** Nothing: IPv6-in-IPv6, IPv4-in-IPv6, IPv6-in-IPv4, IPv4-in-IPv4. */
  | { readonly kind: 'ip' }
  /** RFC 5845 §3 "GRE Encapsulation and Key Exchange"; without keys for a tunnel that carries none. */
  | { readonly kind: 'gre'; readonly keys?: GreKeys }
  /**
   * RFC 5844 §4 "IPv4 Transport Support"; ports are 5437. With `tlvHeader` the header of RFC 5845
   * §7.2 "TLV-Header Tunneling Negotiation" follows the UDP header, and a GRE header may follow that one. With `translated` a NAT is in front
   * of the remote: the data plane sends to the port that its packets come from, and to `remotePort` until one came.
   */
  | {
      readonly kind: 'udp';
      readonly localPort: number;
      readonly remotePort: number;
      readonly tlvHeader: boolean;
      readonly translated?: boolean;
      readonly gre?: { readonly keys?: GreKeys };
    };

/** 32 bits each: the key that this node puts into packets, and the one that it expects in those of the peer. */
export interface GreKeys {
  readonly send: number;
  readonly receive: number;
}

/** What does not depend on bindings. */
export interface NodeForwarding {
  /** Aggregates of home addresses and prefixes which this node anchors. */
  readonly pools: { readonly ipv4: readonly Ipv4Prefix[]; readonly ipv6: readonly Ipv6Prefix[] };
  /** What of the pools mobile nodes get, and nobody else has an address of; all of them when absent. */
  readonly lent?: readonly (Ipv4Prefix | Ipv6Prefix)[];
  /**
   * The Linux interfaces that lead to correspondent nodes: what comes in elsewhere for an anchored address is not routed to it. Absent: all
   * of them. The data plane in memory has one such interface.
   */
  readonly correspondentInterfaces?: readonly string[];
  readonly accessInterfaces: readonly AccessInterface[];
  /** Whether IPv6 packets, of mobile nodes too, are forwarded; they are when absent. */
  readonly routesIpv6?: boolean;
  /** What the kernel would only route goes past its stack, firewall included; off when absent. Other data planes have no stack to go past. */
  readonly express?: boolean;
  /** Those beside the node itself, each with a number and a table of its own. */
  readonly customers?: readonly Customer[];
  /** Tunnel end points of this node. */
  readonly localAddresses: readonly IpAddress[];
  /** What leads to some of the peers; the node's own table leads to the others. The data plane in memory has one transport network. */
  readonly vrfs?: readonly Vrf[];
  /** The largest inner packet, in octets. */
  readonly tunnelMtu: number;
  /** Ends of tunnels, here or at the peer, whose packets are not to carry ECN outside, as what takes them out would not propagate congestion. */
  readonly ecnCompatibility?: readonly IpAddress[];
  /** Of the TCP connections of mobile nodes, where the tunnels would carry more. */
  readonly tcpMss?: TcpMss;
  /** What goes into the tunnels of bindings of a kind, and comes out of them, must be permitted; all is where there is none. */
  readonly tunnelFilters?: Partial<Record<Forwarding['kind'], PacketFilter>>;
  /** Of each kind. */
  readonly maximumBindings: number;
}

/**
 * A customer, whose mobile nodes may have the addresses of another's. Its packets are routed by its own table, or not at all. A tunnel packet is the customer's whose binding has
 * its tunnel: two ends, or two ends and a GRE key, are never those of two customers.
 */
export interface Customer {
  /** From 1 to 65535; the same after a restart, as what forwards on meanwhile has it. */
  readonly number: number;
  /** The kernel's number of its routing table. The routes to its mobile nodes are put there; the others, and that table's VRF device if it has one, are the operator's. */
  readonly table: number;
  readonly pools: NodeForwarding['pools'];
  /** The Linux interfaces that lead to its correspondent nodes: what comes in there is the customer's. */
  readonly correspondentInterfaces: readonly string[];
}

/** Virtual routing and forwarding: a table of routes beside the node's own. What is for its peers is routed by it, or not at all. */
export interface Vrf {
  readonly name: string;
  /** Its number in the kernel. */
  readonly table: number;
  /** The far ends of tunnels; an address is in one VRF at most. */
  readonly peers: readonly IpAddress[];
}

/** An access list: the first rule that fits decides. */
export interface PacketFilter {
  readonly name: string;
  readonly rules: readonly FilterRule[];
}

export interface FilterRule {
  readonly action: 'permit' | 'deny';
  /** Every one, or an IP protocol number. */
  readonly protocol: 'ip' | number;
  readonly source: FilterEndpoint;
  readonly sourcePorts?: FilterPorts;
  readonly destination: FilterEndpoint;
  readonly destinationPorts?: FilterPorts;
  /** Only TCP segments with ACK or RST. */
  readonly established: boolean;
}

/** All addresses that differ from `address` only where `wildcard` has a one. */
export interface FilterEndpoint {
  readonly address: Ipv4Address;
  readonly wildcard: Ipv4Address;
}

/** From `low` to `high`, both included; with `except`, all others. */
export interface FilterPorts {
  readonly low: number;
  readonly high: number;
  readonly except: boolean;
}

/** The largest TCP segment sizes that the operator allows, by family of the connection. */
export interface TcpMss {
  readonly ipv4?: number | undefined;
  readonly ipv6?: number | undefined;
}

/** `id` of IEEE 802.1Q on the Linux interface `parent`. */
export interface Vlan {
  readonly parent: string;
  readonly id: number;
}

export interface AccessInterface {
  /** The IOS name, by which bindings refer to it. */
  readonly name: string;
  /** The Linux name. */
  readonly linkName: string;
  /** The frames of the link are in this VLAN; the interface is made for it unless there is one of that name. */
  readonly vlan?: Vlan;
  /** The link-layer address that every MAG of the domain shows. */
  readonly mac: MacAddress;
  /** The link-local address that every MAG of the domain shows. */
  readonly linkLocal: Ipv6Address;
  /** Further addresses of the interface. */
  readonly addresses: readonly (Ipv4Prefix | Ipv6Prefix)[];
  /** Whose mobile nodes come here; 0 when absent. */
  readonly customer?: number;
  /** Of the connections of its mobile nodes. */
  readonly tcpMss?: TcpMss;
  /**
   * RFC 5213 §9.2: EnableMAGLocalRouting of its gateway, which §6.10.5(2) "Forwarding Rules" and §6.10.5(4) have checked. §6.10.3 "Local Routing": it is "policy configured on the mobile access gateway". What a mobile node here sends
   * to another of this node goes straight there, where the policies of both allow it; off when absent.
   */
  readonly localRouting?: boolean;
}
