/** Configurations as the IOS XE guide prints them, prompts stripped. */

export const domainLoadAaaOverride = `ipv6 mobile pmipv6-domain D11 load-aaa
ipv6 mobile pmipv6-domain D11
gre-ipv4
auth-option spi 67 key ascii key1
`;

export const domainLoadAaa = `ipv6 mobile pmipv6-domain D1 load-aaa
`;

export const domainLocalLma = `ipv6 mobile pmipv6-domain D2
replay-protection timestamp window 200
auth-option spi 100 key ascii hi
encap ipv6-in-ipv6
!
lma lma1
ipv4-address 10.1.1.1
ipv6-address 2001:0DB8:2:3::1
exit
!
mag mag1
ipv4-address 10.1.3.1
ipv6-address 2001:0DB8:2:5::1
exit
!
nai example@example.com
lma lma1
int att GigabitETHERNET l2-addr 02c7.f800.0422
gre-encap-key up 1234
gre-encap-key down 5678
service ipv4
network-name example1
end
`;

export const domainLocalMag = `ipv6 mobile pmipv6-domain D2
replay-protection timestamp window 200
auth-option spi 100 key ascii hi
encap ipv6-in-ipv6
!
lma lma1
ipv4-address 10.1.1.1
ipv6-address 2001:0DB8:2:3::1
exit
!
mag mag1
ipv4-address 10.1.3.1
ipv6-address 2001:0DB8:2:5::1
exit
!
nai example1@example.com
lma lma1
int att gigabitethernet l2-addr 02c7.f800.0422
gre-encap-key up 1234
gre-encap-key down 5678
service ipv4
end
`;

export const domainMobileMap = `ipv6 mobile pmipv6-domain dn1
mobile-map mobilemap1 10
match access-list LB010ACL
set link-type lte_intf 3g_intf null
exit
mobile-map mobilemap1 20
match access-list icmp
set link-type lte_intf 3g_intf wifi_intf null
end
`;

export const domainUdptunnel = `ipv6 mobile pmipv6-domain D1
encap udptunnel
end
`;

export const lma3gma = `ip local pool v4pool 209.165.201.1 209.165.201.10
ipv6 local pool v6pool 2001:0DB8::/32 64
ipv6 unicast-routing
ipv6 mobile pmipv6-lma lma1 domain dn1
address ipv6 2001:DB8::1
network network1
pool ipv4 v4pool pfxlen 24
pool ipv6 v6pool pfxlen 24
exit
default profile profile1
role 3gma
interface Ethernet 1
rat wlan priority 2
end
`;

export const lmaAccessLists = `ip access-list extended tcp
permit tcp any any
exit
ip access-list extended icmp
permit icmp any any
exit
ip access-list extended udp
permit udp any any
exit
ip access-list extended LB010ACL
permit ip any 10.255.224.0 0.0.0.255
end
`;

export const lmaHeartbeat = `ipv6 mobile pmipv6-lma lma1 domain dn1
heartbeat interval 300 retries 2 label label1 natreboot
end
`;

export const lmaMinimum = `ipv6 mobile pmipv6-domain D2
!
lma lma1
ipv4-address 10.1.1.1
ipv6-address 2001:0DB8:2:3::1
exit
!
lma lma2
ipv4-address 10.2.1.1
ipv6-address 2001:0DB8:2:4::1
exit
!
nai example1@example.com
network-name example1
exit
!
nai example2@example.com
network-name example1
exit
!
ipv6 mobile pmipv6-lma lma1 domain D2
address ipv6 2001:DB8:0:0:E000::F
address ipv4 10.2.1.1
network-name example1
pool ipv4 v4pool pfxlen 24
pool ipv6 v6pool pfxlen 24
exit
default profile example2@example.com
exit
`;

export const lmaMobileMapInterface = `ipv6 mobile pmipv6-lma lma1 domain dn1
mobile-map mobilemap1 10
interface gigabitethernet 0/0/0
end
`;

