// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Into a tunnel right where a packet comes in.
#pragma once
#include "drop.h"
#include "express.h"
#include "filter.h"
#include "local-routing.h"
#include "push.h"
#include "rest.h"
#include "scratch.h"
#include "size.h"
#include "to-next-hop.h"
#include "way.h"

/* The way of the packet is in the scratch. PASS when it is the stack's to bring it to pmip0, or elsewhere. */
static __always_inline int express_in(struct __sk_buff *skb, struct scratch *scratch, const struct settings *of_node, __u32 from)
{
	__u32 octets = skb->len - ETH_HLEN, index = scratch->way.path;
	struct inner *inner = &scratch->inner;
	struct way *way = &scratch->way;
	const struct route *route;
	__u32 size;
	struct path *path;
	int r;

	if (skb->mark || skb->pkt_type != PACKET_HOST || is_keepalive(inner) || !is_plain(skb, ETH_HLEN, inner))
		return PASS;
	barrier();
	path = bpf_map_lookup_elem(&paths, &index);
	if (!path || !path->form || !path->transport)
		return PASS;
	size = segment_length(skb, ETH_HLEN, inner);
	if (size > path->mtu)
		return PASS;
	route = find_route(skb, inner, from, size);
	if (!route || route->out != of_node->pmip)
		return PASS;
	if (!is_said_of_each(skb, path, inner))
		return set_rest_aside(skb, inner);
	if (is_denied(skb, way->kind, inner, ETH_HLEN))
		return drop(DROP_DENIED);
	clamp_on_way(skb, inner, path, way);
	r = push(skb, path, way->key, inner);
	if (r == TO_BE_SEGMENTED)
		return PASS;
	if (r)
		return drop(DROP_ENCAPSULATION_FAILED);
	take_hop(skb, ETH_HLEN + path->header_length, inner);
	count_on_way(way, octets);
	return to_next_hop(path);
}

/* Of a mobile node on an access link. What may go straight to another one goes by pmip0. */
static __always_inline int express_from_access(struct __sk_buff *skb, __u32 from, const struct access_binding *binding)
{
	const struct settings *of_node = express_settings();
	struct scratch *scratch;

	if (!of_node || allows_local_routing(binding))
		return PASS;
	scratch = new_scratch();
	if (!scratch || read_inner(skb, ETH_HLEN, skb->protocol, &scratch->inner))
		return PASS;
	by_access(&scratch->way, binding, 0);
	return express_in(skb, scratch, of_node, from);
}
