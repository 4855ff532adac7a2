// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "kernel.h"

/* The Ethernet header of a packet that is to appear on pmip0. */
static __always_inline void address_to_pmip(struct __sk_buff *skb, __be16 protocol)
{
	struct ethhdr eth = {
		.h_dest = { 0x02, 0x00, 0x5e, 0x00, 0x52, 0x13 }, /* as src/host/tap.ts sets pmip0's */
		.h_source = { 0x02, 0x00, 0x5e, 0x00, 0x52, 0x13 },
		.h_proto = protocol,
	};

	bpf_skb_store_bytes(skb, 0, &eth, sizeof(eth), 0);
}
