// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "kernel.h"
#include "maps.h"

/* Sends what is encapsulated out of the transport interface of its path. */
static __always_inline int to_next_hop(const struct path *path)
{
	struct bpf_redir_neigh next = {};

	next.nh_family = path->next_hop_family;
	__builtin_memcpy(next.ipv6_nh, path->next_hop, sizeof(next.ipv6_nh));
	return bpf_redirect_neigh(path->transport, &next, sizeof(next), 0);
}
