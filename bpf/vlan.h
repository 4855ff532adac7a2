// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// VLANs of IEEE 802.1Q as interfaces of their own, also where the kernel has no such devices: a device stands for each, whose frames
// these programs put on its parent with the tag, and take from there. The kernel has moved the tag from the frame into the packet's
// fields by then, whether the network card did or not.
#pragma once
#include "drop.h"
#include "kernel.h"
#include "maps.h"

#define VLAN_PROTOCOL bpf_htons(ETH_P_8021Q)
#define VLAN_MASK 0xfff

/* One of the priority only, without a number, is none. */
static __always_inline int is_of_vlan(const struct __sk_buff *skb)
{
	return skb->vlan_present && skb->vlan_tci & VLAN_MASK;
}

/* Ingress of a parent. Frames of other VLANs are the kernel's. */
SEC("tc/vlan_in")
int vlan_in(struct __sk_buff *skb)
{
	struct vlan vlan = { .parent = skb->ifindex, .id = skb->vlan_tci & VLAN_MASK };
	__u32 *device;

	if (!skb->vlan_present || skb->vlan_proto != VLAN_PROTOCOL)
		return PASS;
	device = bpf_map_lookup_elem(&vlans, &vlan);
	if (!device)
		return PASS;
	if (bpf_skb_vlan_pop(skb))
		return drop(DROP_DECAPSULATION_FAILED);
	return bpf_redirect(*device, BPF_F_INGRESS);
}

/* Egress of the device of a VLAN. */
SEC("tc/vlan_out")
int vlan_out(struct __sk_buff *skb)
{
	__u32 device = skb->ifindex;
	struct vlan *vlan = bpf_map_lookup_elem(&vlan_devices, &device);

	if (!vlan || bpf_skb_vlan_push(skb, VLAN_PROTOCOL, vlan->id))
		return drop(DROP_ENCAPSULATION_FAILED);
	return bpf_redirect(vlan->parent, 0);
}
