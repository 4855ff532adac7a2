// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Look-ups by address.
#pragma once
#include "addresses.h"
#include "anchors.h"
#include "maps.h"

static __always_inline struct access_binding *find_access4(__u32 customer, __be32 address)
{
	struct key4 key = { .customer = customer, .address = address };

	return bpf_map_lookup_elem(&access4, &key);
}

static __always_inline struct access_binding *find_access6(__u32 customer, const struct in6_addr *address)
{
	struct key6 key = { .customer = customer };

	__builtin_memcpy(&key.prefix, address, 8);
	return bpf_map_lookup_elem(&access6, &key);
}

/*
 * Of the mobile node that alone has this downlink key: in the place of a /64 of groups whose scope is reserved, which nobody has and nothing is
 * forwarded to (src/dataplane/part.ts).
 */
static __always_inline struct access_binding *find_member(__u32 customer, __be32 key)
{
	struct in6_addr groups = { .s6_addr32 = { bpf_htonl(0xff000000), key } };

	return find_access6(customer, &groups);
}

/* `address` as struct inner has it. */
static __always_inline struct access_binding *find_access(__u32 customer, __be16 protocol, const struct in6_addr *address)
{
	return protocol == IPV4 ? find_access4(customer, address->s6_addr32[0]) : find_access6(customer, address);
}

static __always_inline struct endpoint *find_endpoint4(__be32 address)
{
	struct in6_addr mapped;

	map_address(&mapped, address);
	return bpf_map_lookup_elem(&endpoints, &mapped);
}
