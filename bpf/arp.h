// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// RFC 826, of IPv4 over Ethernet.
#pragma once
#include "answers.h"
#include "kernel.h"

#define ARP_ETHERNET bpf_htons(1)
#define ARP_REQUEST bpf_htons(1)
#define ARP_REPLY bpf_htons(2)

struct arp {
	__be16 hardware, protocol;
	__u8 hardware_length, protocol_length;
	__be16 operation;
	__u8 sender_mac[ETH_ALEN];
	__be32 sender;
	__u8 target_mac[ETH_ALEN];
	__be32 target;
} __attribute__((packed));

static __always_inline int load_arp(struct __sk_buff *skb, struct arp *arp)
{
	return bpf_skb_load_bytes(skb, ETH_HLEN, arp, sizeof(*arp));
}

/* Whether somebody asks for the link-layer address of another. */
static __always_inline int is_arp_question(const struct arp *arp)
{
	return arp->hardware == ARP_ETHERNET && arp->protocol == IPV4 && arp->hardware_length == ETH_ALEN &&
	       arp->protocol_length == sizeof(arp->sender) && arp->operation == ARP_REQUEST && arp->sender != arp->target;
}

/* The frame becomes the reply that `mac` has the address which was asked for, and goes back to `asker` alone. */
static __always_inline int answer_arp(struct __sk_buff *skb, const struct arp *question, const __u8 *mac, const __u8 *asker)
{
	struct arp reply = *question;

	reply.operation = ARP_REPLY;
	__builtin_memcpy(reply.sender_mac, mac, ETH_ALEN);
	reply.sender = question->target;
	__builtin_memcpy(reply.target_mac, asker, ETH_ALEN);
	reply.target = question->sender;
	return send_answer(skb, mac, asker, &reply, sizeof(reply));
}
