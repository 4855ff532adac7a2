// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// The data plane of a Local Mobility Anchor and of a Mobile Access Gateway, in tc (clsact) programs and one socket filter.
//
//   access link ──> access_in ──> routing ──> pmip0 ──> encap ──> transport ──> … ──> decap ──> pmip_in ──> routing ──> …
//
// pmip0 is a TAP device. What routing sends there is encapsulated at its egress; what comes out of a tunnel appears at its ingress,
// so that the kernel does hop limits, ICMP errors, fragmentation, filtering, routing and neighbours by its ordinary means. A TAP and
// not a TUN, because redirecting to the ingress of an Ethernet device makes the kernel look at the inner packet afresh.
//
// Needs no BTF and no CO-RE: only __sk_buff, packet octets and maps. The sizes of the maps are set by the loader
// (src/host/bpf-maps.ts, whose layouts are those of the structures below). Built by the Makefile beside it.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IPV4 bpf_htons(ETH_P_IP)
#define IPV6 bpf_htons(ETH_P_IPV6)
#define ARP bpf_htons(ETH_P_ARP)

/* Let the next filter, and then the stack, have the packet. TC_ACT_OK would clear tc_index. */
#define PASS TC_ACT_UNSPEC
#define EALREADY 114
#define FAMILY_INET6 10

enum encapsulation { ENCAPSULATION_NONE, ENCAPSULATION_IPV6 };
enum role { ROLE_NONE, ROLE_ACCESS, ROLE_PMIP };
enum endpoint_flag { ENDPOINT_LOCAL = 1, ENDPOINT_PEER = 2 };

/* In the order of src/dataplane/drop-reason.ts. */
enum drop_reason {
	DROP_NO_BINDING,
	DROP_TUNNEL_NO_BINDING,
	DROP_TUNNEL_UNKNOWN_PEER,
	DROP_TUNNEL_WRONG_PEER,
	DROP_SPOOFED_SOURCE,
	DROP_MALFORMED,
	DROP_MULTICAST,
	DROP_PEER_UNREACHABLE,
	DROP_ENCAPSULATION_FAILED,
	DROP_DECAPSULATION_FAILED,
	DROP_FOR_TUNNEL_END,
	DROP_REASONS,
};

/* A tunnel. Addresses are 8-octet aligned. */
struct path {
	__u32 encapsulation;
	__u32 transport; /* interface index; 0 when there is no route to the peer */
	__u8 local[16], remote[16];
	__u8 next_hop[16]; /* on the transport: saves a route look-up for each packet */
};

/* Of a home address; the address in network order. */
struct key4 {
	__u32 customer;
	__be32 address;
};

/* Of a /64; the first half of the address as it is in the packet. */
struct key6 {
	__u64 prefix;
	__u32 customer;
	__u32 zero;
};

struct anchor_binding {
	__u32 path;
	__u32 counters; /* index */
};

struct access_binding {
	__u32 path;
	__u32 counters;
	__u32 device; /* interface index of the access link */
	__u8 mac[6];
	__u8 zero[2];
};

struct counters {
	__u64 up_packets, up_octets, down_packets, down_octets;
};

struct device {
	__u32 role;
	__u32 customer;
};

/* A tunnel end point by its address. */
struct endpoint {
	__u32 flags;
	__u32 customer;  /* of a local one */
	__u32 pmip;      /* of a local one: where its decapsulated packets appear */
	__u32 transport; /* of a peer */
};

struct station {
	__u32 device;
	__u8 mac[6];
	__u8 zero[2];
};

#define MAP(name, kind, key_type, value_type) \
	struct { \
		__uint(type, kind); \
		__uint(max_entries, 1); \
		__type(key, key_type); \
		__type(value, value_type); \
	} name SEC(".maps")

