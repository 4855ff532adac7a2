// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "dhcp.h"
#include "maps.h"
#include "vlan.h"

#define WHOLE_FRAME 0xffff
#define IGNORE 0
#define FIRST_LENGTH_OF_ETHERTYPE 0x600
#define ICMPV6_ROUTER_SOLICITATION 133
#define ICMPV6_NEIGHBOR_SOLICITATION 135
#define ICMPV6_NEIGHBOR_ADVERTISEMENT 136

#define DHCPV6_SERVER_PORT 547

/* Neighbor discovery, to a DHCPv6 server, or behind hop-by-hop options, as the reports of multicast listeners are. */
static __always_inline int is_discovery(struct __sk_buff *skb)
{
	struct ipv6hdr ip;
	struct udphdr udp;
	__u8 type;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
		return 0;
	if (ip.nexthdr == IPPROTO_HOPOPTS)
		return 1;
	if (ip.nexthdr == IPPROTO_UDP)
		return !bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &udp, sizeof(udp)) &&
		       udp.dest == bpf_htons(DHCPV6_SERVER_PORT);
	if (ip.nexthdr != IPPROTO_ICMPV6 || bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), &type, 1))
		return 0;
	return type == ICMPV6_ROUTER_SOLICITATION || type == ICMPV6_NEIGHBOR_SOLICITATION ||
	       type == ICMPV6_NEIGHBOR_ADVERTISEMENT;
}

/*
 * For the daemon's packet socket on an access interface: what the link's own protocols are made of, and anything from a station that is
 * not attached, as the first sign of its being there.
 */
SEC("socket/access")
int access_filter(struct __sk_buff *skb)
{
	struct station station = { .device = skb->ifindex };
	struct ethhdr eth;

	/* A frame of a VLAN is one of another link. */
	if (is_of_vlan(skb))
		return IGNORE;
	if (bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)))
		return IGNORE;
	if (eth.h_proto == ARP || bpf_ntohs(eth.h_proto) < FIRST_LENGTH_OF_ETHERTYPE)
		return WHOLE_FRAME;
	if (eth.h_proto == IPV6 && is_discovery(skb))
		return WHOLE_FRAME;
	if (eth.h_proto == IPV4 && is_dhcp(skb, 0))
		return WHOLE_FRAME;
	__builtin_memcpy(station.mac, eth.h_source, sizeof(station.mac));
	return bpf_map_lookup_elem(&stations, &station) ? IGNORE : WHOLE_FRAME;
}
