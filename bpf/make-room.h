// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "outer.h"

/*
 * Makes `room` octets in front of the inner packet for the outer headers.
 *
 * Large segments: with the flags which tell the segmentation code about the tunnel. They fail with EALREADY on a packet that still
 * carries skb->encapsulation from a tunnel it came out of, which the kernel never clears. If that tunnel was of the same form, the
 * state left over is right. skb->protocol then stays that of the inner packet: where they differ, tc_index becomes SEND_ON and the
 * packet must pass pmip0's ingress once more. If it was of another form, the packet must be segmented first.
 * Others: without those flags, and the change of family by bpf_skb_change_proto, which makes 20 octets or takes them away.
 */
static __always_inline int make_room(struct __sk_buff *skb, __u32 form, __u32 room, __be16 protocol)
{
	__be16 outer = form & FORM_IPV4 ? IPV4 : IPV6;
	__u8 head[20];

	if (skb->gso_size) {
		__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;
		long r;

		flags |= form & FORM_IPV4 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 : BPF_F_ADJ_ROOM_ENCAP_L3_IPV6;
		if (form & FORM_UDP)
			flags |= BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
		else if (form & FORM_GRE)
			flags |= BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
		r = bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, flags);
		if (r != -EALREADY)
			return r;
		if (skb->tc_index != (DECAPSULATED | (form & SEGMENTED_FORM)))
			return TO_BE_SEGMENTED;
		if (bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
			return -1;
		if (protocol != outer)
			skb->tc_index = SEND_ON;
		return 0;
	}
	if (protocol == outer)
		return bpf_skb_adjust_room(skb, room, BPF_ADJ_ROOM_MAC, 0);
	if (outer == IPV6) {
		if (bpf_skb_change_proto(skb, IPV6, 0))
			return -1;
		return bpf_skb_adjust_room(skb, room - sizeof(head), BPF_ADJ_ROOM_MAC, 0);
	}
	if (bpf_skb_load_bytes(skb, ETH_HLEN, head, sizeof(head)) || bpf_skb_change_proto(skb, IPV4, 0) ||
	    bpf_skb_adjust_room(skb, room + sizeof(head), BPF_ADJ_ROOM_MAC, 0))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN + room, head, sizeof(head), 0);
}