MAP(paths, BPF_MAP_TYPE_ARRAY, __u32, struct path);
MAP(anchor4, BPF_MAP_TYPE_HASH, struct key4, struct anchor_binding);
MAP(anchor6, BPF_MAP_TYPE_HASH, struct key6, struct anchor_binding);
MAP(access4, BPF_MAP_TYPE_HASH, struct key4, struct access_binding);
MAP(access6, BPF_MAP_TYPE_HASH, struct key6, struct access_binding);
MAP(counters, BPF_MAP_TYPE_ARRAY, __u32, struct counters);
MAP(devices, BPF_MAP_TYPE_HASH, __u32, struct device);
MAP(endpoints, BPF_MAP_TYPE_HASH, struct in6_addr, struct endpoint);
MAP(stations, BPF_MAP_TYPE_HASH, struct station, __u32);
MAP(drops, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64);

static __always_inline int drop(__u32 reason)
{
	__u64 *count = bpf_map_lookup_elem(&drops, &reason);

	if (count)
		(*count)++;
	return TC_ACT_SHOT;
}

static __always_inline void count_up(__u32 index, __u32 octets)
{
	struct counters *c = bpf_map_lookup_elem(&counters, &index);

	if (c) {
		__sync_fetch_and_add(&c->up_packets, 1);
		__sync_fetch_and_add(&c->up_octets, octets);
	}
}

static __always_inline void count_down(__u32 index, __u32 octets)
{
	struct counters *c = bpf_map_lookup_elem(&counters, &index);

	if (c) {
		__sync_fetch_and_add(&c->down_packets, 1);
		__sync_fetch_and_add(&c->down_octets, octets);
	}
}

static __always_inline struct anchor_binding *find_anchor4(__u32 customer, __be32 address)
{
	struct key4 key = { .customer = customer, .address = address };

	return bpf_map_lookup_elem(&anchor4, &key);
}

static __always_inline struct access_binding *find_access4(__u32 customer, __be32 address)
{
	struct key4 key = { .customer = customer, .address = address };

	return bpf_map_lookup_elem(&access4, &key);
}

static __always_inline struct anchor_binding *find_anchor6(__u32 customer, const struct in6_addr *address)
{
	struct key6 key = { .customer = customer };

	__builtin_memcpy(&key.prefix, address, 8);
	return bpf_map_lookup_elem(&anchor6, &key);
}

static __always_inline struct access_binding *find_access6(__u32 customer, const struct in6_addr *address)
{
	struct key6 key = { .customer = customer };

	__builtin_memcpy(&key.prefix, address, 8);
	return bpf_map_lookup_elem(&access6, &key);
}

/* Both 8-octet aligned. __builtin_memcmp would become a call, which BPF does not have. */
static __always_inline int same_address(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return x[0] == y[0] && x[1] == y[1];
}

static __always_inline int same_mac(const __u8 *a, const __u8 *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3] && a[4] == b[4] && a[5] == b[5];
}

static __always_inline int is_multicast6(const struct in6_addr *address)
{
	return address->s6_addr[0] == 0xff;
}

static __always_inline int is_link_local6(const struct in6_addr *address)
{
	return address->s6_addr[0] == 0xfe && (address->s6_addr[1] & 0xc0) == 0x80;
}

static __always_inline int is_unspecified6(const struct in6_addr *address)
{
	return !(address->s6_addr32[0] | address->s6_addr32[1] | address->s6_addr32[2] | address->s6_addr32[3]);
}

/* What a packet on pmip0's side of a tunnel is. */
struct inner {
	__be16 protocol;
	__u8 traffic_class;
	__u8 multicast;
	struct in6_addr source, destination; /* of IPv4 the first four octets */
};

/* Reads the network header at `offset`; 0 when it is there and of the expected version. */
static __always_inline int read_inner(struct __sk_buff *skb, __u32 offset, __be16 protocol, struct inner *inner)
{
	inner->protocol = protocol;
	if (protocol == IPV6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)) || ip.version != 6)
			return -1;
		inner->traffic_class = ip.priority << 4 | ip.flow_lbl[0] >> 4;
		inner->source = ip.saddr;
		inner->destination = ip.daddr;
		inner->multicast = is_multicast6(&ip.daddr);
		return 0;
	}
	if (protocol == IPV4) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)) || ip.version != 4)
			return -1;
		inner->traffic_class = ip.tos;
		inner->source.s6_addr32[0] = ip.saddr;
		inner->destination.s6_addr32[0] = ip.daddr;
		inner->multicast = (bpf_ntohl(ip.daddr) >> 28) == 0xe || ip.daddr == 0xffffffff;
		return 0;
	}
	return -1;
}

