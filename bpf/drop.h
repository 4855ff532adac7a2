// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "maps.h"

static __always_inline int drop(__u32 reason)
{
	__u64 *count = bpf_map_lookup_elem(&drops, &reason);

	if (count)
		(*count)++;
	return TC_ACT_SHOT;
}
