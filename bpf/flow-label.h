// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "inner.h"
#include "kernel.h"
#include "mix.h"

/* As src/dataplane/flow-label.ts, which says what of. */
static __always_inline __u32 flow_label(struct __sk_buff *skb, const struct inner *inner)
{
	__u32 hash = inner->next, ports = inner->flow_label;
	const __u32 *source = inner->source.s6_addr32, *destination = inner->destination.s6_addr32;

	hash = mix(hash, source[0]);
	if (inner->protocol == IPV6)
		hash = mix(mix(mix(hash, source[1]), source[2]), source[3]);
	hash = mix(hash, destination[0]);
	if (inner->protocol == IPV6)
		hash = mix(mix(mix(hash, destination[1]), destination[2]), destination[3]);
	if (!ports && !inner->fragment && (inner->next == IPPROTO_TCP || inner->next == IPPROTO_UDP) &&
	    bpf_skb_load_bytes(skb, ETH_HLEN + inner->length, &ports, sizeof(ports)))
		ports = 0;
	hash = mix(hash, ports) & 0xfffff;
	return hash ? hash : 1;
}