/* tc_index of a packet on its way through pmip0. */
#define DECAPSULATED 0x5000     /* or-ed with the encapsulation it came out of */
#define SEND_ON 0x6000          /* encapsulated: only passes to get its protocol set */

/*
 * Makes `room` octets in front of the inner packet for an IPv6 header.
 *
 * Large segments: with the flags which tell the segmentation code about the tunnel. They fail with EALREADY on a packet that still
 * carries skb->encapsulation from a tunnel it came out of, which the kernel never clears. If that tunnel was of the same kind, the
 * state left over is right. skb->protocol then stays that of the inner packet: where they differ, tc_index becomes SEND_ON and the
 * packet must pass pmip0's ingress once more.
 * Others: without those flags, and the change of family by bpf_skb_change_proto, which makes 20 octets.
 */
static __always_inline int make_room(struct __sk_buff *skb, __u32 room, __be16 protocol)
{
	if (skb->gso_size) {
		long r = bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC,
					     BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV6);

		if (r != -EALREADY)
			return r;
		if (skb->tc_index != (DECAPSULATED | ENCAPSULATION_IPV6))
			return -1;
		if (bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
			return -1;
		if (protocol != IPV6)
			skb->tc_index = SEND_ON;
		return 0;
	}
	if (protocol == IPV6)
		return bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, 0);
	if (bpf_skb_change_proto(skb, IPV6, 0))
		return -1;
	return bpf_skb_adjust_room(skb, room - 20, BPF_ADJ_ROOM_MAC, 0);
}

/* IPv6-in-IPv6 and IPv4-in-IPv6, as RFC 2473 §3.1 "IPv6 Encapsulation" forms them; traffic class and ECN are copied. */
static __always_inline int push_ipv6(struct __sk_buff *skb, const struct path *path, const struct inner *inner)
{
	__u8 tc = inner->traffic_class;
	struct ipv6hdr ip = {
		.version = 6,
		.priority = tc >> 4,
		.flow_lbl = { tc << 4 },
		.payload_len = bpf_htons(skb->len - ETH_HLEN),
		.nexthdr = inner->protocol == IPV4 ? IPPROTO_IPIP : IPPROTO_IPV6,
		.hop_limit = 64,
	};
	__be16 type = IPV6;

	__builtin_memcpy(&ip.saddr, path->local, 16);
	__builtin_memcpy(&ip.daddr, path->remote, 16);
	if (make_room(skb, sizeof(ip), inner->protocol))
		return -1;
	if (bpf_skb_store_bytes(skb, ETH_HLEN, &ip, sizeof(ip), 0))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN - sizeof(type), &type, sizeof(type), 0);
}

/*
 * Egress of pmip0. A packet which came in from an access link belongs to the mobile node that sent it, any other to the one it is for.
 * One that came in from nowhere and is for no mobile node is what the daemon held for a node until it had a binding.
 *
 * RFC 5213 §5.6.2 "Forwarding Considerations": "the local mobility anchor MUST forward the packet through the bi-directional tunnel set
 * up for that mobile node". RFC 5213 §6.10.5 "Forwarding Rules": "the mobile access gateway MUST ensure that there is an established
 * binding for that mobile node with its local mobility anchor before forwarding the packet".
 */
