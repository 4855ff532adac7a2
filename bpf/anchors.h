// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// The table of an anchor's bindings, as src/host/anchor-table.ts fills it.
#pragma once
#include "maps.h"
#include "mix.h"

#define SECOND_BUCKET 0x5bd1e995
#define at_once(word) (*(volatile typeof(word) *)&(word))

/* What an entry says. */
struct anchor {
	__u32 place; /* index */
	__u32 path, receive_path;
	__be32 send_key, receive_key; /* of GRE */
};

static __always_inline __u32 bucket_of(__u32 hash, __u32 buckets)
{
	return (__u64)(hash >> (32 - ANCHOR_HASH_BITS)) * buckets >> ANCHOR_HASH_BITS;
}

static __always_inline int is_of(const struct anchor_entry *entry, __u32 tag, __u64 name)
{
	return !((at_once(entry->name) ^ name) | (at_once(entry->tag) ^ tag));
}

/* Fills `found`; 0 when there is none. */
static __always_inline int find_entry(__u32 tag, __u64 name, struct anchor *found)
{
	__u32 head_index = 0, hash, first, second, i;
	struct anchor_entry *entry = bpf_map_lookup_elem(&anchors, &head_index);
	const struct anchor_head *head = (const struct anchor_head *)entry;
	__u64 send, receive;

	if (!head)
		return 0;
	hash = mix(mix(mix(head->seed, tag), bpf_ntohl((__u32)name)), bpf_ntohl(name >> 32));
	first = bucket_of(hash, head->buckets);
	second = bucket_of(mix(hash, SECOND_BUCKET), head->buckets);
#pragma clang loop unroll(disable)
	for (i = 0; i < 2 * ANCHORS_IN_BUCKET; i++) {
		found->place = ((i < ANCHORS_IN_BUCKET ? first : second) + 1) * ANCHORS_IN_BUCKET + (hash + i) % ANCHORS_IN_BUCKET;
		entry = bpf_map_lookup_elem(&anchors, &found->place);
		if (entry && is_of(entry, tag, name))
			goto there;
	}
	return 0;
there:
	send = at_once(entry->send);
	receive = at_once(entry->receive);
	found->path = send;
	found->send_key = send >> 32;
	found->receive_path = receive;
	found->receive_key = receive >> 32;
	/* The place may have become another's meanwhile. */
	return is_of(entry, tag, name);
}

static __always_inline int find_anchor4(__u32 customer, __be32 address, struct anchor *found)
{
	return find_entry(customer * 2 + 1, address, found);
}

static __always_inline int find_anchor6(__u32 customer, const struct in6_addr *address, struct anchor *found)
{
	__u64 name;

	__builtin_memcpy(&name, address, sizeof(name));
	return find_entry(customer * 2 + 2, name, found);
}

/* `address` as struct inner has it: behind one of IPv4 are zeros. */
static __always_inline int find_anchor(__u32 customer, __be16 protocol, const struct in6_addr *address, struct anchor *found)
{
	__u64 name;

	__builtin_memcpy(&name, address, sizeof(name));
	return find_entry(customer * 2 + 1 + (protocol != IPV4), name, found);
}
