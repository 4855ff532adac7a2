// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Behind a NAT (docs/decisions/0022-nat-and-the-data-port.md).
#pragma once
#include "maps.h"

/* PORT_MOVE_INTERVAL of src/dataplane/translated-port.ts, in nanoseconds. */
#define PORT_MOVE_INTERVAL 1000000000ull
#define UDP_DESTINATION_AT (sizeof(struct iphdr) + 2)

/* All else of a packet is right: its port is the path's from now on, unless that has just been another one. Returns whether it is. */
static __always_inline int follow_port(struct path *path, __be16 port)
{
	__u64 now = bpf_ktime_get_ns();

	if (path->moves && now - path->moved_at < PORT_MOVE_INTERVAL)
		return 0;
	path->moved_at = now;
	path->moves++;
	path->remote_port = port;
	__builtin_memcpy(path->header + UDP_DESTINATION_AT, &port, sizeof(port));
	return 1;
}