SEC("tc/encap")
int encap(struct __sk_buff *skb)
{
	__u32 out_index = skb->ifindex, in_index = skb->ingress_ifindex, index;
	struct device *out = bpf_map_lookup_elem(&devices, &out_index);
	struct device *in = bpf_map_lookup_elem(&devices, &in_index);
	int from_access = in && in->role == ROLE_ACCESS;
	__u32 customer = from_access ? in->customer : out ? out->customer : 0;
	__u32 octets = skb->len - ETH_HLEN, counters_index;
	struct anchor_binding *anchor = 0;
	struct access_binding *access = 0;
	struct bpf_redir_neigh next = { .nh_family = FAMILY_INET6 };
	struct inner inner = {};
	struct path *path;

	if (read_inner(skb, ETH_HLEN, skb->protocol, &inner))
		return drop(DROP_MALFORMED);
	if (inner.multicast)
		return drop(DROP_MULTICAST);
	if (!from_access)
		anchor = inner.protocol == IPV4 ? find_anchor4(customer, inner.destination.s6_addr32[0]) :
						  find_anchor6(customer, &inner.destination);
	if (from_access || (!anchor && !in_index))
		access = inner.protocol == IPV4 ? find_access4(customer, inner.source.s6_addr32[0]) :
						  find_access6(customer, &inner.source);
	if (anchor) {
		index = anchor->path;
		counters_index = anchor->counters;
	} else if (access) {
		index = access->path;
		counters_index = access->counters;
	} else
		return drop(DROP_NO_BINDING);
	path = bpf_map_lookup_elem(&paths, &index);
	if (!path || path->encapsulation != ENCAPSULATION_IPV6)
		return drop(DROP_NO_BINDING);
	if (!path->transport)
		return drop(DROP_PEER_UNREACHABLE);
	if (push_ipv6(skb, path, &inner))
		return drop(DROP_ENCAPSULATION_FAILED);
	if (access)
		count_up(counters_index, octets);
	else
		count_down(counters_index, octets);
	if (skb->tc_index == SEND_ON)
		return bpf_redirect(out_index, BPF_F_INGRESS);
	__builtin_memcpy(next.ipv6_nh, path->next_hop, sizeof(next.ipv6_nh));
	return bpf_redirect_neigh(path->transport, &next, sizeof(next), 0);
}

/* Ingress of pmip0: what was decapsulated goes on to the stack; what was encapsulated, to its peer. */
SEC("tc/pmip_in")
int pmip_in(struct __sk_buff *skb)
{
	struct in6_addr remote;
	struct endpoint *peer;

	if (skb->tc_index != SEND_ON)
		return PASS;
	skb->tc_index = 0;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + __builtin_offsetof(struct ipv6hdr, daddr), &remote, sizeof(remote)))
		return drop(DROP_MALFORMED);
	peer = bpf_map_lookup_elem(&endpoints, &remote);
	if (!peer || !peer->transport)
		return drop(DROP_PEER_UNREACHABLE);
	return bpf_redirect_neigh(peer->transport, 0, 0, 0);
}

static __always_inline int is_path(__u32 index, const struct in6_addr *local, const struct in6_addr *remote)
{
	struct path *path = bpf_map_lookup_elem(&paths, &index);

	return path && path->encapsulation == ENCAPSULATION_IPV6 && same_address(remote, path->remote) &&
	       same_address(local, path->local);
}

/* The outer header of a packet from a tunnel. */
struct outer {
	struct in6_addr source, destination;
	__u32 length;
	__be16 protocol; /* of what is inside */
	__u8 congested;
};

#define ECN_MASK 3
#define ECN_CE 3

/* 0 when the packet is one of a tunnel that these programs take apart. Fragments are not: the stack reassembles them first. */
static __always_inline int read_outer(struct __sk_buff *skb, struct outer *outer)
{
	struct ipv6hdr ip;
	__u8 next;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
		return -1;
	outer->source = ip.saddr;
	outer->destination = ip.daddr;
	outer->congested = ((ip.flow_lbl[0] >> 4) & ECN_MASK) == ECN_CE;
	outer->length = sizeof(ip);
	next = ip.nexthdr;
	if (next == IPPROTO_DSTOPTS) {
		/* RFC 2473 §4.1.1 "Tunnel Encapsulation Limit Option": 8 octets of destination options. */
		__u8 options[2];

		if (bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), options, sizeof(options)) || options[1])
			return -1;
		next = options[0];
		outer->length += 8;
	}
	outer->protocol = next == IPPROTO_IPV6 ? IPV6 : next == IPPROTO_IPIP ? IPV4 : 0;
	return outer->protocol ? 0 : -1;
}

/*
 * RFC 5213 §5.6.3 "Explicit Congestion Notification (ECN) Considerations for Proxy Mobile IPv6 Tunnels": "if the ECN field in the outer
 * header is set to Congestion Experienced (CE), then the ECN field in the inner header MUST be set to CE", of an ECN-capable packet.
 */
