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

/* What stands in front of the mobile node's packet, as src/dataplane/tunnel-form.ts has it. 0: the path is not in use. */
enum form { FORM_USED = 1, FORM_IPV4 = 2, FORM_UDP = 4, FORM_TLV = 8, FORM_GRE = 16, FORM_KEY = 32 };
enum role { ROLE_NONE, ROLE_ACCESS, ROLE_PMIP };
enum endpoint_flag { ENDPOINT_LOCAL = 1, ENDPOINT_PEER = 2 };

/* In the order of src/dataplane/drop-reason.ts. */
enum drop_reason {
	DROP_NO_BINDING,
	DROP_TUNNEL_NO_BINDING,
	DROP_TUNNEL_UNKNOWN_PEER,
	DROP_TUNNEL_WRONG_PEER,
	DROP_TUNNEL_WRONG_TYPE,
	DROP_TUNNEL_WRONG_PORT,
	DROP_TUNNEL_WRONG_KEY,
	DROP_TUNNEL_CONGESTED,
	DROP_SPOOFED_SOURCE,
	DROP_MALFORMED,
	DROP_MULTICAST,
	DROP_PEER_UNREACHABLE,
	DROP_ENCAPSULATION_FAILED,
	DROP_DECAPSULATION_FAILED,
	DROP_FOR_TUNNEL_END,
	DROP_REASONS,
};

#define LONGEST_HEADER4 40
#define LONGEST_HEADER6 48

/* A tunnel. Addresses are 8-octet aligned, and IPv4 ones mapped into IPv6. */
struct path {
	__u32 form;
	__u32 transport; /* interface index; 0 when there is no route to the peer */
	__u8 local[16], remote[16];
	__u8 next_hop[16]; /* on the transport: saves a route look-up for each packet; IPv4 in the first four octets */
	__u32 next_hop_family;
	__be16 local_port, remote_port; /* of UDP */
	__u32 header_length;
	__u8 header[LONGEST_HEADER6]; /* what is put in front of a packet, but for what depends on it */
	__u32 zero;
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
	__be32 send_key, receive_key; /* of GRE */
};

