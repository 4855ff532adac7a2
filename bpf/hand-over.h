// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Packets that the programs cannot send on as they are: they fall into the device, whose reader is the daemon (src/host/bpf-slow-path.ts).
#pragma once
#include "kernel.h"

/*
 * Such a frame says in its source address where the packet had come in: this octet, one of 0, and the interface index. The daemon sends
 * what becomes of the packet out of pmip0 with the same address.
 */
#define HANDED_OVER 0x06

struct handed_over {
	__u8 mark, zero;
	__u32 device;
} __attribute__((packed));

/* A large packet is cut into segments by the device. */
static __always_inline int hand_over(struct __sk_buff *skb, __u32 device)
{
	struct handed_over source = { .mark = HANDED_OVER, .device = device };

	bpf_skb_store_bytes(skb, ETH_ALEN, &source, sizeof(source), 0);
	return PASS;
}

/* The interface that a packet came in through; 0 for one of this node. */
static __always_inline __u32 arrival(struct __sk_buff *skb)
{
	struct handed_over source;

	if (skb->ingress_ifindex)
		return skb->ingress_ifindex;
	if (bpf_skb_load_bytes(skb, ETH_ALEN, &source, sizeof(source)) || source.mark != HANDED_OVER)
		return 0;
	return source.device;
}
