// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// From one mobile node of a gateway to another without the LMA, as src/dataplane/local-routing.ts decides.
#pragma once
#include "bindings.h"
#include "drop.h"
#include "inner.h"
#include "pmip-frame.h"
#include "tcp-mss.h"

static __always_inline int allows_local_routing(const struct access_binding *b)
{
	struct device *device;
	__u32 index = b->device;

	if (b->local_routing != LOCAL_ROUTING_AS_GATEWAY)
		return b->local_routing == LOCAL_ROUTING_ALLOWED;
	device = bpf_map_lookup_elem(&devices, &index);
	return device && device->local_routing;
}

/* The other mobile node here that a packet goes to without the LMA; 0 when it goes through the tunnel. */
static __always_inline struct access_binding *find_neighbour(__u32 customer, const struct access_binding *from, const struct inner *inner)
{
	struct access_binding *to;

	if (!allows_local_routing(from))
		return 0;
	to = find_access(customer, inner->protocol, &inner->destination);
	return to && allows_local_routing(to) ? to : 0;
}

/*
 * The packet appears on pmip0, as if it came back through the tunnel, and the stack brings it to the link. It has passed the stack once by
 * then, which took a hop; it is the same hop, so it is given back.
 */
static __always_inline int route_locally(struct __sk_buff *skb, const struct inner *inner, __u32 pmip)
{
	if (inner->protocol == IPV4) {
		__be16 before, after; /* with the protocol behind it: what the checksum sees */
		__u32 at = ETH_HLEN + __builtin_offsetof(struct iphdr, ttl);

		if (bpf_skb_load_bytes(skb, at, &before, sizeof(before)))
			return drop(DROP_MALFORMED);
		after = before + bpf_htons(0x100);
		bpf_l3_csum_replace(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, check), before, after, sizeof(after));
		bpf_skb_store_bytes(skb, at, &after, sizeof(after), 0);
	} else {
		__u32 at = ETH_HLEN + __builtin_offsetof(struct ipv6hdr, hop_limit);
		__u8 hops;

		if (bpf_skb_load_bytes(skb, at, &hops, sizeof(hops)))
			return drop(DROP_MALFORMED);
		hops++;
		bpf_skb_store_bytes(skb, at, &hops, sizeof(hops), 0);
	}
	address_to_pmip(skb, inner->protocol);
	return bpf_redirect(pmip, BPF_F_INGRESS);
}
