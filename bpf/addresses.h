// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "kernel.h"

/* Both 8-octet aligned. __builtin_memcmp would become a call, which BPF does not have. */
static __always_inline int same_address(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return x[0] == y[0] && x[1] == y[1];
}

static __always_inline void map_address(struct in6_addr *mapped, __be32 address)
{
	mapped->s6_addr32[0] = 0;
	mapped->s6_addr32[1] = 0;
	mapped->s6_addr32[2] = bpf_htonl(0xffff);
	mapped->s6_addr32[3] = address;
}

static __always_inline int same_mac(const __u8 *a, const __u8 *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3] && a[4] == b[4] && a[5] == b[5];
}

static __always_inline int is_multicast4(__be32 address)
{
	return (bpf_ntohl(address) >> 28) == 0xe || address == 0xffffffff;
}

/* 224.0.0.0/24 stays on its link. */
static __always_inline int is_multicast_of_link4(__be32 address)
{
	return (bpf_ntohl(address) >> 8) == 0xe00000;
}

static __always_inline int is_multicast6(const struct in6_addr *address)
{
	return address->s6_addr[0] == 0xff;
}

/* Interface-local or link-local. */
static __always_inline int is_multicast_of_link6(const struct in6_addr *address)
{
	return is_multicast6(address) && (address->s6_addr[1] & 0xf) <= 2;
}

/* No node has such an address: loopback, multicast, broadcast. */
static __always_inline int is_nobodys4(__be32 address)
{
	return (bpf_ntohl(address) >> 24) == 127 || is_multicast4(address);
}

/* Link-local, or of this network. */
static __always_inline int is_of_link4(__be32 address)
{
	return (bpf_ntohl(address) >> 16) == 0xa9fe || !(bpf_ntohl(address) >> 24);
}

/* As is_nobodys4, and IPv4 addresses mapped into IPv6. */
static __always_inline int is_nobodys6(const struct in6_addr *address)
{
	const __u32 *word = address->s6_addr32;
	int is_low = !(word[0] | word[1]);

	return is_multicast6(address) || (is_low && !word[2] && word[3] == bpf_htonl(1)) ||
	       (is_low && word[2] == bpf_htonl(0xffff));
}

static __always_inline int is_link_local6(const struct in6_addr *address)
{
	return address->s6_addr[0] == 0xfe && (address->s6_addr[1] & 0xc0) == 0x80;
}

static __always_inline int is_unspecified6(const struct in6_addr *address)
{
	return !(address->s6_addr32[0] | address->s6_addr32[1] | address->s6_addr32[2] | address->s6_addr32[3]);
}
