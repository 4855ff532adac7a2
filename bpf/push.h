// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "flow-label.h"
#include "inner.h"
#include "make-room.h"
#include "outer.h"
#include "size.h"

/*
 * RFC 5845 §7.1 "Tunneling Format": the TLV header says how long the packet behind it is. Segmentation gives each segment the header as it stands before
 * the large packet, which is right as long as they have one length.
 */
static __always_inline int is_said_of_each(struct __sk_buff *skb, const struct path *path, const struct inner *inner)
{
	return !skb->gso_size || !(path->form & FORM_TLV) || is_even(skb, ETH_HLEN, inner);
}

static __always_inline int put_headers(struct __sk_buff *skb, const void *headers, __u64 length, __u32 most)
{
	return is_between(length, sizeof(struct iphdr), most) ? bpf_skb_store_bytes(skb, ETH_HLEN, headers, length, 0) : -1;
}

/* IPv6-in-IPv6, IPv4-in-IPv6 (RFC 2473 §3.1 "IPv6 Encapsulation"), GRE in IPv6. The path says whether ECN is copied with the DSCP, and the flow has a label. */
static __always_inline int push_ipv6(struct __sk_buff *skb, const struct path *path, __be32 key, const struct inner *inner)
{
	__u32 octets = skb->len - ETH_HLEN, room = path->header_length;
	__u32 label = flow_label(skb, inner);
	__u8 tc = inner->traffic_class & path->copied_class;
	struct outer6 outer;
	int r;

	if (room < sizeof(outer.ip) || room > sizeof(outer))
		return -1;
	__builtin_memcpy(&outer, path->header, sizeof(outer));
	outer.ip.priority = tc >> 4;
	outer.ip.flow_lbl[0] = tc << 4 | label >> 16;
	outer.ip.flow_lbl[1] = label >> 8;
	outer.ip.flow_lbl[2] = label;
	outer.ip.payload_len = bpf_htons(octets + room - sizeof(outer.ip));
	if (path->form & FORM_GRE) {
		outer.gre.protocol = inner->protocol;
		outer.gre.key = key;
	} else
		outer.ip.nexthdr = inner->protocol == IPV4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	r = make_room(skb, path->form, room, inner->protocol);
	return r ? r : put_headers(skb, &outer, room, sizeof(outer));
}

/* The same in IPv4, and in UDP. The header's checksum is there but for the fields that are filled in here. */
static __always_inline int push_ipv4(struct __sk_buff *skb, const struct path *path, __be32 key, const struct inner *inner)
{
	__u32 octets = skb->len - ETH_HLEN, room = path->header_length, form = path->form;
	__u8 next = inner->protocol == IPV4 ? IPPROTO_IPIP : IPPROTO_IPV6;
	struct outer4 outer;
	__u32 sum;
	int r;

	if (room < sizeof(outer.ip) || room > sizeof(outer))
		return -1;
	__builtin_memcpy(&outer, path->header, sizeof(outer));
	outer.ip.tos = inner->traffic_class & path->copied_class;
	outer.ip.tot_len = bpf_htons(octets + room);
	sum = (__u16)~outer.ip.check + bpf_htons(outer.ip.tos) + outer.ip.tot_len;
	if (form & FORM_UDP) {
		outer.in_udp.udp.len = bpf_htons(octets + room - sizeof(outer.ip));
		if (form & FORM_TLV) {
			outer.in_udp.tlv.length =
				bpf_htons(segment_length(skb, ETH_HLEN, inner) + room - sizeof(outer.ip) - sizeof(struct udphdr) - sizeof(struct tlv));
			if (form & FORM_GRE) {
				outer.in_udp.gre.protocol = inner->protocol;
				outer.in_udp.gre.key = key;
			} else
				outer.in_udp.tlv.next_header = next;
		}
	} else if (form & FORM_GRE) {
		outer.gre.protocol = inner->protocol;
		outer.gre.key = key;
	} else {
		outer.ip.protocol = next;
		sum += bpf_htons(next);
	}
	outer.ip.check = ~fold(sum);
	r = make_room(skb, form, room, inner->protocol);
	return r ? r : put_headers(skb, &outer, room, sizeof(outer));
}

/* The outer headers of a path, and the Ethernet type in front of them. */
static __always_inline int push(struct __sk_buff *skb, const struct path *path, __be32 key, const struct inner *inner)
{
	__be16 type = path->form & FORM_IPV4 ? IPV4 : IPV6;
	int r = type == IPV4 ? push_ipv4(skb, path, key, inner) : push_ipv6(skb, path, key, inner);

	return r ? r : bpf_skb_store_bytes(skb, ETH_HLEN - sizeof(type), &type, sizeof(type), 0);
}
