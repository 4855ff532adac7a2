// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include <linux/tcp.h>
#include "inner.h"
#include "kernel.h"
#include "maps.h"

#define TCP_SYN 0x02
#define OPTION_END 0
#define OPTION_NO_OPERATION 1
#define OPTION_MSS 2
#define MSS_LENGTH 4
#define MOST_OPTIONS 40

/* Of TCP: what is behind the acknowledgement number. */
struct tcp_middle {
	__u8 offset, flags; /* that of the data in 32-bit words, in the first four bits */
};

static __always_inline __u32 least_mss(__be16 protocol, const struct path *path, const struct device *device)
{
	__u32 limit = protocol == IPV4 ? path->mss4 : path->mss6;
	__u32 other = !device ? 0 : protocol == IPV4 ? device->mss4 : device->mss6;

	return other && other < limit ? other : limit;
}

static __always_inline __u32 least_mss_at(__be16 protocol, const struct path *path, __u32 device)
{
	return least_mss(protocol, path, bpf_map_lookup_elem(&devices, &device));
}

/* `at`: of the value of the option, `old`, in a TCP header that begins at `start`. An odd place swaps what the checksum sees of it. */
static __always_inline void write_mss(struct __sk_buff *skb, __u32 start, __u32 at, __be16 old, __u32 limit)
{
	__be16 new = bpf_htons(limit);
	__u32 sum = start + __builtin_offsetof(struct tcphdr, check);

	if ((at - start) & 1)
		bpf_l4_csum_replace(skb, sum, __builtin_bswap16(old), __builtin_bswap16(new), sizeof(new));
	else
		bpf_l4_csum_replace(skb, sum, old, new, sizeof(new));
	bpf_skb_store_bytes(skb, at, &new, sizeof(new), 0);
}

/* Whether the inner packet, right behind the Ethernet header, opens a TCP connection. */
static __always_inline int opens_connection(struct __sk_buff *skb, const struct inner *inner, struct tcp_middle *tcp)
{
	return inner->next == IPPROTO_TCP && !inner->later_fragment &&
	       !bpf_skb_load_bytes(skb, ETH_HLEN + inner->length + 12, tcp, sizeof(*tcp)) && tcp->flags & TCP_SYN;
}

/*
 * Such a packet names no larger segments than `limit` any more. What is malformed stays as it is. Where the loop is lies in the packet's
 * control block, which the verifier knows nothing of, so that it finds each round to be as the last one and needs to follow only one.
 */
static __always_inline void clamp_mss(struct __sk_buff *skb, const struct inner *inner, struct tcp_middle tcp, __u32 limit)
{
	__u32 start = ETH_HLEN + inner->length, at, end;
	__u8 option[2];
	__be16 old;

	skb->cb[0] = start + sizeof(struct tcphdr);
	skb->cb[1] = start + (tcp.offset >> 4) * 4;
	for (int i = 0;; i++) {
		barrier();
		at = skb->cb[0];
		end = skb->cb[1];
		if (i == MOST_OPTIONS || at >= end || bpf_skb_load_bytes(skb, at, option, 1) || option[0] == OPTION_END)
			return;
		if (option[0] == OPTION_NO_OPERATION) {
			skb->cb[0] = at + 1;
			continue;
		}
		if (bpf_skb_load_bytes(skb, at, option, 2) || option[1] < 2)
			return;
		if (option[0] == OPTION_MSS && option[1] == MSS_LENGTH)
			break;
		skb->cb[0] = at + option[1];
	}
	if (at + MSS_LENGTH <= end && !bpf_skb_load_bytes(skb, at + 2, &old, sizeof(old)) && bpf_ntohs(old) > limit)
		write_mss(skb, start, at + 2, old, limit);
}
