// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "arp.h"
#include "bindings.h"
#include "customer.h"
#include "dhcp.h"
#include "drop.h"
#include "express-in.h"
#include "solicitation.h"
#include "vlan.h"

static __always_inline int from_its_station(const struct access_binding *b, __u32 device, const __u8 *mac)
{
	return b->device == device && same_mac(b->mac, mac);
}

static __always_inline int is_gateway6(__u32 device, const struct in6_addr *address)
{
	struct gateway gateway = { .device = device, .address = *address };

	return !!bpf_map_lookup_elem(&gateways, &gateway);
}

static __always_inline int is_gateway4(__u32 device, __be32 address)
{
	struct in6_addr mapped;

	map_address(&mapped, address);
	return is_gateway6(device, &mapped);
}

/* Whether a mobile node takes an address for one of its own link. */
static __always_inline int is_in_home_subnet(const struct access_binding *b, __be32 own, __be32 address)
{
	__u32 other_bits = 32 - b->prefix_length;

	return other_bits < 32 && !(bpf_ntohl(own ^ address) >> other_bits);
}

/*
 * RFC 5844 §3.2.4 "Routing Considerations for the Mobile Access Gateway": "if this IP address matches the mobile node's IPv4 home subnet, it SHOULD transmit a Proxy ARP
 * Reply." Never for the node's own address, which it may be probing. For the gateway's the stack would answer too, and learn of neighbours that
 * are none.
 */
static __always_inline int arp_from_access(struct __sk_buff *skb, __u32 index, const struct device *device, const __u8 *mac)
{
	struct access_binding *b;
	struct arp arp;

	if (load_arp(skb, &arp))
		return drop(DROP_MALFORMED);
	b = find_access4(device->customer, arp.sender);
	if (b && !from_its_station(b, index, mac))
		return drop(DROP_SPOOFED_SOURCE);
	if (is_gateway4(index, arp.sender))
		return drop(DROP_SPOOFED_GATEWAY);
	if (!is_arp_question(&arp))
		return PASS;
	if (is_gateway4(index, arp.target))
		return answer_arp(skb, &arp, device->mac, mac);
	if (!b || !is_in_home_subnet(b, arp.sender, arp.target))
		return PASS;
	count_answer(ANSWERS_FOR_HOME_SUBNET);
	return answer_arp(skb, &arp, device->mac, mac);
}

/*
 * ICMPv6 of a mobile node. Solicitations for the gateway are answered to it alone, as by the stack, which would answer duplicate address detection to the whole link, and
 * learn of neighbours that are none. It would learn from those for routers too, which the packet socket has.
 */
static __always_inline int discovery_from_access(struct __sk_buff *skb, __u32 index, const struct device *device, const __u8 *mac)
{
	struct solicitation solicitation;
	struct advertisement answer = {};
	__u8 type;

	if (bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(struct ipv6hdr), &type, sizeof(type)))
		return PASS;
	if (type == ROUTER_SOLICITATION)
		return TC_ACT_SHOT;
	if (type != NEIGHBOR_SOLICITATION || read_solicitation(skb, &solicitation) || !is_gateway6(index, &solicitation.target))
		return PASS;
	advertise(&answer, &solicitation, &solicitation.target, device->mac, device->router ? ROUTER | OVERRIDE : OVERRIDE);
	return answer_solicitation(skb, &answer, device->mac, mac);
}

