// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "inner.h"
#include "kernel.h"

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68

/* To a DHCPv4 server; with `client`, only what a client sends and not a relay. */
static __always_inline int is_dhcp(struct __sk_buff *skb, int client)
{
	struct iphdr ip;
	struct udphdr udp;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.protocol != IPPROTO_UDP ||
	    ip.frag_off & bpf_htons(FRAGMENT_OFFSET))
		return 0;
	if (bpf_skb_load_bytes(skb, ETH_HLEN + ip.ihl * 4, &udp, sizeof(udp)))
		return 0;
	return udp.dest == bpf_htons(DHCP_SERVER_PORT) && (!client || udp.source == bpf_htons(DHCP_CLIENT_PORT));
}
