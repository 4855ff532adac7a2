// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "bindings.h"
#include "core.h"
#include "counters.h"
#include "deliver.h"
#include "drop.h"
#include "filter.h"
#include "inner.h"
#include "member.h"
#include "moved-port.h"
#include "read-outer.h"
#include "scratch.h"
#include "vlan.h"

/* Why a packet does not belong to the binding with this path and key; -1 when it does. */
static __always_inline int mismatch(__u32 index, __be32 key, const struct outer *outer)
{
	struct path *path = bpf_map_lookup_elem(&paths, &index);
	int other_port = 0;

	if (!path || !same_address(&outer->source, path->remote) || !same_address(&outer->destination, path->local))
		return DROP_TUNNEL_WRONG_PEER;
	if (outer->form != path->form)
		return DROP_TUNNEL_WRONG_TYPE;
	if (outer->form & FORM_UDP) {
		other_port = outer->source_port != path->remote_port;
		if (outer->destination_port != path->local_port || (other_port && !path->translated))
			return DROP_TUNNEL_WRONG_PORT;
	}
	if (outer->form & FORM_KEY && outer->key != key)
		return DROP_TUNNEL_WRONG_KEY;
	return other_port && !follow_port(path, outer->source_port) ? DROP_TUNNEL_WRONG_PORT : -1;
}

static __always_inline int is_peer(const struct in6_addr *address)
{
	struct endpoint *peer = bpf_map_lookup_elem(&endpoints, address);

	return peer && peer->flags & ENDPOINT_PEER;
}

static __always_inline __u32 customer_of_tunnel(const struct outer *outer)
{
	struct tunnel tunnel = {
		.local = outer->destination,
		.remote = outer->source,
		.key = outer->key,
		.has_key = !!(outer->form & FORM_KEY),
	};
	__u32 *customer = bpf_map_lookup_elem(&tunnels, &tunnel);

	return customer ? *customer : 0;
}

/*
 * Of a large packet that was put together in front of the tunnel, the TLV header stands before each segment that will be cut of it. Where whole datagrams
 * were put together behind it, there is one before each packet.
 */
static __always_inline int is_said_of_segments(struct __sk_buff *skb, const struct outer *outer, const struct inner *inner)
{
	__u32 offset = ETH_HLEN + outer->length;

	return !(outer->form & FORM_TLV) || (is_even(skb, offset, inner) && outer->said == segment_length(skb, offset, inner));
}

/*
 * What came out of a tunnel for or from nobody who is bound. RFC 5213 §6.10.5 "Forwarding Rules": "If the mobile access gateway cannot find the
 * connected interface for that destination address, it MUST silently drop the packet." §6.3 "Supported Access Link Types": "the mobile node and the
 * mobile access gateway are the only two nodes on the access link": what is for many at once would reach others than the one that the tunnel is for,
 * where no key says which one that is.
 */
static __always_inline int nobodys(const struct outer *outer, const struct inner *inner)
{
	if (!is_peer(&outer->source))
		return drop(DROP_TUNNEL_UNKNOWN_PEER);
	return drop(inner->multicast ? DROP_MULTICAST : DROP_TUNNEL_NO_BINDING);
}

/*
 * Ingress of a transport interface. At the anchor the inner source, at the gateway the inner destination says which binding a packet
 * belongs to, and it must have come through the tunnel of that binding. What is no tunnel packet may come from correspondent nodes there. A frame of a
 * VLAN is one of another link.
 */
SEC("tc/decap")
int decap(struct __sk_buff *skb)
{
	struct scratch *scratch = new_scratch();
	struct anchor anchor;
	struct endpoint *local;
	struct outer *outer;
	struct inner *inner;
	struct way *way;
	__u32 customer, octets;
	int anchored, wrong, verdict;

	if (!scratch)
		return TC_ACT_SHOT;
	outer = &scratch->outer;
	inner = &scratch->inner;
	way = &scratch->way;
	if (is_of_vlan(skb) || skb->pkt_type != PACKET_HOST)
		return PASS;
	if (read_outer(skb, outer))
		return from_core(skb, inner);
	barrier();
	local = bpf_map_lookup_elem(&endpoints, &outer->destination);
	if (!local || !(local->flags & ENDPOINT_LOCAL))
		return from_core(skb, inner);
	if (outer->malformed ||
	    outer->total < outer->length + (outer->protocol == IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) ||
	    read_inner(skb, ETH_HLEN + outer->length, outer->protocol, inner))
		return drop(DROP_MALFORMED);
	barrier();
	if (skb->gso_size && outer->form & FORM_UDP) {
		/* Datagrams that were put together: the stack takes them apart. */
		if (inner->total != outer->total - outer->length)
			return PASS;
		if (!is_said_of_segments(skb, outer, inner))
			return drop(DROP_MALFORMED);
	}
	customer = local->flags & ENDPOINT_SHARED ? customer_of_tunnel(outer) : 0;
	anchored = find_anchor(customer, inner->protocol, &inner->source, &anchor);
	wrong = anchored ? mismatch(anchor.receive_path, anchor.receive_key, outer) : 0;
	if (anchored && wrong < 0) {
		way->kind = FILTER_ANCHOR;
		way->path = anchor.receive_path;
		way->counters = anchor.place;
	} else {
		struct access_binding *access = receiver(customer, outer, inner);
		int wrong_access = access ? mismatch(access->path, access->receive_key, outer) : 0;

		if (!access || wrong_access >= 0) {
			if (anchored)
				return drop(wrong);
			if (access)
				return drop(wrong_access);
			return nobodys(outer, inner);
		}
		way->kind = FILTER_ACCESS;
		way->path = access->path;
		way->counters = access->counters;
		way->device = access->device;
		__builtin_memcpy(way->member, access->mac, sizeof(access->mac));
	}
	if (is_keepalive(inner))
		return drop(DROP_KEEPALIVE);
	if (inner->multicast && way->kind == FILTER_ANCHOR)
		return drop(DROP_MULTICAST);
	barrier();
	if (is_denied(skb, way->kind, inner, ETH_HLEN + outer->length))
		return drop(DROP_DENIED);
	octets = outer->total - outer->length;
	mark_customer(skb, customer);
	verdict = deliver(skb, outer, inner, local->pmip, way);
	if (verdict != TC_ACT_REDIRECT)
		return verdict;
	if (way->kind == FILTER_ANCHOR) {
		count_anchored_up(way->counters, octets);
		count_path_up(way->path, FILTER_ANCHOR, octets);
	} else {
		count_down(way->counters, octets);
		count_path_down(way->path, FILTER_ACCESS, octets);
	}
	return verdict;
}
