// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "maps.h"

/* Of all bindings of a path that have this kind (enum filter_kind). */
static __always_inline struct counters *path_counters_of(__u32 path, __u32 kind)
{
	__u32 index = path * 2 + kind;

	return bpf_map_lookup_elem(&path_counters, &index);
}

/* What came through the tunnel from a mobile node, or goes to one. A processor has values of its own here. */
static __always_inline void count_path_up(__u32 path, __u32 kind, __u32 octets)
{
	struct counters *c = path_counters_of(path, kind);

	if (c) {
		c->up_packets++;
		c->up_octets += octets;
	}
}

static __always_inline void count_path_down(__u32 path, __u32 kind, __u32 octets)
{
	struct counters *c = path_counters_of(path, kind);

	if (c) {
		c->down_packets++;
		c->down_octets += octets;
	}
}

static __always_inline void add_up(struct counters *c, __u32 octets)
{
	__sync_fetch_and_add(&c->up_packets, 1);
	__sync_fetch_and_add(&c->up_octets, octets);
}

static __always_inline void add_down(struct counters *c, __u32 octets)
{
	__sync_fetch_and_add(&c->down_packets, 1);
	__sync_fetch_and_add(&c->down_octets, octets);
}

/* Of a binding of the gateway. */
static __always_inline void count_up(__u32 index, __u32 octets)
{
	struct counters *c = bpf_map_lookup_elem(&counters, &index);

	if (c)
		add_up(c, octets);
}

static __always_inline void count_down(__u32 index, __u32 octets)
{
	struct counters *c = bpf_map_lookup_elem(&counters, &index);

	if (c)
		add_down(c, octets);
}

/* Of an address or prefix of the anchor's, by its place in the table. */
static __always_inline void count_anchored_up(__u32 place, __u32 octets)
{
	struct anchor_entry *entry = bpf_map_lookup_elem(&anchors, &place);

	if (entry)
		add_up(&entry->counted, octets);
}

static __always_inline void count_anchored_down(__u32 place, __u32 octets)
{
	struct anchor_entry *entry = bpf_map_lookup_elem(&anchors, &place);

	if (entry)
		add_down(&entry->counted, octets);
}
