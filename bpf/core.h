// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "bindings.h"
#include "customer.h"
#include "drop.h"
#include "express-in.h"
#include "inner.h"
#include "vlan.h"

/* Whose correspondent nodes are where the packet came in; it is marked so. */
static __always_inline __u32 customer_of_core(struct __sk_buff *skb)
{
	__u32 index = skb->ifindex, customer;
	struct device *device = bpf_map_lookup_elem(&devices, &index);

	customer = device ? device->customer : 0;
	mark_customer(skb, customer);
	return customer;
}

/* No correspondent node has the address of a mobile node that is anchored here, and a customer's have no business with this node's end of the tunnels. */
static __always_inline int judge_core(__u32 customer, const struct inner *inner)
{
	struct anchor own;
	struct endpoint *end;

	if (find_anchor(customer, inner->protocol, &inner->source, &own))
		return drop(DROP_SPOOFED_SOURCE);
	if (!customer)
		return PASS;
	end = inner->protocol == IPV4 ? find_endpoint4(inner->destination.s6_addr32[0]) :
				       bpf_map_lookup_elem(&endpoints, &inner->destination);
	return end && end->flags & ENDPOINT_LOCAL ? drop(DROP_FOR_TUNNEL_END) : PASS;
}

/* A packet that came in from where correspondent nodes are. `inner`: empty, then what the packet is. */
static __always_inline int from_core(struct __sk_buff *skb, struct inner *inner)
{
	__u32 customer = customer_of_core(skb);

	if (read_inner(skb, ETH_HLEN, skb->protocol, inner))
		return PASS;
	barrier();
	return judge_core(customer, inner);
}

/* For a mobile node that is anchored here, by the node itself; what the packet is, if it is one, is in the scratch. */
static __always_inline int express_to_anchored(struct __sk_buff *skb, struct scratch *scratch)
{
	const struct settings *of_node = express_settings();
	struct anchor anchor;

	if (!of_node || !scratch->inner.length)
		return PASS;
	if (!find_anchor(0, scratch->inner.protocol, &scratch->inner.destination, &anchor))
		return PASS;
	by_anchor(&scratch->way, &anchor);
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

/* From whom to whom, wherever the packet begins: what comes in through a device without Ethernet may have the headers of another one around it. */
static __always_inline int read_ends(struct __sk_buff *skb, struct inner *inner)
{
	inner->protocol = skb->protocol;
	if (skb->protocol == IPV6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes_relative(skb, 0, &ip, sizeof(ip), BPF_HDR_START_NET) || ip.version != 6)
			return -1;
		inner->source = ip.saddr;
		inner->destination = ip.daddr;
		return 0;
	}
	if (skb->protocol == IPV4) {
		struct iphdr ip;

		if (bpf_skb_load_bytes_relative(skb, 0, &ip, sizeof(ip), BPF_HDR_START_NET) || ip.version != 4)
			return -1;
		inner->source.s6_addr32[0] = ip.saddr;
		inner->destination.s6_addr32[0] = ip.daddr;
		return 0;
	}
	return -1;
}

/* The same of an interface without Ethernet: a wg, a tun, a tunnel of the kernel's own. Its packets are the stack's, which brings those for mobile nodes to pmip0. */
SEC("tc/core_l3_in")
int core_l3_in(struct __sk_buff *skb)
{
	struct scratch *scratch = new_scratch();
	__u32 customer;

	if (!scratch)
		return TC_ACT_SHOT;
	customer = customer_of_core(skb);
	if (read_ends(skb, &scratch->inner))
		return PASS;
	barrier();
	return judge_core(customer, &scratch->inner);
}
