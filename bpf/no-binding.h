// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "drop.h"
#include "hand-over.h"

/* Nanoseconds between two that the daemon gets to see; it has other things to do. */
#define UNREACHABLE_INTERVAL 1000000

/* A packet of nobody, or for nobody: with `tell`, the source of one that came in through an interface is told by the daemon. */
static __always_inline int no_binding(struct __sk_buff *skb, const struct arrival *arrival, int tell)
{
	__u64 now = bpf_ktime_get_ns(), *last;
	__u32 zero = 0;

	last = bpf_map_lookup_elem(&last_unreachable, &zero);
	if (!tell || !arrival->device || !last || now - *last < UNREACHABLE_INTERVAL)
		return drop(DROP_NO_BINDING);
	*last = now;
	return hand_over(skb, arrival, 0);
}
