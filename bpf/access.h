// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "bindings.h"
#include "dhcp.h"
#include "drop.h"
#include "vlan.h"

static __always_inline int from_its_station(const struct access_binding *b, __u32 device, const __u8 *mac)
{
	return b->device == device && same_mac(b->mac, mac);
}

/*
 * Ingress of an access interface: a source address that belongs to a binding must come from its mobile node, and that of a tunnel's end
 * cannot be here. Nothing here has business with this node's end of the tunnels, which is where its peers signal to. Other addresses without a binding get no further than to encap; what the link's own protocols use passes.
 */
SEC("tc/access_in")
int access_in(struct __sk_buff *skb)
{
	__u32 index = skb->ifindex;
	struct device *device = bpf_map_lookup_elem(&devices, &index);
	struct access_binding *b;
	struct endpoint *end;
	struct ethhdr eth;

	/* A frame of a VLAN is one of another link. */
	if (!device || (skb->vlan_present && skb->vlan_tci & VLAN_MASK) || bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)))
		return PASS;
	if (skb->protocol == IPV4) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
			return drop(DROP_MALFORMED);
		if (is_dhcp(skb, 1))
			return TC_ACT_SHOT; /* the packet socket has it; the stack would answer that the port is unreachable */
		b = find_access4(device->customer, ip.saddr);
		if (b ? !from_its_station(b, index, eth.h_source) : !!find_endpoint4(ip.saddr))
			return drop(DROP_SPOOFED_SOURCE);
		end = find_endpoint4(ip.daddr);
		if (end && end->flags & ENDPOINT_LOCAL)
			return drop(DROP_FOR_TUNNEL_END);
	} else if (skb->protocol == IPV6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
			return drop(DROP_MALFORMED);
		if (!is_link_local6(&ip.saddr) && !is_unspecified6(&ip.saddr)) {
			b = find_access6(device->customer, &ip.saddr);
			if (b ? !from_its_station(b, index, eth.h_source) : !!bpf_map_lookup_elem(&endpoints, &ip.saddr))
				return drop(DROP_SPOOFED_SOURCE);
		}
		end = bpf_map_lookup_elem(&endpoints, &ip.daddr);
		if (end && end->flags & ENDPOINT_LOCAL)
			return drop(DROP_FOR_TUNNEL_END);
	}
	return PASS;
}
