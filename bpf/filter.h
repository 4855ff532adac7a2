// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// Access lists on the tunnels, as src/dataplane/packet-filter.ts judges by them.
#pragma once
#include "inner.h"
#include "kernel.h"
#include "maps.h"

#define MAXIMUM_RULES 128
#define ACK_OR_RST 0x14

/* By what bindings the tunnels have: index in the map of filters. */
enum filter_kind { FILTER_ANCHOR, FILTER_ACCESS };

struct judged {
	__u64 source_port, destination_port;
	__u64 later_fragment, bare; /* 1: without ACK and RST */
	__be32 source, destination;
	__u32 family, protocol;
};

/* Where a packet's control block has it. */
enum { JUDGED_PORTS, JUDGED_SOURCE, JUDGED_DESTINATION, JUDGED_REST };
#define LATER_FRAGMENT 0x10000
#define BARE 0x20000

/*
 * Through the packet's control block, which the kernel's verifier knows nothing of: whatever is known of the packet, the rules are followed with
 * one state, not with each.
 */
static __always_inline void forget(struct __sk_buff *skb, struct judged *packet)
{
	__u32 ports, rest;

	skb->cb[JUDGED_PORTS] = packet->source_port << 16 | packet->destination_port;
	skb->cb[JUDGED_SOURCE] = packet->source;
	skb->cb[JUDGED_DESTINATION] = packet->destination;
	skb->cb[JUDGED_REST] = packet->family | packet->protocol << 8 | (packet->later_fragment ? LATER_FRAGMENT : 0) |
			       (packet->bare ? BARE : 0);
	barrier();
	ports = skb->cb[JUDGED_PORTS];
	rest = skb->cb[JUDGED_REST];
	packet->source_port = ports >> 16;
	packet->destination_port = ports & 0xffff;
	packet->source = skb->cb[JUDGED_SOURCE];
	packet->destination = skb->cb[JUDGED_DESTINATION];
	packet->family = rest & 0xff;
	packet->protocol = rest >> 8 & 0xff;
	packet->later_fragment = rest / LATER_FRAGMENT & 1;
	packet->bare = rest / BARE & 1;
}

/* 1 when the port is none of those from `low` to `high`. */
static __always_inline __u64 is_outside(__u64 port, __u64 low, __u64 high)
{
	return ((port - low) | (high - port)) >> 63;
}

/*
 * 0 when the rule fits. Without branches, of which the kernel's verifier would follow every combination in every rule.
 * As routers do: what is in the first fragment alone cannot be asked of a later one.
 */
static __always_inline __u64 misses(const struct filter_rule *rule, const struct judged *packet)
{
	__u64 addresses = ((packet->family ^ rule->family) & rule->family_bits) |
			  ((packet->protocol ^ rule->protocol) & rule->protocol_bits) |
			  ((packet->source ^ rule->source) & rule->source_bits) |
			  ((packet->destination ^ rule->destination) & rule->destination_bits);
	__u64 transport = (is_outside(packet->source_port, rule->source_low, rule->source_high) ^ rule->other_source) |
			  (is_outside(packet->destination_port, rule->destination_low, rule->destination_high) ^
			   rule->other_destination) |
			  (packet->bare & rule->established);

	return addresses | (transport & (packet->later_fragment ^ 1)) | (rule->deny_transport & packet->later_fragment);
}

/* Whether the access list of a kind of tunnels denies the packet whose IP header is at `offset`. */
static __always_inline int is_denied(struct __sk_buff *skb, __u32 kind, const struct inner *inner, __u32 offset)
{
	struct filter *filter = bpf_map_lookup_elem(&filters, &kind);
	struct judged packet = {};
	__u32 first, count, i;
	__be16 ports[2];

	if (!filter || !filter->count)
		return 0;
	first = filter->first;
	count = filter->count;
	packet.family = inner->protocol == IPV4 ? 4 : 6;
	packet.protocol = inner->next;
	packet.later_fragment = inner->later_fragment & 1;
	packet.bare = 1;
	packet.source = inner->source.s6_addr32[0];
	packet.destination = inner->destination.s6_addr32[0];
	offset += inner->length;
	if (!packet.later_fragment && (packet.protocol == IPPROTO_TCP || packet.protocol == IPPROTO_UDP)) {
		__u8 tcp_flags = 0;

		if (!bpf_skb_load_bytes(skb, offset, ports, sizeof(ports))) {
			packet.source_port = bpf_ntohs(ports[0]);
			packet.destination_port = bpf_ntohs(ports[1]);
		}
		if (packet.protocol == IPPROTO_TCP)
			bpf_skb_load_bytes(skb, offset + 13, &tcp_flags, 1);
		packet.bare = !(tcp_flags & ACK_OR_RST);
	}
	forget(skb, &packet);
	for (i = 0; i < MAXIMUM_RULES && i < count; i++) {
		__u32 index = first + i;
		struct filter_rule *rule = bpf_map_lookup_elem(&filter_rules, &index);
		__u64 *hits;

		if (!rule)
			break;
		if (misses(rule, &packet))
			continue;
		hits = bpf_map_lookup_elem(&filter_hits, &index);
		if (hits)
			__sync_fetch_and_add(hits, 1);
		return rule->deny;
	}
	return 1;
}
