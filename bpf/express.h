// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Past the kernel's stack (docs/decisions/0031-express-forwarding.md): what it would only route goes straight on, as routes and rules say. All else, and
// all that it would answer, is left to it.
#pragma once
#include "addresses.h"
#include "inner.h"
#include "maps.h"
#include "outer.h"
#include "route.h"
#include "size.h"

/* 0 where the stack is to see all packets. */
static __always_inline const struct settings *express_settings(void)
{
	__u32 zero = 0;
	const struct settings *of_node = bpf_map_lookup_elem(&settings, &zero);

	return of_node && of_node->express ? of_node : 0;
}

/* Of addresses that the stack forwards nothing to: of this network, loopback, multicast, reserved; of the link. */
static __always_inline int is_routable(const struct inner *inner)
{
	__u8 first = inner->destination.s6_addr[0];

	if (inner->multicast)
		return 0;
	return inner->protocol == IPV4 ? first && first != 127 && first < 224 : !is_link_local6(&inner->destination);
}

/* Whether the packet at `offset` is all there, without options and padding, has a hop left, and may go beyond its link. */
static __always_inline int is_plain(struct __sk_buff *skb, __u32 offset, const struct inner *inner)
{
	return inner->plain && inner->hops >= 2 && inner->total == skb->len - offset && is_routable(inner);
}

/* Of the packet whose IP header is at `offset`. */
static __always_inline void take_hop(struct __sk_buff *skb, __u32 offset, const struct inner *inner)
{
	__u8 hops = inner->hops - 1;

	if (inner->protocol == IPV4) {
		struct {
			__u8 ttl, protocol;
			__be16 check;
		} end = { .ttl = hops, .protocol = inner->next, .check = sum_with_a_hop_less(inner->check) };

		bpf_skb_store_bytes(skb, offset + __builtin_offsetof(struct iphdr, ttl), &end, sizeof(end), 0);
	} else
		bpf_skb_store_bytes(skb, offset + __builtin_offsetof(struct ipv6hdr, hop_limit), &hops, sizeof(hops), BPF_F_RECOMPUTE_CSUM);
}

/* What has come out of a tunnel, as pmip0 would have brought it in; PASS when it is the stack's. */
static __always_inline int express_out(struct __sk_buff *skb, const struct inner *inner, __u32 pmip)
{
	struct bpf_redir_neigh next = {};
	const struct route *route;

	if (skb->protocol != inner->protocol || skb->mark || !is_plain(skb, ETH_HLEN, inner))
		return PASS;
	route = find_route(skb, inner, pmip, segment_length(skb, ETH_HLEN, inner));
	if (!route || route->out == pmip)
		return PASS;
	take_hop(skb, ETH_HLEN, inner);
	next.nh_family = route->next_hop_family;
	__builtin_memcpy(next.ipv6_nh, route->next_hop, sizeof(next.ipv6_nh));
	return bpf_redirect_neigh(route->out, &next, sizeof(next), 0);
}
