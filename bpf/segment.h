// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Large packets that only the device can cut.
#pragma once
#include "kernel.h"

/*
 * A frame that the daemon sends out of pmip0 anew, after the device segmented it, says in its source address where the packet had come
 * in: this octet, one of 0, and the interface index.
 */
#define SEGMENT_MARK 0x06

struct segment_source {
	__u8 mark, zero;
	__u32 device;
} __attribute__((packed));

/* Lets the packet fall into the device, whose driver segments it; the daemon sends the segments again (src/host/bpf-slow-path.ts). */
static __always_inline int segment(struct __sk_buff *skb, __u32 device)
{
	struct segment_source source = { .mark = SEGMENT_MARK, .device = device };

	bpf_skb_store_bytes(skb, ETH_ALEN, &source, sizeof(source), 0);
	return PASS;
}

/* The interface that a packet came in through; 0 for one of this node. */
static __always_inline __u32 arrival(struct __sk_buff *skb)
{
	struct segment_source source;

	if (skb->ingress_ifindex)
		return skb->ingress_ifindex;
	if (bpf_skb_load_bytes(skb, ETH_ALEN, &source, sizeof(source)) || source.mark != SEGMENT_MARK)
		return 0;
	return source.device;
}