struct access_binding {
	__u32 path;
	__u32 counters;
	__be32 send_key, receive_key;
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

/* A tunnel end point by its address, an IPv4 one mapped into IPv6. */
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

static __always_inline void map_address(struct in6_addr *mapped, __be32 address)
{
	mapped->s6_addr32[0] = 0;
	mapped->s6_addr32[1] = 0;
	mapped->s6_addr32[2] = bpf_htonl(0xffff);
	mapped->s6_addr32[3] = address;
}

static __always_inline struct endpoint *find_endpoint4(__be32 address)
{
	struct in6_addr mapped;

	map_address(&mapped, address);
	return bpf_map_lookup_elem(&endpoints, &mapped);
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
#define DECAPSULATED 0x5000     /* or-ed with the segmented form that it came out of */
#define SEND_ON 0x6000          /* encapsulated: only passes to get its protocol set */

/* What the kernel's segmentation of a tunnel packet depends on. */
#define SEGMENTED_FORM (FORM_IPV4 | FORM_UDP | FORM_GRE)
#define TO_BE_SEGMENTED 1

struct gre {
	__be16 flags, protocol;
	__be32 key;
};

/* RFC 5845 §7.2 "TLV-Header Tunneling Negotiation". */
struct tlv {
	__u8 type, next_header;
	__be16 length;
};

struct outer4 {
	struct iphdr ip;
	union {
		struct gre gre;
		struct {
			struct udphdr udp;
			struct tlv tlv;
			struct gre gre;
		} in_udp;
	};
};

struct outer6 {
	struct ipv6hdr ip;
	struct gre gre;
};

_Static_assert(sizeof(struct outer4) == LONGEST_HEADER4, "outer4");
_Static_assert(sizeof(struct outer6) == LONGEST_HEADER6, "outer6");

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* Of a header without options. */
static __always_inline int header_sum_is_right(const struct iphdr *ip)
{
	const __u16 *word = (const void *)ip;

	return fold(word[0] + word[1] + word[2] + word[3] + word[4] + word[5] + word[6] + word[7] + word[8] + word[9]) == 0xffff;
}

/*
 * Makes `room` octets in front of the inner packet for the outer headers.
 *
 * Large segments: with the flags which tell the segmentation code about the tunnel. They fail with EALREADY on a packet that still
 * carries skb->encapsulation from a tunnel it came out of, which the kernel never clears. If that tunnel was of the same form, the
 * state left over is right. skb->protocol then stays that of the inner packet: where they differ, tc_index becomes SEND_ON and the
 * packet must pass pmip0's ingress once more. If it was of another form, the packet must be segmented first.
 * Others: without those flags, and the change of family by bpf_skb_change_proto, which makes 20 octets or takes them away.
 */
static __always_inline int make_room(struct __sk_buff *skb, __u32 form, __u32 room, __be16 protocol)
{
	__be16 outer = form & FORM_IPV4 ? IPV4 : IPV6;
	__u8 head[20];

	if (skb->gso_size) {
		__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;
		long r;

		flags |= form & FORM_IPV4 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;
		if (form & FORM_UDP)
			flags |= BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
		else if (form & FORM_GRE)
			flags |= BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
		r = bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, flags);
		if (r != -EALREADY)
			return r;
		if (skb->tc_index != (DECAPSULATED | (form & SEGMENTED_FORM)))
			return TO_BE_SEGMENTED;
		if (bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
			return -1;
		if (protocol != outer)
			skb->tc_index = SEND_ON;
		return 0;
	}
	if (protocol == outer)
		return bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, 0);
	if (outer == IPV6) {
		if (bpf_skb_change_proto(skb, IPV6, 0))
			return -1;
		return bpf_skb_adjust_room(skb, room - sizeof(head), BPF_ADJ_ROOM_MAC, 0);
	}
	if (bpf_skb_load_bytes(skb, ETH_HLEN, head, sizeof(head)) || bpf_skb_change_proto(skb, IPV4, 0) ||
	    bpf_skb_adjust_room(skb, room + sizeof(head), BPF_ADJ_ROOM_MAC, 0))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN + room, head, sizeof(head), 0);
}

/* IPv6-in-IPv6, IPv4-in-IPv6 (RFC 2473 §3.1 "IPv6 Encapsulation"), GRE in IPv6. Traffic class and ECN are copied. */
static __always_inline int push_ipv6(struct __sk_buff *skb, const struct path *path, __be32 key, const struct inner *inner)
{
	__u32 octets = skb->len - ETH_HLEN, room = path->header_length;
	__u8 tc = inner->traffic_class;
	struct outer6 outer;
	int r;

	if (room < sizeof(outer.ip) || room > sizeof(outer))
		return -1;
	__builtin_memcpy(&outer, path->header, sizeof(outer));
	outer.ip.priority = tc >> 4;
	outer.ip.flow_lbl[0] = tc << 4;
	outer.ip.payload_len = bpf_htons(octets + room - sizeof(outer.ip));
	if (path->form & FORM_GRE) {
		outer.gre.protocol = inner->protocol;
		outer.gre.key = key;
	} else
		outer.ip.nexthdr = inner->protocol == IPV4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	r = make_room(skb, path->form, room, inner->protocol);
	return r ? r : bpf_skb_store_bytes(skb, ETH_HLEN, &outer, room, 0);
}

