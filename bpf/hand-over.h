// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Packets that the programs cannot send on as they are: they fall into the device, whose reader is the daemon (src/host/bpf-slow-path.ts).
#pragma once
#include "customer.h"
#include "kernel.h"

#define HANDED_OVER 0x06

/*
 * The addresses of such a frame say whose the packet is, and where it had come in: interface index, or 0 for nowhere. The daemon sends what becomes of
 * the packet out of pmip0 with the same addresses.
 */
struct handed_over {
	__u8 zero[2];
	__u32 customer;
	__u8 mark;
	__u8 fits; /* 1: only to be cut into segments, none of which is too long for the tunnel */
	__u32 device;
} __attribute__((packed));

/* The source address of a frame that the daemon lets appear on pmip0. */
struct taken_in {
	__u8 mark, zero;
	__u32 customer;
} __attribute__((packed));

struct arrival {
	__u32 device; /* interface index; 0 for a packet of this node */
	__u32 customer;
	__u32 is_own; /* not even the daemon handed it over */
};

/* A large packet is cut into segments by the device. */
static __always_inline int hand_over(struct __sk_buff *skb, const struct arrival *arrival, __u8 fits)
{
	struct handed_over addresses = { .mark = HANDED_OVER, .fits = fits, .customer = arrival->customer, .device = arrival->device };

	bpf_skb_store_bytes(skb, 0, &addresses, sizeof(addresses), 0);
	return PASS;
}

/* Where a packet that leaves through pmip0 had come in. */
static __always_inline void read_arrival(struct __sk_buff *skb, struct arrival *arrival)
{
	struct handed_over addresses;

	arrival->device = skb->ingress_ifindex;
	arrival->customer = customer_of(skb);
	arrival->is_own = 0;
	if (arrival->device)
		return;
	if (bpf_skb_load_bytes(skb, 0, &addresses, sizeof(addresses)) || addresses.mark != HANDED_OVER) {
		arrival->is_own = 1;
		return;
	}
	arrival->device = addresses.device;
	arrival->customer = addresses.customer;
}

/* Of a packet that appears on pmip0 from the daemon. */
static __always_inline void mark_taken_in(struct __sk_buff *skb)
{
	struct taken_in source;

	if (!bpf_skb_load_bytes(skb, ETH_ALEN, &source, sizeof(source)) && source.mark == HANDED_OVER)
		mark_customer(skb, source.customer);
}
