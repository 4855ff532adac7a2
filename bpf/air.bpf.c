// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0
// The radio of the lab: joins the mobile node's link to that of the chosen access point, and to no other.
//
// The same program is attached at the ingress of all three interfaces of the namespace `air`. A roam is one update of one map entry;
// the mobile node's carrier never drops.
// Built with:  make -C bpf
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

enum { STATION, CHOSEN, SLOTS };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLOTS);
	__type(key, __u32);
	__type(value, __u32); /* interface index; 0: nobody */
} air SEC(".maps");

SEC("classifier/air")
int forward(struct __sk_buff *skb)
{
	__u32 station_slot = STATION, chosen_slot = CHOSEN;
	__u32 *station = bpf_map_lookup_elem(&air, &station_slot);
	__u32 *chosen = bpf_map_lookup_elem(&air, &chosen_slot);

	if (!station || !chosen || !*chosen)
		return TC_ACT_SHOT;
	if (skb->ifindex == *station)
		return bpf_redirect(*chosen, 0);
	if (skb->ifindex == *chosen)
		return bpf_redirect(*station, 0);
	return TC_ACT_SHOT;
}

char _license[] SEC("license") = "GPL";
