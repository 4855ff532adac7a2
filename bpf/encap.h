// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "bindings.h"
#include "cut.h"
#include "drop.h"
#include "filter.h"
#include "hand-over.h"
#include "inner.h"
#include "local-routing.h"
#include "no-binding.h"
#include "push.h"
#include "rest.h"
#include "scratch.h"
#include "size.h"
#include "tcp-mss.h"
#include "to-next-hop.h"
#include "way.h"

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
	__u32 out_index = skb->ifindex, octets = skb->len - ETH_HLEN, index;
	struct scratch *scratch = new_scratch();
	struct anchor anchor, own;
	struct arrival from;
	struct inner *inner;
	struct device *in;
	struct path *path;
	struct way *way;
	int from_access, anchored, keepalive = 0, r;

	if (!scratch)
		return TC_ACT_SHOT;
	if (skb->tc_index == TOO_LONG_FOR_MEMBER)
		return PASS;
	inner = &scratch->inner;
	way = &scratch->way;
	read_arrival(skb, &from);
	in = bpf_map_lookup_elem(&devices, &from.device);
	from_access = in && in->role == ROLE_ACCESS;
	if (read_inner(skb, ETH_HLEN, skb->protocol, inner))
		return drop(DROP_MALFORMED);
	barrier();
	if (skb->tc_index == REST_FOLLOWS) {
		r = send_with_rest(skb);
		if (r != PASS)
			return r;
	}
	/* The kernel tells every link of the groups that it listens to. */
	if (inner->multicast)
		return from.is_own ? TC_ACT_SHOT : drop(DROP_MULTICAST);
	/* Of interfaces that have no program it is seen here. */
	if (from.device && !in && find_anchor(from.customer, inner->protocol, &inner->source, &own))
		return drop(DROP_SPOOFED_SOURCE);
	anchored = !from_access && find_anchor(from.customer, inner->protocol, &inner->destination, &anchor);
	if (anchored)
		by_anchor(way, &anchor);
	else {
		struct access_binding *access = 0;

		if (from_access || !from.device)
			access = find_access(from.customer, inner->protocol, &inner->source);
		if (!access)
			return no_binding(skb, &from, !from_access);
		keepalive = is_keepalive(inner);
		by_access(way, access, keepalive ? 0 : find_neighbour(from.customer, access, inner));
	}
	barrier();
	index = way->path;
	path = bpf_map_lookup_elem(&paths, &index);
	if (!path || !path->form)
		return drop(DROP_NO_BINDING);
	if (!way->has_neighbour) {
		if (!path->transport)
			return drop(DROP_PEER_UNREACHABLE);
		if (segment_length(skb, ETH_HLEN, inner) > path->mtu)
			return hand_over(skb, &from, 0);
		if (!is_said_of_each(skb, path, inner)) {
			r = cut(skb, inner);
			return r < 0 ? hand_over(skb, &from, 1) : r;
		}
	}
	if (!keepalive && is_denied(skb, way->kind, inner, ETH_HLEN))
		return drop(DROP_DENIED);
	clamp_on_way(skb, inner, path, way);
	if (way->has_neighbour) {
		count_up(way->counters, octets);
		count_down(way->neighbour_counters, octets);
		return route_locally(skb, inner, out_index);
	}
	r = push(skb, path, way->key, inner);
	if (r == TO_BE_SEGMENTED)
		return hand_over(skb, &from, 1);
	if (r)
		return drop(DROP_ENCAPSULATION_FAILED);
	if (!keepalive)
		count_on_way(way, octets);
	unmark_customer(skb);
	if (skb->tc_index == SEND_ON) {
		skb->tc_index = SEND_ON | index;
		return bpf_redirect(out_index, BPF_F_INGRESS);
	}
	return to_next_hop(path);
}