/* The same in IPv4, and in UDP. The header's checksum is there but for the fields that are filled in here. */
static __always_inline int push_ipv4(struct __sk_buff *skb, const struct path *path, __be32 key, const struct inner *inner)
{
	__u32 octets = skb->len - ETH_HLEN, room = path->header_length, form = path->form;
	__u8 next = inner->protocol == IPV4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	struct outer4 outer;
	__u32 sum;
	int r;

	if (room < sizeof(outer.ip) || room > sizeof(outer))
		return -1;
	__builtin_memcpy(&outer, path->header, sizeof(outer));
	outer.ip.tos = inner->traffic_class;
	outer.ip.tot_len = bpf_htons(octets + room);
	sum = (__u16)~outer.ip.check + bpf_htons(inner->traffic_class) + outer.ip.tot_len;
	if (form & FORM_UDP) {
		outer.in_udp.udp.len = bpf_htons(octets + room - sizeof(outer.ip));
		if (form & FORM_TLV) {
			outer.in_udp.tlv.length =
				bpf_htons(octets + room - sizeof(outer.ip) - sizeof(struct udphdr) - sizeof(struct tlv));
			if (form & FORM_GRE) {
				outer.in_udp.gre.protocol = inner->protocol;
				outer.in_udp.gre.key = key;
			} else
				outer.in_udp.tlv.next_header = next;
		}
	} else if (form & FORM_GRE) {
		outer.gre.protocol = inner->protocol;
		outer.gre.key = key;
	} else {
		outer.ip.protocol = next;
		sum += bpf_htons(next);
	}
	outer.ip.check = ~fold(sum);
	r = make_room(skb, form, room, inner->protocol);
	return r ? r : bpf_skb_store_bytes(skb, ETH_HLEN, &outer, room, 0);
}

/* The outer headers of a path, and the Ethernet type in front of them. */
static __always_inline int push(struct __sk_buff *skb, const struct path *path, __be32 key, const struct inner *inner)
{
	__be16 type = path->form & FORM_IPV4 ? IPV4 : IPV6;
	int r = type == IPV4 ? push_ipv4(skb, path, key, inner) : push_ipv6(skb, path, key, inner);

	return r ? r : bpf_skb_store_bytes(skb, ETH_HLEN - sizeof(type), &type, sizeof(type), 0);
}

/*
 * A frame that the daemon sends out of pmip0 anew, after the device segmented it, says in its source address where the packet had come
 * in: this octet, one of 0, and the interface index.
 */
#define SEGMENT_MARK 0x06

struct segment_source {
	__u8 mark, zero;
	__u32 device;
} __attribute__((packed));

/* Lets the packet fall into the device, whose driver segments it; the daemon sends the segments again (src/host/bpf-slow-path.ts). */
static __always_inline int segment(struct __sk_buff *skb, __u32 device)
{
	struct segment_source source = { .mark = SEGMENT_MARK, .device = device };

	bpf_skb_store_bytes(skb, ETH_ALEN, &source, sizeof(source), 0);
	return PASS;
}

/* The interface that a packet came in through; 0 for one of this node. */
static __always_inline __u32 arrival(struct __sk_buff *skb)
{
	struct segment_source source;

	if (skb->ingress_ifindex)
		return skb->ingress_ifindex;
	if (bpf_skb_load_bytes(skb, ETH_ALEN, &source, sizeof(source)) || source.mark != SEGMENT_MARK)
		return 0;
	return source.device;
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
	__u32 out_index = skb->ifindex, in_index = arrival(skb), index;
	struct device *out = bpf_map_lookup_elem(&devices, &out_index);
	struct device *in = bpf_map_lookup_elem(&devices, &in_index);
	int from_access = in && in->role == ROLE_ACCESS, r;
	__u32 customer = from_access ? in->customer : out ? out->customer : 0;
	__u32 octets = skb->len - ETH_HLEN, counters_index;
	struct anchor_binding *anchor = 0;
	struct access_binding *access = 0;
	struct bpf_redir_neigh next = {};
	struct inner inner = {};
	struct path *path;
	__be32 key;

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
		key = anchor->send_key;
	} else if (access) {
		index = access->path;
		counters_index = access->counters;
		key = access->send_key;
	} else
		return drop(DROP_NO_BINDING);
	path = bpf_map_lookup_elem(&paths, &index);
	if (!path || !path->form)
		return drop(DROP_NO_BINDING);
	if (!path->transport)
		return drop(DROP_PEER_UNREACHABLE);
	/* The TLV header says how long each packet is, which no segmentation would know. */
	if (skb->gso_size && path->form & FORM_TLV)
		return segment(skb, in_index);
	r = push(skb, path, key, &inner);
	if (r == TO_BE_SEGMENTED)
		return segment(skb, in_index);
	if (r)
		return drop(DROP_ENCAPSULATION_FAILED);
	if (access)
		count_up(counters_index, octets);
	else
		count_down(counters_index, octets);
	if (skb->tc_index == SEND_ON)
		return bpf_redirect(out_index, BPF_F_INGRESS);
	next.nh_family = path->next_hop_family;
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
	if (skb->protocol == IPV4) {
		__be32 address;

		if (bpf_skb_load_bytes(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, daddr), &address, sizeof(address)))
			return drop(DROP_MALFORMED);
		map_address(&remote, address);
	} else if (bpf_skb_load_bytes(skb, ETH_HLEN + __builtin_offsetof(struct ipv6hdr, daddr), &remote, sizeof(remote)))
		return drop(DROP_MALFORMED);
	peer = bpf_map_lookup_elem(&endpoints, &remote);
	if (!peer || !peer->transport)
		return drop(DROP_PEER_UNREACHABLE);
	return bpf_redirect_neigh(peer->transport, 0, 0, 0);
}