static __always_inline void mark_congestion(struct __sk_buff *skb, const struct inner *inner)
{
	__u8 tc = inner->traffic_class;

	if (!(tc & ECN_MASK) || (tc & ECN_MASK) == ECN_CE)
		return;
	if (inner->protocol == IPV4) {
		__u8 marked = tc | ECN_CE;

		bpf_l3_csum_replace(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, check), bpf_htons(tc), bpf_htons(marked), 2);
		bpf_skb_store_bytes(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, tos), &marked, 1, 0);
	} else {
		__u8 second;

		if (bpf_skb_load_bytes(skb, ETH_HLEN + 1, &second, 1))
			return;
		second |= ECN_CE << 4;
		bpf_skb_store_bytes(skb, ETH_HLEN + 1, &second, 1, 0);
	}
}

/* Takes the outer header away and lets the packet appear on pmip0. */
static __always_inline int deliver(struct __sk_buff *skb, const struct outer *outer, const struct inner *inner, __u32 pmip)
{
	struct ethhdr eth = {
		.h_dest = { 0x02, 0x00, 0x5e, 0x00, 0x52, 0x13 }, /* as src/host/tap.ts sets pmip0's */
		.h_source = { 0x02, 0x00, 0x5e, 0x00, 0x52, 0x13 },
		.h_proto = inner->protocol,
	};

	if (bpf_skb_adjust_room(skb, -(__s32)outer->length, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
		return drop(DROP_DECAPSULATION_FAILED);
	if (outer->congested)
		mark_congestion(skb, inner);
	bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0);
	skb->tc_index = DECAPSULATED | ENCAPSULATION_IPV6;
	return bpf_redirect(pmip, BPF_F_INGRESS);
}

/*
 * Ingress of a transport interface. At the anchor the inner source, at the gateway the inner destination says which binding a packet
 * belongs to, and it must have come through the tunnel of that binding.
 */
SEC("tc/decap")
int decap(struct __sk_buff *skb)
{
	struct outer outer = {};
	struct inner inner = {};
	struct endpoint *local;
	struct anchor_binding *anchor;
	struct access_binding *access;
	__u32 octets;

	if (skb->pkt_type != PACKET_HOST || skb->protocol != IPV6 || read_outer(skb, &outer))
		return PASS;
	local = bpf_map_lookup_elem(&endpoints, &outer.destination);
	if (!local || !(local->flags & ENDPOINT_LOCAL))
		return PASS;
	if (read_inner(skb, ETH_HLEN + outer.length, outer.protocol, &inner))
		return drop(DROP_MALFORMED);
	octets = skb->len - ETH_HLEN - outer.length;

	anchor = inner.protocol == IPV4 ?
		find_anchor4(local->customer, inner.source.s6_addr32[0]) : find_anchor6(local->customer, &inner.source);
	if (anchor && is_path(anchor->path, &outer.destination, &outer.source)) {
		count_up(anchor->counters, octets);
		return deliver(skb, &outer, &inner, local->pmip);
	}
	access = inner.protocol == IPV4 ?
		find_access4(local->customer, inner.destination.s6_addr32[0]) : find_access6(local->customer, &inner.destination);
	if (access && is_path(access->path, &outer.destination, &outer.source)) {
		count_down(access->counters, octets);
		return deliver(skb, &outer, &inner, local->pmip);
	}
	if (anchor || access)
		return drop(DROP_TUNNEL_WRONG_PEER);
	/* RFC 5213 §6.10.5: "If the mobile access gateway cannot find the connected interface for that destination address, it MUST
	 * silently drop the packet." */
	{
		struct endpoint *peer = bpf_map_lookup_elem(&endpoints, &outer.source);

		return drop(peer && peer->flags & ENDPOINT_PEER ? DROP_TUNNEL_NO_BINDING : DROP_TUNNEL_UNKNOWN_PEER);
	}
}

static __always_inline int from_its_station(const struct access_binding *b, __u32 device, const __u8 *mac)
{
	return b->device == device && same_mac(b->mac, mac);
}

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68
#define FRAGMENT_OFFSET 0x1fff

/* To a DHCPv4 server; with `client`, only what a client sends and not a relay. */
static __always_inline int is_dhcp(struct __sk_buff *skb, int client)
{
	struct iphdr ip;
	struct udphdr udp;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.protocol != IPPROTO_UDP ||
	    ip.frag_off & bpf_htons(FRAGMENT_OFFSET))
		return 0;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + ip.ihl * 4, &udp, sizeof(udp)))
		return 0;
	return udp.dest == bpf_htons(DHCP_SERVER_PORT) && (!client || udp.source == bpf_htons(DHCP_CLIENT_PORT));
}

