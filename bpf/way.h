// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// The way of a packet into a tunnel.
#pragma once
#include "bindings.h"
#include "counters.h"
#include "filter.h"
#include "inner.h"
#include "scratch.h"
#include "tcp-mss.h"

static __always_inline void by_anchor(struct way *way, const struct anchor *b)
{
	way->kind = FILTER_ANCHOR;
	way->path = b->path;
	way->counters = b->place;
	way->key = b->send_key;
}

static __always_inline void by_access(struct way *way, const struct access_binding *b, const struct access_binding *neighbour)
{
	way->kind = FILTER_ACCESS;
	way->path = b->path;
	way->counters = b->counters;
	way->key = b->send_key;
	way->device = b->device;
	if (!neighbour)
		return;
	way->has_neighbour = 1;
	way->neighbour_path = neighbour->path;
	way->neighbour_counters = neighbour->counters;
	way->neighbour_device = neighbour->device;
}

/* A connection that the packet opens fits through its tunnel; straight to another node, through the tunnels of both, as either may be elsewhere the next moment. */
static __always_inline void clamp_on_way(struct __sk_buff *skb, const struct inner *inner, const struct path *path, const struct way *way)
{
	struct tcp_middle tcp;
	__u32 limit;

	if (!opens_connection(skb, inner, &tcp))
		return;
	limit = least_mss_at(inner->protocol, path, way->device);
	if (way->has_neighbour) {
		__u32 index = way->neighbour_path, other;
		struct path *of_neighbour = bpf_map_lookup_elem(&paths, &index);

		if (of_neighbour) {
			other = least_mss_at(inner->protocol, of_neighbour, way->neighbour_device);
			limit = other < limit ? other : limit;
		}
	}
	clamp_mss(skb, inner, tcp, limit);
}

static __always_inline void count_on_way(const struct way *way, __u32 octets)
{
	if (way->kind == FILTER_ANCHOR) {
		count_anchored_down(way->counters, octets);
		count_path_down(way->path, FILTER_ANCHOR, octets);
	} else {
		count_up(way->counters, octets);
		count_path_up(way->path, FILTER_ACCESS, octets);
	}
}