/* The outer headers of a packet from a tunnel. */
struct outer {
	struct in6_addr source, destination; /* IPv4 mapped into IPv6 */
	__u32 form, length;
	__be32 key;
	__be16 source_port, destination_port;
	__be16 protocol; /* of what is inside */
	__u8 ecn;
	__u8 malformed;
};

/* Why a packet does not belong to the binding with this path and key; -1 when it does. */
static __always_inline int mismatch(__u32 index, __be32 key, const struct outer *outer)
{
	struct path *path = bpf_map_lookup_elem(&paths, &index);

	if (!path || !same_address(&outer->source, path->remote) || !same_address(&outer->destination, path->local))
		return DROP_TUNNEL_WRONG_PEER;
	if (outer->form != path->form)
		return DROP_TUNNEL_WRONG_TYPE;
	if (outer->form & FORM_UDP &&
	    (outer->source_port != path->remote_port || outer->destination_port != path->local_port))
		return DROP_TUNNEL_WRONG_PORT;
	if (outer->form & FORM_KEY && outer->key != key)
		return DROP_TUNNEL_WRONG_KEY;
	return -1;
}

#define ECN_MASK 3
#define ECN_ECT_1 1
#define ECN_ECT_0 2
#define ECN_CE 3
#define FRAGMENT 0x3fff
#define GRE_KEY bpf_htons(0x2000)
/* RFC 5844 §4.1.4.1 "Forwarding Considerations", and the port of signalling for peers that use that one for both. */
#define DATA_PORT bpf_htons(5437)
#define SIGNALLING_PORT bpf_htons(5436)

/* The protocol of a packet by its first octet; 0 when it is neither. */
static __always_inline __be16 protocol_of_version(__u8 first)
{
	return first >> 4 == 4 ? IPV4 : first >> 4 == 6 ? IPV6 : 0;
}

/* What follows an outer IP header, or the TLV header; -1 when the stack and the slow path shall see to it. */
static __always_inline int read_payload(struct __sk_buff *skb, __u8 next, struct outer *outer)
{
	struct gre gre;

	if (next == IPPROTO_IPV6 || next == IPPROTO_IPIP) {
		outer->protocol = next == IPPROTO_IPV6 ? IPV6 : IPV4;
		return 0;
	}
	if (next != IPPROTO_GRE || bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, &gre, 4))
		return -1;
	/* Checksums and sequence numbers are for the slow path. */
	if ((gre.flags && gre.flags != GRE_KEY) || (gre.protocol != IPV4 && gre.protocol != IPV6))
		return -1;
	outer->protocol = gre.protocol;
	outer->form |= FORM_GRE;
	outer->length += 4;
	if (gre.flags) {
		if (bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, &outer->key, sizeof(outer->key)))
			return -1;
		outer->form |= FORM_KEY;
		outer->length += 4;
	}
	return 0;
}