export const lmaMobileNetworkPools = `ipv6 mobile pmipv6-lma lma1 domain dn1
network name
mobile-network pool 10.20.2.1 pool-prefix 24 network-prefix 30
mobile-network pool 10.20.3.1 pool-prefix 24 network-prefix 30
end
`;

export const lmaMultipathManagement = `ipv6 mobile pmipv6-domain D1
mobile-map MAP1 12
match access-list voice
set link-type lte_intf 3g_intf
ipv6 mobile pmipv6-lma LMA1 domain D1
address ipv4 9.9.9.1
heartbeat interval 15 retries 1
bce maximum 128000
default profile RegularMn
dynamic mag learning
multipath
mobile-map MAP1
tunnel mtu 1360
interface Ethernet0/2
network net1
pool ipv4 v4pool pfxlen 24
mobile-network pool 20.20.2.1 pool-prefix 24 network-prefix 30
mobile-network pool 20.20.1.1 pool-prefix 24 network-prefix 30
mobile-network pool 30.30.2.1 pool-prefix 24 network-prefix 30
network net2
pool ipv4 rv4pool pfxlen 16
network net3
pool ipv4 netpool2 pfxlen 24
mobile-network pool 31.31.1.1 pool-prefix 24 network-prefix 30
mobile-network pool 20.20.4.1 pool-prefix 24 network-prefix 30
mobile-network pool 20.20.3.1 pool-prefix 24 network-prefix 30
mobile-network pool 30.30.5.1 pool-prefix 23 network-prefix 30
end
`;

export const lmaMultipath = `ipv6 mobile pmipv6-lma LMA1 domain D1
multipath
end
`;

export const lmaTunnelAcl = `ip access-list extended acl1
deny ip host 10.2.2.2 any
permit ip any any
ipv6 mobile pmipv6-lma lma1 domain dn1
tunnel acl acl1
end
`;

export const lmaTunnelMtu = `ipv6 mobile pmipv6-lma lma1 domain dn1
tunnel mtu 1360
end
`;

export const lmaVrfAware = `ipv6 mobile pmipv6-lma lma1 domain example.com
hnp maximum 2
heartbeat interval 300 retries 3
bce maximum 2500
bce lifetime 2500
bce delete-wait-time 2000
replay-protection timestamp window 200
bri delay min 500
bri retries 6
dynamic mag learning
dscp control-plane 50
mobility-service mobile-local-loop
customer cust1 vrf vrf1
auth-option spi 87E key ascii key1
heartbeat interval 300 retries 10
network unauthorized
transport vrf transport_vrf
address ipv6 2001:DB8::1
end
`;

export const magMinimum = `ipv6 mobile pmipv6-domain D2
lma lma1
ipv4-address 10.1.1.1
ipv6-address 2001:0DB8:2:3::1
exit
lma lma2
ipv4-address 10.2.1.1
ipv6-address 2001:0DB8:2:4::1
exit
nai example1@example.com
lma lma1
exit
nai example2@example.com
lma lma2
exit
ipv6 mobile pmipv6-mag mag1 domain D2
address ipv6 2001:DB8:0:0:E000::F
address ipv4 10.2.1.1
interface gigabitethernet 0/0/0
role 3gpp
apn a
exit
`;

export const magMultipathManagement = `ipv6 mobile pmipv6-domain D1
mobile-map MAP1 12
match access-list voice
traffic-profile haccess-voice
ipv6 mobile pmipv6-mag MAG1 domain D1
address dynamic
roaming interface Ethernet1/0 priority 1 egress-att LTE label lte_intf
roaming interface Ethernet1/1 priority 2 egress-att 3G label 3g_intf
exit
heartbeat interval 15 retries 1
bce maximum 128000
multipath
mobile-map MAP1
tunnel mtu 1360
interface Ethernet0/2
lma LMA1 D1
mobility-service hybrid-access
profile-definition haccess-voice
jitter 50
rtt 100
packet-loss 2
end
`;

export const magRoamingInterface = `ipv6 mobile pmipv6-mag mag1 domain D1
address dynamic
roaming interface Ethernet 0/0
end
`;
