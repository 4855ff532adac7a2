// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "bindings.h"
#include "counters.h"
#include "deliver.h"
#include "drop.h"
#include "filter.h"
#include "inner.h"
#include "moved-port.h"
#include "read-outer.h"

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

/*
 * Ingress of a transport interface. At the anchor the inner source, at the gateway the inner destination says which binding a packet
 * belongs to, and it must have come through the tunnel of that binding.
 */
SEC("tc/decap")
int decap(struct __sk_buff *skb)
{
	struct outer outer = {};
	struct inner inner = {};
	struct endpoint *local;
	struct anchor_binding *anchor;
	struct access_binding *access = 0;
	__u32 octets, path, device = 0;
	int wrong_anchor, wrong_access, up;

	if (skb->pkt_type != PACKET_HOST || read_outer(skb, &outer))
		return PASS;
	local = bpf_map_lookup_elem(&endpoints, &outer.destination);
	if (!local || !(local->flags & ENDPOINT_LOCAL))
		return PASS;
	if (outer.malformed || outer.total < outer.length + (outer.protocol == IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) ||
	    read_inner(skb, ETH_HLEN + outer.length, outer.protocol, &inner))
		return drop(DROP_MALFORMED);
	octets = outer.total - outer.length;

	anchor = inner.protocol == IPV4 ?
		find_anchor4(local->customer, inner.source.s6_addr32[0]) : find_anchor6(local->customer, &inner.source);
	wrong_anchor = anchor ? mismatch(anchor->path, anchor->receive_key, &outer) : 0;
	up = anchor && wrong_anchor < 0;
	if (!up)
		access = inner.protocol == IPV4 ?
			find_access4(local->customer, inner.destination.s6_addr32[0]) :
			find_access6(local->customer, &inner.destination);
	wrong_access = access ? mismatch(access->path, access->receive_key, &outer) : 0;
	if (up || (access && wrong_access < 0)) {
		if (is_keepalive(&inner))
			return drop(DROP_KEEPALIVE);
		if (is_denied(skb, up ? FILTER_ANCHOR : FILTER_ACCESS, &inner, ETH_HLEN + outer.length))
			return drop(DROP_DENIED);
		if (up && anchor) {
			path = anchor->path;
			count_up(anchor->counters, octets);
		} else if (access) {
			path = access->path;
			device = access->device;
			count_down(access->counters, octets);
		} else
			return drop(DROP_TUNNEL_NO_BINDING);
		return deliver(skb, &outer, &inner, local->pmip, path, device);
	}
	if (anchor)
		return drop(wrong_anchor);
	if (access)
		return drop(wrong_access);
	/* RFC 5213 §6.10.5 "Forwarding Rules": "If the mobile access gateway cannot find the connected interface for that destination address, it MUST
	 * silently drop the packet." */
	{
		struct endpoint *peer = bpf_map_lookup_elem(&endpoints, &outer.source);

		return drop(peer && peer->flags & ENDPOINT_PEER ? DROP_TUNNEL_NO_BINDING : DROP_TUNNEL_UNKNOWN_PEER);
	}
}
