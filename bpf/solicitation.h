// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Neighbor Solicitations, and answers to them.
#pragma once
#include "addresses.h"
#include "answers.h"
#include "kernel.h"
#include "maps.h"

#define ND_HOP_LIMIT 255
#define ROUTER_SOLICITATION 133
#define NEIGHBOR_SOLICITATION 135
#define NEIGHBOR_ADVERTISEMENT 136
#define ROUTER bpf_htonl(0x80000000)
#define SOLICITED bpf_htonl(0x40000000)
#define OVERRIDE bpf_htonl(0x20000000)
#define SOURCE_LINK_LAYER_ADDRESS 1
#define TARGET_LINK_LAYER_ADDRESS 2
#define OPTIONS_AT 24 /* in the message */
#define OPTION_UNIT 8
/* Of a message; those of hosts have one option or two. */
#define LONGEST_SOLICITATION 128
#define MOST_ND_OPTIONS ((LONGEST_SOLICITATION - OPTIONS_AT) / OPTION_UNIT)

struct solicitation {
	struct in6_addr source, target;
};

struct advertisement {
	struct ipv6hdr ip;
	__u8 type, code;
	__u16 checksum;
	__be32 flags;
	struct in6_addr target;
	__u8 option, option_length;
	__u8 mac[ETH_ALEN];
};

static __always_inline __u16 folded(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Of what precedes the message, for its checksum; source and destination are one after the other. */
static __always_inline __u32 pseudo_header_sum(struct ipv6hdr *ip, __u32 length)
{
	__u32 words[2] = { bpf_htonl(length), bpf_htonl(IPPROTO_ICMPV6) };

	return bpf_csum_diff(0, 0, words, sizeof(words), bpf_csum_diff(0, 0, (__be32 *)&ip->saddr, 2 * sizeof(ip->saddr), 0));
}

/* ff02::1:ff00:0/104 */
static __always_inline int is_solicited_node(const struct in6_addr *address)
{
	const __u32 *word = address->s6_addr32;

	return word[0] == bpf_htonl(0xff020000) && !word[1] && word[2] == bpf_htonl(1) && address->s6_addr[12] == 0xff;
}

/*
 * RFC 4861 §7.1.1 "Validation of Neighbor Solicitations"; `length` is a multiple of eight. "All included options have a length that is greater than zero", and "if
 * the IP source address is the unspecified address, there is no source link-layer address option in the message".
 */
static __always_inline int has_valid_options(struct __sk_buff *skb, __u32 length, int is_probe)
{
	__u32 at = OPTIONS_AT;
	__u8 option[2];
	int i;

	for (i = 0; i < MOST_ND_OPTIONS && at < length; i++) {
		if (bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(struct ipv6hdr) + at, option, sizeof(option)) || !option[1] ||
		    (is_probe && option[0] == SOURCE_LINK_LAYER_ADDRESS))
			return 0;
		at += option[1] * OPTION_UNIT;
	}
	return at == length;
}

/* 0 when the packet is a valid solicitation. */
static __always_inline int read_solicitation(struct __sk_buff *skb, struct solicitation *solicitation)
{
	__u32 message[LONGEST_SOLICITATION / 4], length;
	const __u8 *type = (const __u8 *)message, *code = type + 1;
	struct ipv6hdr ip;
	int is_probe;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.version != 6 || ip.nexthdr != IPPROTO_ICMPV6 ||
	    ip.hop_limit != ND_HOP_LIMIT)
		return -1;
	length = bpf_ntohs(ip.payload_len);
	if (length < OPTIONS_AT || length > LONGEST_SOLICITATION || length % OPTION_UNIT)
		return -1;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), message, length))
		return -1;
	if (*type != NEIGHBOR_SOLICITATION || *code ||
	    folded(bpf_csum_diff(0, 0, message, length, pseudo_header_sum(&ip, length))))
		return -1;
	is_probe = is_unspecified6(&ip.saddr);
	__builtin_memcpy(&solicitation->source, &ip.saddr, sizeof(ip.saddr));
	__builtin_memcpy(&solicitation->target, &message[2], sizeof(solicitation->target));
	if (is_multicast6(&solicitation->target) || (is_probe && !is_solicited_node(&ip.daddr)))
		return -1;
	return has_valid_options(skb, length, is_probe) ? 0 : -1;
}

/*
 * RFC 4861 §7.2.4 "Sending Solicited Neighbor Advertisements": to a node that solicits without an address, it "MUST set the Solicited flag to zero and multicast the
 * advertisement to the all-nodes address". `flags`: the others.
 */
static __always_inline void advertise(struct advertisement *answer, const struct solicitation *question, const struct in6_addr *source,
				      const __u8 *mac, __be32 flags)
{
	const __u32 length = sizeof(*answer) - sizeof(answer->ip);

	answer->ip.version = 6;
	answer->ip.payload_len = bpf_htons(length);
	answer->ip.nexthdr = IPPROTO_ICMPV6;
	answer->ip.hop_limit = ND_HOP_LIMIT;
	answer->ip.saddr = *source;
	if (is_unspecified6(&question->source)) {
		answer->ip.daddr.s6_addr32[0] = bpf_htonl(0xff020000);
		answer->ip.daddr.s6_addr32[3] = bpf_htonl(1);
		answer->flags = flags;
	} else {
		answer->ip.daddr = question->source;
		answer->flags = flags | SOLICITED;
	}
	answer->type = NEIGHBOR_ADVERTISEMENT;
	answer->target = question->target;
	answer->option = TARGET_LINK_LAYER_ADDRESS;
	answer->option_length = 1;
	__builtin_memcpy(answer->mac, mac, ETH_ALEN);
	answer->checksum = folded(bpf_csum_diff(0, 0, (__be32 *)&answer->type, length, pseudo_header_sum(&answer->ip, length)));
}

static __always_inline int answer_solicitation(struct __sk_buff *skb, const struct advertisement *answer, const __u8 *mac, const __u8 *asker)
{
	if (bpf_skb_change_tail(skb, ETH_HLEN + sizeof(*answer), 0))
		return PASS;
	return send_answer(skb, mac, asker, answer, sizeof(*answer));
}
