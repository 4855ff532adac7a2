// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "inner.h"
#include "maps.h"
#include "read-outer.h"

/*
 * What a program has found out of its packet, in a map of one value for each CPU, which a program has for itself as long as it runs. The kernel's
 * verifier knows nothing of what is in a map: what follows is followed once, and not for each combination of what was found.
 */
struct scratch {
	struct outer outer __attribute__((aligned(8)));
	struct inner inner;
	struct way {
		__u32 path, counters; /* index; of counters, or in the anchor's table of the entry that has them */
		__be32 key;           /* of GRE: that is sent, or received */
		__u32 kind;           /* enum filter_kind */
		__u32 device;         /* interface index of the access link, or 0 */
		__u8 member[6];       /* link-layer address of the mobile node there */
		__u32 has_neighbour;  /* the packet goes straight to another mobile node of this gateway, of which is: */
		__u32 neighbour_path, neighbour_counters, neighbour_device;
	} way;
};

_Static_assert(sizeof(struct scratch) == 168, "as src/host/bpf-map-specs.ts has it");
MAP(scratches, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct scratch);

/* Empty; never 0, as the map has that value. */
static __always_inline struct scratch *new_scratch(void)
{
	__u32 zero = 0;
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &zero);

	if (scratch)
		__builtin_memset(scratch, 0, sizeof(*scratch));
	return scratch;
}
