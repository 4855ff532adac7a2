// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "drop.h"
#include "express.h"
#include "inner.h"
#include "member.h"
#include "pmip-frame.h"
#include "read-outer.h"
#include "scratch.h"
#include "tcp-mss.h"

/* BPF_F_ADJ_ROOM_DECAP_L3_IPV4 and _IPV6 (Linux 6.3): the packet has the protocol of what was inside. */
#define DECAP_L3_IPV4 (1ull << 7)
#define DECAP_L3_IPV6 (1ull << 8)

/* Writes the ECN field of the packet that begins behind the Ethernet header. */
static __always_inline void set_ecn(struct __sk_buff *skb, struct inner *inner, __u8 ecn)
{
	if (inner->protocol == IPV4) {
		__u8 tc = inner->traffic_class, marked = (tc & ~ECN_MASK) | ecn;

		inner->check = ~fold((__u16)~inner->check + (__u16)~bpf_htons(tc) + bpf_htons(marked));
		bpf_skb_store_bytes(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, check), &inner->check, sizeof(inner->check), 0);
		bpf_skb_store_bytes(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, tos), &marked, 1, 0);
	} else {
		__u8 second;

		if (bpf_skb_load_bytes(skb, ETH_HLEN + 1, &second, 1))
			return;
		second = (second & ~(ECN_MASK << 4)) | ecn << 4;
		bpf_skb_store_bytes(skb, ETH_HLEN + 1, &second, 1, 0);
	}
}

/* As what goes into the path, so what comes out of it. */
static __always_inline void clamp(struct __sk_buff *skb, const struct inner *inner, __u32 index, __u32 device)
{
	struct tcp_middle tcp;
	struct path *path;

	if (!opens_connection(skb, inner, &tcp))
		return;
	path = bpf_map_lookup_elem(&paths, &index);
	if (path)
		clamp_mss(skb, inner, tcp, least_mss(inner->protocol, path, bpf_map_lookup_elem(&devices, &device)));
}

/*
 * Takes the outer headers away and lets the packet appear on pmip0. It came this way.
 *
 * RFC 5213 §5.6.3 "Explicit Congestion Notification (ECN) Considerations for Proxy Mobile IPv6 Tunnels": "if the ECN field in the outer
 * header is set to Congestion Experienced (CE), then the ECN field in the inner header MUST be set to CE", of an ECN-capable packet.
 * The others as in RFC 6040 §4.2 "Default Tunnel Egress Behaviour", Figure 4.
 */
static __always_inline int deliver(struct __sk_buff *skb, const struct outer *outer, struct inner *inner, __u32 pmip,
				   const struct way *way)
{
	__u32 left = skb->len - ETH_HLEN - outer->length;
	const struct settings *express = express_settings();
	__u8 ecn = inner->traffic_class & ECN_MASK;
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;
	int verdict;

	if (outer->ecn == ECN_CE && !ecn)
		return drop(DROP_TUNNEL_CONGESTED);
	/* bpf_skb_adjust_room wants a whole IPv6 header to remain where there was one. The stack cuts the padding off again. */
	if (left < sizeof(struct ipv6hdr) && bpf_skb_change_tail(skb, skb->len + sizeof(struct ipv6hdr) - left, 0))
		return drop(DROP_DECAPSULATION_FAILED);
	if (express && express->decap_l3)
		flags |= inner->protocol == IPV4 ? DECAP_L3_IPV4 : DECAP_L3_IPV6;
	if (bpf_skb_adjust_room(skb, -(__s32)outer->length, BPF_ADJ_ROOM_MAC, flags))
		return drop(DROP_DECAPSULATION_FAILED);
	if (outer->ecn == ECN_CE ? ecn != ECN_CE : outer->ecn == ECN_ECT_1 && ecn == ECN_ECT_0)
		set_ecn(skb, inner, outer->ecn);
	clamp(skb, inner, way->path, way->device);
	if (inner->multicast)
		return show_for_member(skb, inner, pmip, way);
	verdict = express ? express_out(skb, inner, pmip) : PASS;
	if (verdict != PASS)
		return verdict;
	address_to_pmip(skb, inner->protocol);
	skb->tc_index = DECAPSULATED | (outer->form & SEGMENTED_FORM);
	return bpf_redirect(pmip, BPF_F_INGRESS);
}
