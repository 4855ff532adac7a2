// SPDX-License-Identifier: GPL-2.0 OR Apache-2.0
// The maps of all programs. Their sizes are set by the loader (src/host/bpf-maps.ts, whose layouts are those of the structures here).
#pragma once
#include "kernel.h"

/* What stands in front of the mobile node's packet, as src/dataplane/tunnel-form.ts has it. 0: the path is not in use. */
enum form { FORM_USED = 1, FORM_IPV4 = 2, FORM_UDP = 4, FORM_TLV = 8, FORM_GRE = 16, FORM_KEY = 32 };
enum role { ROLE_NONE, ROLE_ACCESS, ROLE_PMIP, ROLE_CORE };
enum local_routing { LOCAL_ROUTING_AS_GATEWAY, LOCAL_ROUTING_ALLOWED, LOCAL_ROUTING_FORBIDDEN };
/* Shared: what comes there is the customer's whom the map of tunnels names; elsewhere it is the node's own. */
enum endpoint_flag { ENDPOINT_LOCAL = 1, ENDPOINT_PEER = 2, ENDPOINT_SHARED = 4 };

/* In the order of src/dataplane/drop-reason.ts. */
enum drop_reason {
	DROP_NO_BINDING,
	DROP_TUNNEL_NO_BINDING,
	DROP_TUNNEL_UNKNOWN_PEER,
	DROP_TUNNEL_WRONG_PEER,
	DROP_TUNNEL_WRONG_TYPE,
	DROP_TUNNEL_WRONG_PORT,
	DROP_TUNNEL_WRONG_KEY,
	DROP_TUNNEL_CONGESTED,
	DROP_SPOOFED_SOURCE,
	DROP_MALFORMED,
	DROP_MULTICAST,
	DROP_PEER_UNREACHABLE,
	DROP_ENCAPSULATION_FAILED,
	DROP_DECAPSULATION_FAILED,
	DROP_FOR_TUNNEL_END,
	DROP_DENIED,
	DROP_KEEPALIVE,
	DROP_SPOOFED_GATEWAY,
	DROP_INVALID_SOURCE,
	DROP_REASONS,
};

/* For whom answers to questions for a link-layer address are counted. */
enum answers_for { ANSWERS_FOR_ANCHORED, ANSWERS_FOR_HOME_SUBNET };

#define LONGEST_HEADER4 40
#define LONGEST_HEADER6 48

/* A tunnel. Addresses are 8-octet aligned, and IPv4 ones mapped into IPv6. */
struct path {
	__u32 form;
	__u32 transport; /* interface index; 0 when there is no route to the peer */
	__u8 local[16], remote[16];
	__u8 next_hop[16]; /* on the transport: saves a route look-up for each packet; IPv4 in the first four octets */
	__u32 next_hop_family;
	__be16 local_port, remote_port; /* of UDP */
	__u16 header_length, copied_class; /* the bits of the traffic class that are outside too */
	__u8 header[LONGEST_HEADER6]; /* what is put in front of a packet, but for what depends on it */
	__u32 mtu; /* of the packets of mobile nodes */
	__u16 mss4, mss6; /* of their TCP connections over IPv4 and IPv6 */
	__u32 translated; /* 1: a NAT is in front of the remote, and gives it its port */
	__u64 moved_at; /* when that port was last another one, in nanoseconds */
	__u32 moves; /* how often; 0: nothing came yet */
	__u32 customer;
};

/* Of a home address; the address in network order. */
struct key4 {
	__u32 customer;
	__be32 address;
};

/* Of a /64; the first half of the address as it is in the packet. */
struct key6 {
	__u64 prefix;
	__u32 customer;
	__u32 zero;
};

struct counters {
	__u64 up_packets, up_octets, down_packets, down_octets;
};

/*
 * An address or prefix of a binding of the anchor: all that a packet needs of it, in one line of the processor's cache. The daemon changes it while programs read it; what
 * belongs together is one word, and the tag comes last and goes first.
 */
struct anchor_entry {
	__u64 name;	     /* the address with zeros behind it, or the first half of a /64, as in the packet */
	__u32 tag;	     /* one more than twice the customer, and one more still of a /64; 0: free */
	__u32 counters;	     /* the daemon's: index of what else was counted for the binding */
	__u64 send, receive; /* the path, and above it the key of GRE */
	struct counters counted;
};

/* An entry is in one of two buckets, as the hash of what it is found by says; in the place of the first bucket is the head of the table. */
#define ANCHORS_IN_BUCKET 4
#define ANCHOR_HASH_BITS 28

struct anchor_head {
	__u32 buckets, seed; /* in the place of a name */
	__u64 zero[7];
	/* The daemon's, beside the line that programs read: the entry that is being changed or taken away, so that the next daemon can complete what a killed one has begun. */
	__u32 changing, into; /* places; 0: none */
	__u32 summed; /* 1: the sums are whole */
	__u32 none;
	struct counters sums; /* that its binding will have */
};

