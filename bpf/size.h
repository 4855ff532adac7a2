// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "inner.h"
#include "kernel.h"

#define LONGEST_TCP_HEADER 60

/* Whether the packet, or a segment of a large one, has more than `mtu` octets. */
static __always_inline int is_longer_than(struct __sk_buff *skb, const struct inner *inner, __u32 mtu)
{
	__u32 segment = inner->length + skb->gso_size;
	__u8 offset; /* of TCP's data, in the first four bits */

	if (!skb->gso_size)
		return skb->len - ETH_HLEN > mtu;
	if (inner->next == IPPROTO_UDP)
		return segment + sizeof(struct udphdr) > mtu;
	if (inner->next == IPPROTO_TCP &&
	    !bpf_skb_load_bytes(skb, ETH_HLEN + inner->length + 12, &offset, sizeof(offset)))
		return segment + (offset >> 4) * 4 > mtu;
	return segment + LONGEST_TCP_HEADER > mtu;
}
