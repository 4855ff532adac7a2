// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
#pragma once
#include "addresses.h"
#include "inner.h"
#include "outer.h"

/* The outer headers of a packet from a tunnel. */
struct outer {
	struct in6_addr source, destination; /* IPv4 mapped into IPv6 */
	__u32 form, length;
	__u32 total; /* of the packet, without what is behind it in the frame; of several put together, all of it */
	__be32 key;
	__be16 source_port, destination_port;
	__be16 protocol; /* of what is inside */
	__u8 ecn;
	__u8 malformed;
	__u16 said; /* octets of the packet inside, by the TLV header */
};

#define ECN_MASK 3
#define ECN_ECT_1 1
#define ECN_ECT_0 2
#define ECN_CE 3
#define GRE_KEY bpf_htons(0x2000)
/* RFC 5844 §4.1.4.1 "Forwarding Considerations", and the port of signalling for peers that use that one for both. */
#define DATA_PORT bpf_htons(5437)
#define SIGNALLING_PORT bpf_htons(5436)

/* The protocol of a packet by its first octet; 0 when it is neither. */
static __always_inline __be16 protocol_of_version(__u8 first)
{
	return first >> 4 == 4 ? IPV4 : first >> 4 == 6 ? IPV6 : 0;
}

/* What follows an outer IP header, or the TLV header; -1 when the stack and the slow path shall see to it. */
static __always_inline int read_payload(struct __sk_buff *skb, __u8 next, struct outer *outer)
{
	struct gre gre;

	if (next == IPPROTO_IPV6 || next == IPPROTO_IPIP) {
		outer->protocol = next == IPPROTO_IPV6 ? IPV6 : IPV4;
		return 0;
	}
	if (next != IPPROTO_GRE || bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, &gre, 4))
		return -1;
	/* Checksums and sequence numbers are for the slow path. */
	if ((gre.flags && gre.flags != GRE_KEY) || (gre.protocol != IPV4 && gre.protocol != IPV6))
		return -1;
	outer->protocol = gre.protocol;
	outer->form |= FORM_GRE;
	outer->length += 4;
	if (gre.flags) {
		if (bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, &outer->key, sizeof(outer->key)))
			return -1;
		outer->form |= FORM_KEY;
		outer->length += 4;
	}
	return 0;
}

/*
 * `octets`: of the datagram, by its IP header.
 *
 * Chooses: a UDP checksum is not verified, as none is in other tunnels; the packet inside has its own.
 */
static __always_inline int read_udp(struct __sk_buff *skb, struct outer *outer, __u32 octets)
{
	struct udphdr udp;
	__u8 first;

	if (bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, &udp, sizeof(udp)))
		return -1;
	if (udp.dest != DATA_PORT && udp.dest != SIGNALLING_PORT)
		return -1;
	outer->form |= FORM_UDP;
	outer->source_port = udp.source;
	outer->destination_port = udp.dest;
	outer->length += sizeof(udp);
	if (bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, &first, sizeof(first)))
		return -1;
	outer->protocol = protocol_of_version(first);
	if (outer->protocol)
		return 0;
	if (first >> 4 == 0) {
		struct tlv tlv;
		int r;

		if (bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, &tlv, sizeof(tlv)))
			return -1;
		/* RFC 5845 §7.1 "Tunneling Format": "if the receiving node found that the payload packet length as calculated from
		 * the UDP header length field is different than its length as calculated from the TLV-header length field, the
		 * receiving node MUST discard the received IP packet." */
		if (!skb->gso_size && (bpf_ntohs(tlv.length) + sizeof(tlv) + sizeof(udp) != bpf_ntohs(udp.len) || bpf_ntohs(udp.len) != octets))
			outer->malformed = 1;
		outer->form |= FORM_TLV;
		outer->length += sizeof(tlv);
		outer->said = bpf_ntohs(tlv.length) + outer->length;
		r = read_payload(skb, tlv.next_header, outer);
		outer->said -= outer->length;
		return r;
	}
	return -1;
}

/* Whether there is less of a packet than its header says; what was put together of several has no length that fits. */
static __always_inline int is_cut(struct __sk_buff *skb, __u32 length)
{
	return !skb->gso_size && length > skb->len - ETH_HLEN;
}

static __always_inline __u32 total(struct __sk_buff *skb, __u32 length)
{
	return skb->gso_size ? skb->len - ETH_HLEN : length;
}

/* 0 when the packet is one of a tunnel that these programs take apart. Fragments are not: the stack reassembles them first. */
static __always_inline int read_outer(struct __sk_buff *skb, struct outer *outer)
{
	__u8 next;

	outer->form = FORM_USED;
	if (skb->protocol == IPV4) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl != 5 || ip.frag_off & bpf_htons(FRAGMENT))
			return -1;
		map_address(&outer->source, ip.saddr);
		map_address(&outer->destination, ip.daddr);
		outer->ecn = ip.tos & ECN_MASK;
		outer->form |= FORM_IPV4;
		outer->length = sizeof(ip);
		outer->malformed = !header_sum_is_right(&ip) || is_cut(skb, bpf_ntohs(ip.tot_len));
		outer->total = total(skb, bpf_ntohs(ip.tot_len));
		if (ip.protocol == IPPROTO_UDP)
			return read_udp(skb, outer, bpf_ntohs(ip.tot_len) - sizeof(ip));
		return read_payload(skb, ip.protocol, outer);
	} else if (skb->protocol == IPV6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, ETH_HLEN, &ip, sizeof(ip)) || ip.version != 6)
			return -1;
		outer->malformed = is_cut(skb, sizeof(ip) + bpf_ntohs(ip.payload_len));
		outer->total = total(skb, sizeof(ip) + bpf_ntohs(ip.payload_len));
		outer->source = ip.saddr;
		outer->destination = ip.daddr;
		outer->ecn = (ip.flow_lbl[0] >> 4) & ECN_MASK;
		outer->length = sizeof(ip);
		next = ip.nexthdr;
		if (next == IPPROTO_DSTOPTS) {
			/* RFC 2473 §4.1.1 "Tunnel Encapsulation Limit Option": 8 octets of destination options. */
			__u8 options[2];

			if (bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(ip), options, sizeof(options)) || options[1])
				return -1;
			next = options[0];
			outer->length += 8;
		}
		return read_payload(skb, next, outer);
	}
	return -1;
}
