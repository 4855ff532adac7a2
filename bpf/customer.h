// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "kernel.h"
#include "maps.h"

/* A packet of a customer carries this mark with its number from where it comes in to where it leaves, as src/dataplane/customer.ts has it. Routing goes by it. */
#define CUSTOMER_MARKS 0x6d130000
#define CUSTOMER_BITS 0xffff

/* 0: the node itself. */
static __always_inline __u32 customer_of(const struct __sk_buff *skb)
{
	__u32 mark = skb->mark;

	return (mark & ~CUSTOMER_BITS) == CUSTOMER_MARKS ? mark & CUSTOMER_BITS : 0;
}

static __always_inline void mark_customer(struct __sk_buff *skb, __u32 customer)
{
	if (customer)
		skb->mark = CUSTOMER_MARKS | customer;
}

/* It is a packet of the transport network from now on. */
static __always_inline void unmark_customer(struct __sk_buff *skb)
{
	if (customer_of(skb))
		skb->mark = 0;
}
