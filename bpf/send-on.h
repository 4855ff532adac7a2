// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "bindings.h"
#include "drop.h"
#include "outer.h"

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
