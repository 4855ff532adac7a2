// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "addresses.h"
#include "header-sum.h"
#include "kernel.h"

#define FRAGMENT 0x3fff
#define FRAGMENT_OFFSET 0x1fff

/* What a packet on pmip0's side of a tunnel is. */
struct inner {
	struct in6_addr source __attribute__((aligned(8))), destination __attribute__((aligned(8))); /* of IPv4 the first four octets, the rest 0 */
	__be16 protocol;
	__u8 traffic_class;
	__u8 multicast;
	__u8 next; /* what follows the IP header, */
	__u8 length; /* of so many octets */
	__u8 fragment, later_fragment;
	__u8 hops;
	__u8 plain;    /* 1: without options, and with a right checksum */
	__be16 check;  /* of IPv4 */
	__u32 total; /* octets, as its header says */
	__u32 flow_label; /* as it is in the packet */
};

/* What a gateway sends to keep the state of a NAT, as src/dataplane/keepalive.ts makes it: nothing, from a mobile node to itself. */
static __always_inline int is_keepalive(const struct inner *inner)
{
	const __u32 *a = inner->source.s6_addr32, *b = inner->destination.s6_addr32;

	return inner->next == IPPROTO_NONE && a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

/* Reads the network header at `offset`; 0 when it is there and of the expected version. */
static __always_inline int read_inner(struct __sk_buff *skb, __u32 offset, __be16 protocol, struct inner *inner)
{
	inner->protocol = protocol;
	if (protocol == IPV6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)) || ip.version != 6)
			return -1;
		inner->traffic_class = ip.priority << 4 | ip.flow_lbl[0] >> 4;
		inner->source = ip.saddr;
		inner->destination = ip.daddr;
		inner->multicast = is_multicast6(&ip.daddr);
		inner->flow_label = *(__u32 *)&ip & bpf_htonl(0xfffff);
		inner->next = ip.nexthdr;
		inner->hops = ip.hop_limit;
		inner->total = sizeof(ip) + bpf_ntohs(ip.payload_len);
		inner->length = sizeof(ip);
		inner->plain = ip.nexthdr != IPPROTO_HOPOPTS;
		return 0;
	}
	if (protocol == IPV4) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, offset, &ip, sizeof(ip)) || ip.version != 4)
			return -1;
		inner->traffic_class = ip.tos;
		inner->source.s6_addr32[0] = ip.saddr;
		inner->destination.s6_addr32[0] = ip.daddr;
		inner->next = ip.protocol;
		inner->hops = ip.ttl;
		inner->total = bpf_ntohs(ip.tot_len);
		inner->length = ip.ihl * 4;
		inner->check = ip.check;
		inner->plain = (ip.ihl == 5) & header_sum_is_right(&ip);
		inner->fragment = !!(ip.frag_off & bpf_htons(FRAGMENT));
		inner->later_fragment = !!(ip.frag_off & bpf_htons(FRAGMENT_OFFSET));
		inner->multicast = is_multicast4(ip.daddr);
		return 0;
	}
	return -1;
}
