// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "drop.h"
#include "hand-over.h"
#include "member.h"
#include "outer.h"
#include "to-next-hop.h"

/* Ingress of pmip0: what was decapsulated, here or by the daemon, goes on to the stack, or to the member of a group; what was encapsulated, to its peer. */
SEC("tc/pmip_in")
int pmip_in(struct __sk_buff *skb)
{
	struct path *path;
	__u32 index;

	if (!skb->tc_index) {
		struct for_member frame;

		if (is_for_member(skb, &frame))
			return to_member(skb, &frame);
		mark_taken_in(skb);
	}
	if ((skb->tc_index & SEND_ON_MASK) != SEND_ON)
		return PASS;
	index = skb->tc_index & ~SEND_ON_MASK;
	skb->tc_index = 0;
	path = bpf_map_lookup_elem(&paths, &index);
	if (!path || !path->form || !path->transport)
		return drop(DROP_PEER_UNREACHABLE);
	return to_next_hop(path);
}
