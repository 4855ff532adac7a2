// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// The headers in front of the packet of a mobile node, as they are on the wire.
#pragma once
#include "header-sum.h"
#include "kernel.h"
#include "maps.h"

/* tc_index of a packet on its way through pmip0. */
#define DECAPSULATED 0x5000     /* or-ed with the segmented form that it came out of */
#define SEND_ON 0x8000          /* encapsulated: only passes to get its protocol set; or-ed with the index of its path */
#define SEND_ON_MASK 0xc000
#define REST_FOLLOWS 0x3000     /* the last segment of it is set aside */
#define TOO_LONG_FOR_MEMBER 0x2000 /* out of a tunnel, for the daemon */

/* What the kernel's segmentation of a tunnel packet depends on. */
#define SEGMENTED_FORM (FORM_IPV4 | FORM_UDP | FORM_GRE)
#define TO_BE_SEGMENTED 1

struct gre {
	__be16 flags, protocol;
	__be32 key;
};

/* RFC 5845 §7.2 "TLV-Header Tunneling Negotiation". */
struct tlv {
	__u8 type, next_header;
	__be16 length;
};

struct outer4 {
	struct iphdr ip;
	union {
		struct gre gre;
		struct {
			struct udphdr udp;
			struct tlv tlv;
			struct gre gre;
		} in_udp;
	};
};

struct outer6 {
	struct ipv6hdr ip;
	struct gre gre;
};

_Static_assert(sizeof(struct outer4) == LONGEST_HEADER4, "outer4");
_Static_assert(sizeof(struct outer6) == LONGEST_HEADER6, "outer6");
