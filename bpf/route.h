// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Where the kernel's routes and rules lead. Asking costs as much as all else that is done with a small packet, so what was found is good for packets
// of the same kind until the kernel's clock has moved on a little.
#pragma once
#include "addresses.h"
#include "inner.h"
#include "kernel.h"
#include "maps.h"

#define FAMILY_INET 2
/* A power of two. */
#define KNOWN_ROUTES 1024
/* Of the kernel's clock: 10 to 100 ms, as it is built. */
#define TICKS_KNOWN 10

/* All that the kernel goes by, as these programs ask. */
struct route_key {
	struct in6_addr source __attribute__((aligned(8))), destination __attribute__((aligned(8))); /* as in struct inner */
	__u32 from; /* interface index */
	__be16 protocol;
	__u8 next, service; /* as in the IP header; of IPv4 the type of service */
};

struct route {
	struct route_key key;
	__u64 found_at; /* in ticks */
	__u8 next_hop[16]; /* IPv4 in the first four octets */
	__u32 next_hop_family;
	__u32 out; /* interface index */
	__u32 mtu;
	__u32 zero;
};

_Static_assert(sizeof(struct route) == 80, "as src/host/bpf-map-specs.ts has it");
/* By a hash of the key: one that comes later takes the place. */
MAP(routes, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct route);

static __always_inline __u32 slot_of(const struct route_key *key)
{
	const __u64 *word = (const __u64 *)key;
	__u64 sum = word[0] + word[1] * 3 + word[2] * 5 + word[3] * 7 + word[4];

	return (sum * 0x9e3779b97f4a7c15ull) >> 32 & (KNOWN_ROUTES - 1);
}

static __always_inline int same_key(const struct route_key *a, const struct route_key *b)
{
	const __u64 *x = (const __u64 *)a, *y = (const __u64 *)b;

	return !((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) | (x[4] ^ y[4]));
}

/* Asks the kernel. `octets`: of the packet. Returns whether the stack would send the packet on, and not answer. */
static __always_inline int ask_route(struct __sk_buff *skb, struct route *route, __u32 octets)
{
	const struct route_key *key = &route->key;
	struct bpf_fib_lookup asked = {
		.ifindex = key->from,
		.l4_protocol = key->next,
		.tot_len = octets,
	};
	long r;

	if (key->protocol == IPV4) {
		asked.family = FAMILY_INET;
		asked.tos = key->service;
		asked.ipv4_src = key->source.s6_addr32[0];
		asked.ipv4_dst = key->destination.s6_addr32[0];
	} else {
		asked.family = FAMILY_INET6;
		__builtin_memcpy(asked.ipv6_src, &key->source, sizeof(asked.ipv6_src));
		__builtin_memcpy(asked.ipv6_dst, &key->destination, sizeof(asked.ipv6_dst));
	}
	r = bpf_fib_lookup(skb, &asked, sizeof(asked), 0);
	if (r != BPF_FIB_LKUP_RET_SUCCESS && r != BPF_FIB_LKUP_RET_NO_NEIGH)
		return 0;
	route->out = asked.ifindex;
	route->mtu = asked.mtu_result;
	route->next_hop_family = asked.family;
	__builtin_memcpy(route->next_hop, asked.ipv6_dst, sizeof(route->next_hop));
	return 1;
}

/* Where the stack would send the packet that came in through this interface, with so many octets; 0 when it would not, or would answer. */
static __always_inline const struct route *find_route(struct __sk_buff *skb, const struct inner *inner, __u32 from, __u32 octets)
{
	struct route_key key = {
		.source = inner->source,
		.destination = inner->destination,
		.from = from,
		.protocol = inner->protocol,
		.next = inner->next,
		.service = inner->protocol == IPV4 ? inner->traffic_class & ~3 : 0,
	};
	__u32 slot = slot_of(&key);
	struct route *route = bpf_map_lookup_elem(&routes, &slot);
	__u64 now = bpf_jiffies64();

	if (!route)
		return 0;
	if (now - route->found_at < TICKS_KNOWN && octets <= route->mtu && same_key(&route->key, &key))
		return route;
	route->found_at = 0;
	route->key = key;
	if (!ask_route(skb, route, octets))
		return 0;
	route->found_at = now;
	return route;
}