/*
 * Ingress of an access interface: a source address that belongs to a binding must come from its mobile node, and that of a tunnel's end
 * cannot be here. Nothing here has business with this node's end of the tunnels, which is where its peers signal to. Other addresses without a binding get no further than to encap; what the link's own protocols use passes.
 */
SEC("tc/access_in")
int access_in(struct __sk_buff *skb)
{
	__u32 index = skb->ifindex;
	struct device *device = bpf_map_lookup_elem(&devices, &index);
	struct access_binding *b;
	struct endpoint *end;
	struct ethhdr eth;

	if (!device || bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)))
		return PASS;
	if (skb->protocol == IPV4) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
			return drop(DROP_MALFORMED);
		if (is_dhcp(skb, 1))
			return TC_ACT_SHOT; /* the packet socket has it; the stack would answer that the port is unreachable */
		b = find_access4(device->customer, ip.saddr);
		if (b && !from_its_station(b, index, eth.h_source))
			return drop(DROP_SPOOFED_SOURCE);
	} else if (skb->protocol == IPV6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
			return drop(DROP_MALFORMED);
		if (!is_link_local6(&ip.saddr) && !is_unspecified6(&ip.saddr)) {
			b = find_access6(device->customer, &ip.saddr);
			if (b ? !from_its_station(b, index, eth.h_source) : !!bpf_map_lookup_elem(&endpoints, &ip.saddr))
				return drop(DROP_SPOOFED_SOURCE);
		}
		end = bpf_map_lookup_elem(&endpoints, &ip.daddr);
		if (end && end->flags & ENDPOINT_LOCAL)
			return drop(DROP_FOR_TUNNEL_END);
	}
	return PASS;
}

#define WHOLE_FRAME 0xffff
#define IGNORE 0
#define FIRST_LENGTH_OF_ETHERTYPE 0x600
#define ICMPV6_ROUTER_SOLICITATION 133
#define ICMPV6_NEIGHBOR_SOLICITATION 135
#define ICMPV6_NEIGHBOR_ADVERTISEMENT 136

static __always_inline int is_discovery(struct __sk_buff *skb)
{
	struct ipv6hdr ip;
	__u8 type;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.nexthdr != IPPROTO_ICMPV6 ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &type, 1))
		return 0;
	return type == ICMPV6_ROUTER_SOLICITATION || type == ICMPV6_NEIGHBOR_SOLICITATION ||
	       type == ICMPV6_NEIGHBOR_ADVERTISEMENT;
}

/*
 * For the daemon's packet socket on an access interface: what the link's own protocols are made of, and anything from a station that is
 * not attached, as the first sign of its being there.
 */
SEC("socket/access")
int access_filter(struct __sk_buff *skb)
{
	struct station station = { .device = skb->ifindex };
	struct ethhdr eth;

	if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)))
		return IGNORE;
	if (eth.h_proto == ARP || bpf_ntohs(eth.h_proto) < FIRST_LENGTH_OF_ETHERTYPE)
		return WHOLE_FRAME;
	if (eth.h_proto == IPV6 && is_discovery(skb))
		return WHOLE_FRAME;
	if (eth.h_proto == IPV4 && is_dhcp(skb, 0))
		return WHOLE_FRAME;
	__builtin_memcpy(station.mac, eth.h_source, sizeof(station.mac));
	return bpf_map_lookup_elem(&stations, &station) ? IGNORE : WHOLE_FRAME;
}

char _license[] SEC("license") = "GPL";
