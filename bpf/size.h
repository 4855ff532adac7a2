// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "inner.h"
#include "kernel.h"

#define LONGEST_TCP_HEADER 60

/* The octets of the packet, or at most so many of each segment of a large one. */
static __always_inline __u32 longest(struct __sk_buff *skb, const struct inner *inner)
{
	__u32 segment = inner->length + skb->gso_size;
	__u8 offset; /* of TCP's data, in the first four bits */

	if (!skb->gso_size)
		return skb->len - ETH_HLEN;
	if (inner->next == IPPROTO_UDP)
		return segment + sizeof(struct udphdr);
	if (inner->next == IPPROTO_TCP &&
	    !bpf_skb_load_bytes(skb, ETH_HLEN + inner->length + 12, &offset, sizeof(offset)))
		return segment + (offset >> 4) * 4;
	return segment + LONGEST_TCP_HEADER;
}