/*
 * Chooses: a UDP checksum is not verified, as none is in other tunnels; the packet inside has its own.
 */
static __always_inline int read_udp(struct __sk_buff *skb, struct outer *outer)
{
	struct udphdr udp;
	__u8 first;

	if (bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, &udp, sizeof(udp)))
		return -1;
	if (udp.dest != DATA_PORT && udp.dest != SIGNALLING_PORT)
		return -1;
	outer->form |= FORM_UDP;
	outer->source_port = udp.source;
	outer->destination_port = udp.dest;
	outer->length += sizeof(udp);
	if (bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, &first, sizeof(first)))
		return -1;
	outer->protocol = protocol_of_version(first);
	if (outer->protocol)
		return 0;
	if (first >> 4 == 0) {
		struct tlv tlv;

		if (bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, &tlv, sizeof(tlv)))
			return -1;
		/* RFC 5845 §7.1 "Tunneling Format": "if the receiving node found that the payload packet length as calculated from
		 * the UDP header length field is different than its length as calculated from the TLV-header length field, the
		 * receiving node MUST discard the received IP packet." */
		if (bpf_ntohs(tlv.length) + sizeof(tlv) + sizeof(udp) != bpf_ntohs(udp.len))
			outer->malformed = 1;
		outer->form |= FORM_TLV;
		outer->length += sizeof(tlv);
		return read_payload(skb, tlv.next_header, outer);
	}
	return -1;
}

/* 0 when the packet is one of a tunnel that these programs take apart. Fragments are not: the stack reassembles them first. */
static __always_inline int read_outer(struct __sk_buff *skb, struct outer *outer)
{
	__u8 next;

	outer->form = FORM_USED;
	if (skb->protocol == IPV4) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.ihl != 5 || ip.frag_off & bpf_htons(FRAGMENT))
			return -1;
		map_address(&outer->source, ip.saddr);
		map_address(&outer->destination, ip.daddr);
		outer->ecn = ip.tos & ECN_MASK;
		outer->form |= FORM_IPV4;
		outer->length = sizeof(ip);
		outer->malformed = !header_sum_is_right(&ip);
		if (ip.protocol == IPPROTO_UDP)
			return read_udp(skb, outer);
		return read_payload(skb, ip.protocol, outer);
	} else if (skb->protocol == IPV6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
			return -1;
		outer->source = ip.saddr;
		outer->destination = ip.daddr;
		outer->ecn = (ip.flow_lbl[0] >> 4) & ECN_MASK;
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
		return read_payload(skb, next, outer);
	}
	return -1;
}

/* Writes the ECN field of the packet that begins behind the Ethernet header. */
static __always_inline void set_ecn(struct __sk_buff *skb, const struct inner *inner, __u8 ecn)
{
	if (inner->protocol == IPV4) {
		__u8 tc = inner->traffic_class, marked = (tc & ~ECN_MASK) | ecn;

		bpf_l3_csum_replace(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, check), bpf_htons(tc), bpf_htons(marked), 2);
		bpf_skb_store_bytes(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, tos), &marked, 1, 0);
	} else {
		__u8 second;

		if (bpf_skb_load_bytes(skb, ETH_HLEN + 1, &second, 1))
			return;
		second = (second & ~(ECN_MASK << 4)) | ecn << 4;
		bpf_skb_store_bytes(skb, ETH_HLEN + 1, &second, 1, 0);
	}
}

/*
 * Takes the outer headers away and lets the packet appear on pmip0.
 *
 * RFC 5213 §5.6.3 "Explicit Congestion Notification (ECN) Considerations for Proxy Mobile IPv6 Tunnels": "if the ECN field in the outer
 * header is set to Congestion Experienced (CE), then the ECN field in the inner header MUST be set to CE", of an ECN-capable packet.
 * The others as in RFC 6040 §4.2 "Default Tunnel Egress Behaviour", Figure 4.
 */