struct access_binding {
	__u32 path;
	__u32 counters;
	__be32 send_key, receive_key;
	__u32 device; /* interface index of the access link */
	__u8 mac[6];
	__u8 local_routing; /* the mobile node's own policy */
	__u8 prefix_length; /* of its home subnet; 0 in IPv6 */
};

struct device {
	__u32 role;
	__u32 customer;
	__u16 mss4, mss6; /* as in a path; 0 for no limit */
	__u32 local_routing; /* of an access link: whether the gateway's policy allows it */
	__u8 mac[6]; /* of an access link: the gateway's */
	__u8 router; /* of IPv6 */
	__u8 zero;
	__u32 mtu; /* of an access link: octets of a packet */
};

/* An address of this node on an access link, an IPv4 one mapped into IPv6. */
struct gateway {
	__u32 device;
	struct in6_addr address;
};

/* A tunnel end point by its address, an IPv4 one mapped into IPv6. */
struct endpoint {
	__u32 flags;
	__u32 pmip; /* of a local one: where its decapsulated packets appear */
};

/* By which its packets are told to be a customer's. */
struct tunnel {
	struct in6_addr local, remote; /* as those of a path */
	__be32 key; /* that it receives, of GRE */
	__u32 has_key;
};

struct station {
	__u32 device;
	__u8 mac[6];
	__u8 zero[2];
};

/* Addresses that seem to be on a link to correspondent nodes, IPv4 ones mapped into IPv6. */
#define PROXIED_RANGE_BITS (8 * (sizeof(__u32) + sizeof(struct in6_addr)))
struct proxied_range {
	__u32 length; /* of what is the same in all, in bits, the device included */
	__u32 device;
	struct in6_addr address;
};

/* Who answers for those of them that mobile nodes have. */
struct proxied {
	__u32 customer;
	__u8 mac[6];
	__u8 zero[2];
	struct in6_addr link_local; /* unspecified: nobody in IPv6 */
};

/* Of the node. */
struct settings {
	__u32 express; /* 1: what the kernel would only route, the programs send on themselves */
	__u32 pmip; /* interface index */
	__u32 decap_l3; /* 1: the kernel can take headers of another family off a packet that stays where it is */
};

/* Of IEEE 802.1Q, on an interface. */
struct vlan {
	__u32 parent;
	__u32 id;
};

/* Of an access list. What does not matter has no bits, and all ports. */
struct filter_rule {
	__be32 source, source_bits, destination, destination_bits; /* of IPv4 */
	__u16 source_low, source_high, destination_low, destination_high;
	__u8 family, family_bits, protocol, protocol_bits;
	__u8 other_source, other_destination; /* 1: all ports but these */
	__u8 established;
	__u8 deny;
	__u8 deny_transport; /* and looks at ports or flags */
	__u8 zero[3];
};

/* An access list: so many rules from the first one; without rules all is permitted. */
struct filter {
	__u32 first, count;
};

#define MAP(name, kind, key_type, value_type) \
	struct { \
		__uint(type, kind); \
		__uint(max_entries, 1); \
		__type(key, key_type); \
		__type(value, value_type); \
	} name SEC(".maps")

MAP(paths, BPF_MAP_TYPE_ARRAY, __u32, struct path);
MAP(anchors, BPF_MAP_TYPE_ARRAY, __u32, struct anchor_entry);
MAP(access4, BPF_MAP_TYPE_HASH, struct key4, struct access_binding);
MAP(access6, BPF_MAP_TYPE_HASH, struct key6, struct access_binding);
MAP(counters, BPF_MAP_TYPE_ARRAY, __u32, struct counters);
MAP(path_counters, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct counters); /* two of each path: for bindings of the anchor and of the gateway */
MAP(settings, BPF_MAP_TYPE_ARRAY, __u32, struct settings);
MAP(devices, BPF_MAP_TYPE_HASH, __u32, struct device);
MAP(endpoints, BPF_MAP_TYPE_HASH, struct in6_addr, struct endpoint);
MAP(gateways, BPF_MAP_TYPE_HASH, struct gateway, __u32);
MAP(tunnels, BPF_MAP_TYPE_HASH, struct tunnel, __u32); /* to the customer */
MAP(stations, BPF_MAP_TYPE_HASH, struct station, __u32);
MAP(vlans, BPF_MAP_TYPE_HASH, struct vlan, __u32); /* to the device that stands for it */
MAP(vlan_devices, BPF_MAP_TYPE_HASH, __u32, struct vlan);
MAP(proxied_ranges, BPF_MAP_TYPE_LPM_TRIE, struct proxied_range, struct proxied);
MAP(answers, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64); /* given, by whom they were for */
MAP(drops, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64);
MAP(last_unreachable, BPF_MAP_TYPE_ARRAY, __u32, __u64); /* when the daemon last got one for nobody, in nanoseconds */
MAP(filters, BPF_MAP_TYPE_ARRAY, __u32, struct filter);
MAP(filter_rules, BPF_MAP_TYPE_ARRAY, __u32, struct filter_rule);
MAP(filter_hits, BPF_MAP_TYPE_ARRAY, __u32, __u64);
