// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "drop.h"
#include "large.h"

/* Takes the data out of the packet, and leaves the first segment of it. */
static __always_inline int take_data(struct __sk_buff *skb, const struct cut *cut)
{
	for (int i = 0; i < DATA_PARTS; i++) {
		__u32 part = i, from = i * cut->in_part * cut->size;
		struct segment_data *data = bpf_map_lookup_elem(&segment_data, &part);
		__u64 octets = cut->in_part * cut->size;

		if (!data || from >= cut->octets)
			break;
		if (octets > cut->octets - from)
			octets = cut->octets - from;
		if (!is_between(octets, 1, sizeof(data->octets)) || bpf_skb_load_bytes(skb, cut->data + from, data->octets, octets))
			return -1;
	}
	return bpf_skb_change_tail(skb, cut->data + (cut->size < cut->octets ? cut->size : cut->octets), 0);
}

static __always_inline long put_data(struct __sk_buff *skb, const struct cut *cut, __u64 octets)
{
	__u64 at = cut->number % cut->in_part * cut->size;
	__u32 part = cut->number / cut->in_part;
	struct segment_data *data = bpf_map_lookup_elem(&segment_data, &part);

	if (!data || !is_between(at, 0, sizeof(data->octets) - LONGEST_DATA) || !is_between(octets, 1, LONGEST_DATA))
		return -1;
	return bpf_skb_store_bytes(skb, cut->data, data->octets + at, octets, 0);
}

/* Makes the packet the next segment; 0 when it is. `further`: than the identification that the last header had. */
static __always_inline long put_segment(struct __sk_buff *skb, struct cut *cut, __u32 further)
{
	__u32 octets = cut->octets < cut->size ? cut->octets : cut->size;

	if (bpf_skb_change_tail(skb, cut->data + octets, 0) || put_data(skb, cut, octets) || put_ip(skb, cut, octets, further))
		return -1;
	barrier();
	return cut->next == IPPROTO_TCP ? put_tcp(skb, cut, octets) : put_udp(skb, cut, octets);
}

/*
 * Cuts a large packet which leaves through this device into segments, which leave through it one by one, each as the program finds it then; the last
 * one is what is left of the packet itself. Gives -1, and changes nothing, when it cannot.
 */
static __always_inline int cut(struct __sk_buff *skb, const struct inner *inner)
{
	__u32 zero = 0, out = skb->ifindex;
	struct cut *cut = bpf_map_lookup_elem(&cuts, &zero);

	if (!cut || read_large(skb, inner, cut) || take_data(skb, cut))
		return -1;
	for (int i = 0; i < MOST_SEGMENTS; i++) {
		if (put_segment(skb, cut, !!cut->number))
			break;
		if (cut->octets <= cut->size)
			return bpf_redirect(out, 0);
		if (bpf_clone_redirect(skb, out, 0) < 0)
			drop(DROP_ENCAPSULATION_FAILED);
		cut->octets -= cut->size;
		cut->number++;
		barrier();
	}
	return drop(DROP_ENCAPSULATION_FAILED);
}
