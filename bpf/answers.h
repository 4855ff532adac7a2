// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// To who asks for a link-layer address.
#pragma once
#include "kernel.h"
#include "maps.h"

static __always_inline void count_answer(__u32 kind)
{
	__u64 *count = bpf_map_lookup_elem(&answers, &kind);

	if (count)
		(*count)++;
}

/*
 * The frame becomes the answer and leaves where it came in, for nobody but the asker. It is no longer than a question with the padding of Ethernet, so
 * that a flood of questions is no more than what the asker sends; there is no limit, as the kernel has none for its own addresses.
 */
static __always_inline int send_answer(struct __sk_buff *skb, const __u8 *mac, const __u8 *asker, const void *answer, __u32 length)
{
	if (bpf_skb_store_bytes(skb, 0, asker, ETH_ALEN, 0) || bpf_skb_store_bytes(skb, ETH_ALEN, mac, ETH_ALEN, 0) ||
	    bpf_skb_store_bytes(skb, ETH_HLEN, answer, length, 0))
		return PASS;
	return bpf_redirect(skb->ifindex, 0);
}
