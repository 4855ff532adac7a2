// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// What the kernel calls things, and what all of these programs return.
#pragma once
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IPV4 bpf_htons(ETH_P_IP)
#define IPV6 bpf_htons(ETH_P_IPV6)
#define ARP bpf_htons(ETH_P_ARP)

/* Let the next filter, and then the stack, have the packet. TC_ACT_OK would clear tc_index. */
#define PASS TC_ACT_UNSPEC
/* What memory has is not known behind it, to the compiler. */
#define barrier() asm volatile("" ::: "memory")
/* Whether a length, a variable of 64 bits, is so; the verifiers of older kernels learn both bounds by one comparison with no bound of 0. */
#define is_between(length, least, most) \
	({ \
		__u64 over = (length) - (least); \
		int between = 0; \
\
		asm volatile("" : "+r"(over)); \
		if (over <= (most) - (least)) { \
			asm volatile("" : "+r"(over)); \
			(length) = over + (least); \
			between = 1; \
		} \
		between; \
	})
#define EALREADY 114
#define FAMILY_INET6 10
