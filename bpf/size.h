// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Large packets: the segments of a connection put together, which are cut again on the way out.
#pragma once
#include "inner.h"
#include "kernel.h"

#define LONGEST_TCP_HEADER 60

/* Octets of headers that each segment of the packet at `offset` has: of IP, and of TCP or UDP; with another one, as many as there may be. */
static __always_inline __u32 segment_headers(struct __sk_buff *skb, __u32 offset, const struct inner *inner)
{
	__u8 words; /* of TCP's header, in the first four bits */

	if (inner->next == IPPROTO_UDP)
		return inner->length + sizeof(struct udphdr);
	if (inner->next == IPPROTO_TCP && !bpf_skb_load_bytes(skb, offset + inner->length + 12, &words, sizeof(words)))
		return inner->length + (words >> 4) * 4;
	return inner->length + LONGEST_TCP_HEADER;
}

/* Octets of the packet at `offset`, or of a segment of a large one. */
static __always_inline __u32 segment_length(struct __sk_buff *skb, __u32 offset, const struct inner *inner)
{
	return skb->gso_size ? segment_headers(skb, offset, inner) + skb->gso_size : skb->len - offset;
}

/* Whether all segments of the large packet of TCP at `offset`, the last one too, have the same length. */
static __always_inline int is_even(struct __sk_buff *skb, __u32 offset, const struct inner *inner)
{
	return inner->next == IPPROTO_TCP && (skb->len - offset - segment_headers(skb, offset, inner)) % skb->gso_size == 0;
}
