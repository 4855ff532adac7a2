// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Where addresses of mobile nodes seem to be on a link to correspondent nodes, their anchor answers for them there, as src/dataplane/neighbour-proxy.ts does.
#pragma once
#include "arp.h"
#include "bindings.h"
#include "solicitation.h"
#include "vlan.h"

/* Who answers for an address on a link; 0: nobody here. */
static __always_inline struct proxied *find_proxied(__u32 device, const struct in6_addr *address)
{
	struct proxied_range range = { .length = PROXIED_RANGE_BITS, .device = device, .address = *address };

	return bpf_map_lookup_elem(&proxied_ranges, &range);
}

static __always_inline int arp_from_core(struct __sk_buff *skb)
{
	struct proxied *proxied;
	struct in6_addr mapped;
	struct anchor anchor;
	struct arp arp;

	if (load_arp(skb, &arp) || !is_arp_question(&arp))
		return PASS;
	map_address(&mapped, arp.target);
	proxied = find_proxied(skb->ifindex, &mapped);
	if (!proxied || !find_anchor4(proxied->customer, arp.target, &anchor))
		return PASS;
	count_answer(ANSWERS_FOR_ANCHORED);
	return answer_arp(skb, &arp, proxied->mac, arp.sender_mac);
}

/* RFC 4861 §7.2.8 "Proxy Neighbor Advertisements" has "the Override flag set to zero". */
static __always_inline int solicitation_from_core(struct __sk_buff *skb)
{
	struct solicitation solicitation;
	struct advertisement answer = {};
	__u8 asker[ETH_ALEN];
	struct proxied *proxied;
	struct anchor anchor;

	if (read_solicitation(skb, &solicitation) || bpf_skb_load_bytes(skb, ETH_ALEN, asker, sizeof(asker)))
		return PASS;
	proxied = find_proxied(skb->ifindex, &solicitation.target);
	if (!proxied || is_unspecified6(&proxied->link_local) || !find_anchor6(proxied->customer, &solicitation.target, &anchor))
		return PASS;
	advertise(&answer, &solicitation, &proxied->link_local, proxied->mac, 0);
	count_answer(ANSWERS_FOR_ANCHORED);
	return answer_solicitation(skb, &answer, proxied->mac, asker);
}

/* Ingress of a link on which pools lie, before the other programs there. What is for another host, or of a VLAN, is no question to this node. */
SEC("tc/neighbours")
int neighbours(struct __sk_buff *skb)
{
	if (skb->pkt_type == PACKET_OTHERHOST || is_of_vlan(skb))
		return PASS;
	if (skb->protocol == ARP)
		return arp_from_core(skb);
	return skb->protocol == IPV6 ? solicitation_from_core(skb) : PASS;
}