static __always_inline int deliver(struct __sk_buff *skb, const struct outer *outer, const struct inner *inner, __u32 pmip)
{
	struct ethhdr eth = {
		.h_dest = { 0x02, 0x00, 0x5e, 0x00, 0x52, 0x13 }, /* as src/host/tap.ts sets pmip0's */
		.h_source = { 0x02, 0x00, 0x5e, 0x00, 0x52, 0x13 },
		.h_proto = inner->protocol,
	};
	__u32 left = skb->len - ETH_HLEN - outer->length;
	__u8 ecn = inner->traffic_class & ECN_MASK;

	if (outer->ecn == ECN_CE && !ecn)
		return drop(DROP_TUNNEL_CONGESTED);
	/* bpf_skb_adjust_room wants a whole IPv6 header to remain where there was one. The stack cuts the padding off again. */
	if (left < sizeof(struct ipv6hdr) && bpf_skb_change_tail(skb, skb->len + sizeof(struct ipv6hdr) - left, 0))
		return drop(DROP_DECAPSULATION_FAILED);
	if (bpf_skb_adjust_room(skb, -(__s32)outer->length, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
		return drop(DROP_DECAPSULATION_FAILED);
	if (outer->ecn == ECN_CE ? ecn != ECN_CE : outer->ecn == ECN_ECT_1 && ecn == ECN_ECT_0)
		set_ecn(skb, inner, outer->ecn);
	bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0);
	skb->tc_index = DECAPSULATED | (outer->form & SEGMENTED_FORM);
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

	int wrong_anchor, wrong_access;

	if (skb->pkt_type != PACKET_HOST || read_outer(skb, &outer))
		return PASS;
	local = bpf_map_lookup_elem(&endpoints, &outer.destination);
	if (!local || !(local->flags & ENDPOINT_LOCAL))
		return PASS;
	if (outer.malformed || read_inner(skb, ETH_HLEN + outer.length, outer.protocol, &inner))
		return drop(DROP_MALFORMED);
	octets = skb->len - ETH_HLEN - outer.length;

	anchor = inner.protocol == IPV4 ?
		find_anchor4(local->customer, inner.source.s6_addr32[0]) : find_anchor6(local->customer, &inner.source);
	wrong_anchor = anchor ? mismatch(anchor->path, anchor->receive_key, &outer) : 0;
	if (anchor && wrong_anchor < 0) {
		count_up(anchor->counters, octets);
		return deliver(skb, &outer, &inner, local->pmip);
	}
	access = inner.protocol == IPV4 ?
		find_access4(local->customer, inner.destination.s6_addr32[0]) : find_access6(local->customer, &inner.destination);
	wrong_access = access ? mismatch(access->path, access->receive_key, &outer) : 0;
	if (access && wrong_access < 0) {
		count_down(access->counters, octets);
		return deliver(skb, &outer, &inner, local->pmip);
	}
	if (anchor)
		return drop(wrong_anchor);
	if (access)
		return drop(wrong_access);
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
		if (b ? !from_its_station(b, index, eth.h_source) : !!find_endpoint4(ip.saddr))
			return drop(DROP_SPOOFED_SOURCE);
		end = find_endpoint4(ip.daddr);
		if (end && end->flags & ENDPOINT_LOCAL)
			return drop(DROP_FOR_TUNNEL_END);
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

#define DHCPV6_SERVER_PORT 547

/* Neighbor discovery, or to a DHCPv6 server. */
static __always_inline int is_discovery(struct __sk_buff *skb)
{
	struct ipv6hdr ip;
	struct udphdr udp;
	__u8 type;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
		return 0;
	if (ip.nexthdr == IPPROTO_UDP)
		return !bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &udp, sizeof(udp)) &&
		       udp.dest == bpf_htons(DHCPV6_SERVER_PORT);
	if (ip.nexthdr != IPPROTO_ICMPV6 || bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &type, 1))
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
