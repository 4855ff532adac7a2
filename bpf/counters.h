// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "maps.h"

static __always_inline void count_up(__u32 index, __u32 octets)
{
	struct counters *c = bpf_map_lookup_elem(&counters, &index);

	if (c) {
		__sync_fetch_and_add(&c->up_packets, 1);
		__sync_fetch_and_add(&c->up_octets, octets);
	}
}

static __always_inline void count_down(__u32 index, __u32 octets)
{
	struct counters *c = bpf_map_lookup_elem(&counters, &index);

	if (c) {
		__sync_fetch_and_add(&c->down_packets, 1);
		__sync_fetch_and_add(&c->down_octets, octets);
	}
}
