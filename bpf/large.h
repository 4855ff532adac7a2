// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "inner.h"
#include "maps.h"
#include "outer.h"
#include "size.h"
#include "tcp-mss.h"

#define TCP_FIN 0x01
#define TCP_PSH 0x08
#define TCP_CWR 0x80
#define MOST_SEGMENTS 128
#define LONGEST_DATA 2048 /* of a segment */

/* The data of a large packet lies in several of these, in each as many whole segments as begin before its last LONGEST_DATA octets. */
struct segment_data {
	__u8 octets[1 << 14];
};
#define DATA_PARTS 6

/*
 * A large packet that is cut, and the headers of what is cut off next. It is all in a map, which the verifier knows nothing of: it finds each round of the loop
 * to be as the last one.
 */
struct cut {
	__u32 transport, data; /* where they begin in the frame */
	__u32 octets, size;    /* of data: that are left, and of a segment */
	__u32 number;          /* of segments that are cut off */
	__u32 in_part;         /* segments */
	__u32 sum;             /* of the pseudo-header, but for the length */
	struct iphdr ip;       /* of IPv4 */
	union {
		struct tcphdr tcp;
		struct udphdr udp;
	};
	__be16 protocol;
	__u8 next;
	__u8 flags; /* of TCP, as the large packet has them */
};

_Static_assert(sizeof(struct segment_data) == 16384 && sizeof(struct cut) == 72, "as src/host/bpf-map-specs.ts has it");
MAP(cuts, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct cut);
MAP(segment_data, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct segment_data);

static __always_inline __u8 *tcp_flags(struct cut *cut)
{
	return (__u8 *)&cut->tcp + 13;
}

static __always_inline __u32 sum_of_address(const struct in6_addr *address)
{
	const __u16 *word = (const void *)address;

	return word[0] + word[1] + word[2] + word[3] + word[4] + word[5] + word[6] + word[7];
}

/* 0 when the packet can be cut here: its checksum is left to a network card, which is to find the sum of the pseudo-header in its place. */
static __always_inline int read_large(struct __sk_buff *skb, const struct inner *inner, struct cut *cut)
{
	__be16 found;

	cut->protocol = inner->protocol;
	cut->next = inner->next;
	cut->transport = ETH_HLEN + inner->length;
	cut->data = ETH_HLEN + segment_headers(skb, ETH_HLEN, inner);
	cut->size = skb->gso_size;
	if (cut->data >= skb->len || !cut->size || cut->size > LONGEST_DATA)
		return -1;
	cut->octets = skb->len - cut->data;
	cut->number = 0;
	cut->flags = 0;
	cut->in_part = (sizeof(struct segment_data) - LONGEST_DATA) / cut->size;
	if (cut->octets > cut->size * MOST_SEGMENTS || cut->octets > cut->size * cut->in_part * DATA_PARTS)
		return -1;
	if (cut->protocol == IPV4 && bpf_skb_load_bytes(skb, ETH_HLEN, &cut->ip, sizeof(cut->ip)))
		return -1;
	if (cut->next == IPPROTO_TCP) {
		if (cut->data < cut->transport + sizeof(cut->tcp) || bpf_skb_load_bytes(skb, cut->transport, &cut->tcp, sizeof(cut->tcp)))
			return -1;
		found = cut->tcp.check;
		cut->flags = *tcp_flags(cut);
	} else if (cut->next == IPPROTO_UDP) {
		if (bpf_skb_load_bytes(skb, cut->transport, &cut->udp, sizeof(cut->udp)))
			return -1;
		found = cut->udp.check;
	} else
		return -1;
	cut->sum = sum_of_address(&inner->source) + sum_of_address(&inner->destination) + bpf_htons(cut->next);
	return found == fold(cut->sum + bpf_htons(skb->len - cut->transport)) ? 0 : -1;
}

/* So many octets of data follow; the identification is that of the last header, and so many more. */
static __always_inline long put_ipv4(struct __sk_buff *skb, struct cut *cut, __u32 octets, __u32 further)
{
	struct iphdr *ip = &cut->ip;
	__be16 length = bpf_htons(cut->data - ETH_HLEN + octets), id = bpf_htons(bpf_ntohs(ip->id) + further);

	ip->check = ~fold((__u16)~ip->check + (__u16)~ip->tot_len + length + (__u16)~ip->id + id);
	ip->tot_len = length;
	ip->id = id;
	return bpf_skb_store_bytes(skb, ETH_HLEN, ip, sizeof(*ip), 0);
}

static __always_inline long put_ipv6(struct __sk_buff *skb, const struct cut *cut, __u32 octets)
{
	__be16 length = bpf_htons(cut->data - ETH_HLEN - sizeof(struct ipv6hdr) + octets);

	return bpf_skb_store_bytes(skb, ETH_HLEN + __builtin_offsetof(struct ipv6hdr, payload_len), &length, sizeof(length), 0);
}

static __always_inline long put_ip(struct __sk_buff *skb, struct cut *cut, __u32 octets, __u32 further)
{
	return cut->protocol == IPV4 ? put_ipv4(skb, cut, octets, further) : put_ipv6(skb, cut, octets);
}

/* What a network card is to find in the place of the checksum, when so many octets of data follow. */
static __always_inline __be16 sum_of(const struct cut *cut, __u32 octets)
{
	return fold(cut->sum + bpf_htons(cut->data - cut->transport + octets));
}

/* RFC 9293: the sequence number is that of the first octet. Congestion Window Reduced belongs to the first segment, the end to the last. */
static __always_inline long put_tcp(struct __sk_buff *skb, struct cut *cut, __u32 octets)
{
	__u8 not = (cut->octets > octets ? TCP_FIN | TCP_PSH : 0) | (cut->number ? TCP_CWR : 0);

	*tcp_flags(cut) = cut->flags & ~not;
	cut->tcp.check = sum_of(cut, octets);
	if (bpf_skb_store_bytes(skb, cut->transport, &cut->tcp, sizeof(cut->tcp), 0))
		return -1;
	cut->tcp.seq = bpf_htonl(bpf_ntohl(cut->tcp.seq) + octets);
	return 0;
}

static __always_inline long put_udp(struct __sk_buff *skb, struct cut *cut, __u32 octets)
{
	cut->udp.check = sum_of(cut, octets);
	cut->udp.len = bpf_htons(cut->data - cut->transport + octets);
	return bpf_skb_store_bytes(skb, cut->transport, &cut->udp, sizeof(cut->udp), 0);
}
