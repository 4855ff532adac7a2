// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "bindings.h"
#include "counters.h"
#include "drop.h"
#include "filter.h"
#include "hand-over.h"
#include "inner.h"
#include "local-routing.h"
#include "no-binding.h"
#include "push.h"
#include "size.h"
#include "to-next-hop.h"
#include "tcp-mss.h"

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
	int from_access = in && in->role == ROLE_ACCESS, keepalive, r;
	__u32 customer = from_access ? in->customer : out ? out->customer : 0;
	__u32 octets = skb->len - ETH_HLEN, counters_index;
	struct anchor_binding *anchor = 0;
	struct access_binding *access = 0, *neighbour = 0;
	struct inner inner = {};
	struct tcp_middle tcp;
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
		return no_binding(skb, from_access ? 0 : in_index);
	path = bpf_map_lookup_elem(&paths, &index);
	if (!path || !path->form)
		return drop(DROP_NO_BINDING);
	keepalive = access && is_keepalive(&inner);
	if (access && !keepalive)
		neighbour = find_neighbour(customer, access, &inner);
	if (!neighbour && !path->transport)
		return drop(DROP_PEER_UNREACHABLE);
	/* The TLV header says how long each packet is, which no segmentation would know. */
	if (!neighbour && (is_longer_than(skb, &inner, path->mtu) || (skb->gso_size && path->form & FORM_TLV)))
		return hand_over(skb, in_index);
	if (!keepalive && is_denied(skb, access ? FILTER_ACCESS : FILTER_ANCHOR, &inner, ETH_HLEN))
		return drop(DROP_DENIED);
	if (opens_connection(skb, &inner, &tcp)) {
		struct device *link = access ? bpf_map_lookup_elem(&devices, &access->device) : 0;
		__u32 limit = least_mss(inner.protocol, path, link);

		if (neighbour)
			limit = least_mss_of(inner.protocol, neighbour, limit);
		clamp_mss(skb, &inner, tcp, limit);
	}
	if (neighbour) {
		count_up(counters_index, octets);
		count_down(neighbour->counters, octets);
		return route_locally(skb, &inner, out_index);
	}
	r = push(skb, path, key, &inner);
	if (r == TO_BE_SEGMENTED)
		return hand_over(skb, in_index);
	if (r)
		return drop(DROP_ENCAPSULATION_FAILED);
	if (access && !keepalive)
		count_up(counters_index, octets);
	else if (!access)
		count_down(counters_index, octets);
	if (skb->tc_index == SEND_ON) {
		skb->tc_index = SEND_ON | index;
		return bpf_redirect(out_index, BPF_F_INGRESS);
	}
	return to_next_hop(path);
}