/* `of`: whose packet it is; none when it is let pass and nobody's. */
static __always_inline int ipv4_from_access(struct __sk_buff *skb, __u32 device, __u32 customer, const __u8 *mac, struct access_binding **of)
{
	struct access_binding *b;
	struct endpoint *end;
	struct iphdr ip;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
		return drop(DROP_MALFORMED);
	if (is_dhcp(skb, 1))
		return TC_ACT_SHOT; /* the packet socket has it; the stack would answer that the port is unreachable */
	if (is_nobodys4(ip.saddr))
		return drop(DROP_INVALID_SOURCE);
	*of = b = find_access4(customer, ip.saddr);
	if (b ? !from_its_station(b, device, mac) : !!find_endpoint4(ip.saddr))
		return drop(DROP_SPOOFED_SOURCE);
	if (!b && is_gateway4(device, ip.saddr))
		return drop(DROP_SPOOFED_GATEWAY);
	end = find_endpoint4(ip.daddr);
	if (end && end->flags & ENDPOINT_LOCAL)
		return drop(DROP_FOR_TUNNEL_END);
	if (is_multicast4(ip.daddr))
		return is_multicast_of_link4(ip.daddr) ? PASS : drop(DROP_MULTICAST);
	return b || is_gateway4(device, ip.daddr) ? PASS : drop(DROP_NO_BINDING);
}

static __always_inline int ipv6_from_access(struct __sk_buff *skb, __u32 index, const struct device *device, const __u8 *mac, struct access_binding **of)
{
	struct access_binding *b = 0;
	struct endpoint *end;
	struct ipv6hdr ip;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)))
		return drop(DROP_MALFORMED);
	if (is_nobodys6(&ip.saddr))
		return drop(DROP_INVALID_SOURCE);
	if (!is_link_local6(&ip.saddr) && !is_unspecified6(&ip.saddr)) {
		*of = b = find_access6(device->customer, &ip.saddr);
		if (b ? !from_its_station(b, index, mac) : !!bpf_map_lookup_elem(&endpoints, &ip.saddr))
			return drop(DROP_SPOOFED_SOURCE);
	}
	if (!b && is_gateway6(index, &ip.saddr))
		return drop(DROP_SPOOFED_GATEWAY);
	end = bpf_map_lookup_elem(&endpoints, &ip.daddr);
	if (end && end->flags & ENDPOINT_LOCAL)
		return drop(DROP_FOR_TUNNEL_END);
	if (is_multicast6(&ip.daddr) && !is_multicast_of_link6(&ip.daddr))
		return drop(DROP_MULTICAST);
	if (!b && !is_multicast6(&ip.daddr) && !is_link_local6(&ip.daddr) && !is_gateway6(index, &ip.daddr))
		return drop(DROP_NO_BINDING);
	return ip.nexthdr == IPPROTO_ICMPV6 && ip.hop_limit == ND_HOP_LIMIT ? discovery_from_access(skb, index, device, mac) : PASS;
}

/*
 * Ingress of an access interface: a source address that belongs to a binding must come from its mobile node; that of a tunnel's end, of the
 * gateway, or of nobody cannot be here. Nothing here has business with this node's end of the tunnels, which is where its peers signal to.
 * What has no binding otherwise gets no further than to the gateway: the stack would drop some of it without a word, as addresses of the link, of this host, or of
 * nobody. What the link's own protocols use passes, multicast beyond it does not.
 */
SEC("tc/access_in")
int access_in(struct __sk_buff *skb)
{
	__u32 index = skb->ifindex;
	struct device *device = bpf_map_lookup_elem(&devices, &index);
	struct access_binding *of = 0;
	struct ethhdr eth;
	int verdict = PASS;

	/* A frame of a VLAN is one of another link. */
	if (!device || is_of_vlan(skb) || bpf_skb_load_bytes(skb, 0, &eth, sizeof(eth)))
		return PASS;
	if (same_mac(eth.h_source, device->mac))
		return drop(DROP_SPOOFED_GATEWAY);
	mark_customer(skb, device->customer);
	if (skb->protocol == ARP)
		return arp_from_access(skb, index, device, eth.h_source);
	if (skb->protocol == IPV4)
		verdict = ipv4_from_access(skb, index, device->customer, eth.h_source, &of);
	else if (skb->protocol == IPV6)
		verdict = ipv6_from_access(skb, index, device, eth.h_source, &of);
	return verdict == PASS && of ? express_from_access(skb, index, of) : verdict;
}
