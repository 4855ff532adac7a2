// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "bindings.h"
#include "customer.h"
#include "drop.h"
#include "express-in.h"
#include "inner.h"
#include "vlan.h"

/*
 * A packet that came in from where correspondent nodes are: none of them has the address of a mobile node that is anchored here. What is a
 * customer's is marked so, and has no business with this node's end of the tunnels. `inner`: empty, then what the packet is.
 */
static __always_inline int from_core(struct __sk_buff *skb, struct inner *inner)
{
	__u32 index = skb->ifindex, customer;
	struct device *device = bpf_map_lookup_elem(&devices, &index);
	struct endpoint *end;

	customer = device ? device->customer : 0;
	mark_customer(skb, customer);
	if (read_inner(skb, ETH_HLEN, skb->protocol, inner))
		return PASS;
	barrier();
	if (find_anchor(customer, inner->protocol, &inner->source))
		return drop(DROP_SPOOFED_SOURCE);
	if (!customer)
		return PASS;
	end = inner->protocol == IPV4 ? find_endpoint4(inner->destination.s6_addr32[0]) :
				       bpf_map_lookup_elem(&endpoints, &inner->destination);
	return end && end->flags & ENDPOINT_LOCAL ? drop(DROP_FOR_TUNNEL_END) : PASS;
}

/* For a mobile node that is anchored here, by the node itself; what the packet is, if it is one, is in the scratch. */
static __always_inline int express_to_anchored(struct __sk_buff *skb, struct scratch *scratch)
{
	const struct settings *of_node = express_settings();
	struct anchor_binding *anchor;

	if (!of_node || !scratch->inner.length)
		return PASS;
	anchor = find_anchor(0, scratch->inner.protocol, &scratch->inner.destination);
	if (!anchor)
		return PASS;
	by_anchor(&scratch->way, anchor);
	return express_in(skb, scratch, of_node, skb->ifindex);
}

/* Ingress of an interface that leads to correspondent nodes. A frame of a VLAN is one of another link, and the stack has no use for what is for other hosts. */
SEC("tc/core_in")
int core_in(struct __sk_buff *skb)
{
	struct scratch *scratch = new_scratch();
	int verdict;

	if (!scratch)
		return TC_ACT_SHOT;
	if (is_of_vlan(skb) || skb->pkt_type == PACKET_OTHERHOST)
		return PASS;
	verdict = from_core(skb, &scratch->inner);
	return verdict == PASS ? express_to_anchored(skb, scratch) : verdict;
}
