// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// The data plane of a Local Mobility Anchor and of a Mobile Access Gateway, in tc (clsact) programs and one socket filter.
//
//   access link ──> access_in ──> routing ──> pmip0 ──> encap ──> transport ──> … ──> decap ──> pmip_in ──> routing ──> …
//
// pmip0 is a TAP device. What routing sends there is encapsulated at its egress; what comes out of a tunnel appears at its ingress,
// so that the kernel does hop limits, ICMP errors, fragmentation, filtering, routing and neighbours by its ordinary means. A TAP and
// not a TUN, because redirecting to the ingress of an Ethernet device makes the kernel look at the inner packet afresh.
//
// Needs no BTF and no CO-RE: only __sk_buff, packet octets and maps. Built by the Makefile beside it.
#include "access-filter.h"
#include "access.h"
#include "core.h"
#include "decap.h"
#include "encap.h"
#include "neighbours.h"
#include "send-on.h"
#include "vlan.h"

char _license[] SEC("license") = "GPL";
