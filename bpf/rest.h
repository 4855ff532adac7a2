// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// A large packet of TCP of which the last segment is shorter, as two packets and not as all its segments.
//
// No program can shorten a large packet and leave it one. The stack can: as a packet comes in, it cuts off what is behind the end that the IP header says.
// So where the packet comes in, its last segment is set aside, and the header says that it ends before; where it leaves through pmip0, the segment follows.
#pragma once
#include "cut.h"
#include "drop.h"
#include "large.h"

/* What is behind so many segments, to where put_segment finds it. */
static __always_inline long keep_data(struct __sk_buff *skb, const struct cut *cut, __u32 segments)
{
	__u64 at = segments % cut->in_part * cut->size, octets = cut->octets - segments * cut->size;
	__u32 part = segments / cut->in_part;
	struct segment_data *data = bpf_map_lookup_elem(&segment_data, &part);

	if (!data || !is_between(at, 0, sizeof(data->octets) - LONGEST_DATA) || !is_between(octets, 1, LONGEST_DATA))
		return -1;
	return bpf_skb_load_bytes(skb, cut->data + segments * cut->size, data->octets + at, octets);
}

/* Of a packet that the stack brings to pmip0. PASS, with the packet as it was when this cannot be done; or what to return. */
static __always_inline int set_rest_aside(struct __sk_buff *skb, const struct inner *inner)
{
	__u32 zero = 0, segments, even;
	struct cut *cut = bpf_map_lookup_elem(&cuts, &zero);

	if (!cut || inner->next != IPPROTO_TCP || read_large(skb, inner, cut))
		return PASS;
	segments = cut->octets / cut->size;
	even = segments * cut->size;
	if (segments < 2 || keep_data(skb, cut, segments))
		return PASS;
	if (put_ip(skb, cut, even, 0) || put_tcp(skb, cut, even))
		return drop(DROP_ENCAPSULATION_FAILED);
	cut->octets -= even;
	cut->number = segments;
	skb->tc_index = REST_FOLLOWS;
	return PASS;
}

/* Whether what is set aside belongs behind this packet. */
static __always_inline int is_followed_by(struct __sk_buff *skb, const struct cut *cut)
{
	__u32 even = cut->number * cut->size;
	struct tcphdr tcp;

	return skb->len == cut->data + even && !bpf_skb_load_bytes(skb, cut->transport, &tcp, sizeof(tcp)) && tcp.source == cut->tcp.source &&
	       tcp.dest == cut->tcp.dest && tcp.check == cut->tcp.check && bpf_ntohl(tcp.seq) + even == bpf_ntohl(cut->tcp.seq);
}

/* Lets the packet leave through this device once more, and its rest after it. PASS when there is none. */
static __always_inline int send_with_rest(struct __sk_buff *skb)
{
	__u32 zero = 0, out = skb->ifindex;
	struct cut *cut = bpf_map_lookup_elem(&cuts, &zero);

	skb->tc_index = 0;
	if (!cut || !is_followed_by(skb, cut) || (cut->protocol == IPV4 && bpf_skb_load_bytes(skb, ETH_HLEN, &cut->ip, sizeof(cut->ip))))
		return PASS;
	if (bpf_clone_redirect(skb, out, 0) < 0)
		drop(DROP_ENCAPSULATION_FAILED);
	barrier();
	return put_segment(skb, cut, cut->number) ? drop(DROP_ENCAPSULATION_FAILED) : bpf_redirect(out, 0);
}
