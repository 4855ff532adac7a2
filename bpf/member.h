// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// What is for a group, out of a tunnel and to one mobile node (docs/decisions/0025-one-mobile-node-on-a-link.md).
#pragma once
#include "addresses.h"
#include "bindings.h"
#include "drop.h"
#include "express.h"
#include "inner.h"
#include "read-outer.h"
#include "scratch.h"
#include "size.h"

#define FOR_MEMBER 0x0a

/* The Ethernet header of such a packet on pmip0, which program and daemon write: to whom it goes, and on which access link. */
struct for_member {
	__u8 mac[6];
	__u8 mark, zero;
	__u32 device; /* interface index */
	__be16 protocol;
} __attribute__((packed));

_Static_assert(sizeof(struct for_member) == ETH_HLEN, "for_member");

/* Whether a router may forward it beyond a link: from a node's address, to a group of a larger scope, and with a hop left. */
static __always_inline int is_for_members(const struct inner *inner)
{
	__be32 source = inner->source.s6_addr32[0], group = inner->destination.s6_addr32[0];

	if (inner->hops < 2)
		return 0;
	if (inner->protocol == IPV4)
		return !is_multicast_of_link4(group) && group != 0xffffffff && !is_nobodys4(source) && !is_of_link4(source);
	return !is_multicast_of_link6(&inner->destination) && !is_nobodys6(&inner->source) && !is_unspecified6(&inner->source) &&
	       !is_link_local6(&inner->source);
}

/*
 * The mobile node of this gateway that a packet out of a tunnel is for; 0 when there is none. RFC 5845 §4.2(9) "Operational Summary": "the mobile
 * access gateway MUST use the GRE key present in the GRE extension header as an additional identifier to determine to which mobility session this
 * packet belongs." Of a packet for a group, nothing else says so.
 */
static __always_inline struct access_binding *receiver(__u32 customer, const struct outer *outer, const struct inner *inner)
{
	if (!inner->multicast)
		return find_access(customer, inner->protocol, &inner->destination);
	return outer->form & FORM_KEY && is_for_members(inner) ? find_member(customer, outer->key) : 0;
}

/* By way of pmip0, where the kernel sees what protocol the packet has. */
static __always_inline int show_for_member(struct __sk_buff *skb, const struct inner *inner, __u32 pmip, const struct way *way)
{
	struct for_member frame = { .mark = FOR_MEMBER, .device = way->device, .protocol = inner->protocol };

	__builtin_memcpy(frame.mac, way->member, sizeof(frame.mac));
	bpf_skb_store_bytes(skb, 0, &frame, sizeof(frame), 0);
	skb->tc_index = 0;
	return bpf_redirect(pmip, BPF_F_INGRESS);
}

static __always_inline int is_for_member(struct __sk_buff *skb, struct for_member *frame)
{
	return !bpf_skb_load_bytes(skb, 0, frame, sizeof(*frame)) && frame->mark == FOR_MEMBER;
}

/* RFC 6085: the group is in the IP header only, the frame goes to one node. What is longer than its link carries is the daemon's, by way of encap. */
static __always_inline int to_member(struct __sk_buff *skb, const struct for_member *frame)
{
	__u32 index = frame->device;
	struct device *device = bpf_map_lookup_elem(&devices, &index);
	struct ethhdr eth = { .h_proto = frame->protocol };
	struct inner inner = {};

	if (!device || device->role != ROLE_ACCESS || read_inner(skb, ETH_HLEN, frame->protocol, &inner))
		return drop(DROP_DECAPSULATION_FAILED);
	if (inner.protocol == IPV6 && !device->router)
		return TC_ACT_SHOT;
	if (segment_length(skb, ETH_HLEN, &inner) > device->mtu) {
		skb->tc_index = TOO_LONG_FOR_MEMBER;
		return bpf_redirect(skb->ifindex, 0);
	}
	take_hop(skb, ETH_HLEN, &inner);
	__builtin_memcpy(eth.h_dest, frame->mac, ETH_ALEN);
	__builtin_memcpy(eth.h_source, device->mac, ETH_ALEN);
	bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0);
	return bpf_redirect(index, 0);
}
