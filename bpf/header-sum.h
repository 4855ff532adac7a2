// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// The checksum of an IPv4 header.
#pragma once
#include "kernel.h"

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* Of a header that loses a hop. */
static __always_inline __be16 sum_with_a_hop_less(__be16 check)
{
	__u32 sum = check + bpf_htons(0x100);

	return sum + (sum >= 0xffff);
}

/* Of a header without options. */
static __always_inline int header_sum_is_right(const struct iphdr *ip)
{
	const __u16 *word = (const void *)ip;

	return fold(word[0] + word[1] + word[2] + word[3] + word[4] + word[5] + word[6] + word[7] + word[8] + word[9]) == 0xffff;
}
