/** Configurations as the deployment guide and the IOS XE guide print them, prompts stripped. */

export const magDefaultProfile = `!
ipv6 unicast-routing
!
ip dhcp pool pmipv6_dummy_pool
!
ipv6 mobile pmipv6-domain D1
replay-protection timestamp window 200
lma lma1
  ipv6-address 2001:DB8:CAFE:1024::101
  nai default_subscriber_profile_A
  apn example_A.com
  lma lma1
nai default_subscriber_profile_B
  apn example_B.com
  lma lma1
!
ipv6 mobile pmipv6-mag M1 domain D1
  role 3GPP
  discover-mn-detach poll interval 3600 timeout 10 retries 10
  address ipv6 2001:DB8:CAFE:1025::15
  interface GigabitEthernet 0/1/0.4001
    enable pmipv6 default default_subscriber_profile_B
  interface GigabitEthernet 0/1/0.3074
    enable pmipv6 default default_subscriber_profile_A
!
interface GigabitEthernet 0/1/0.3074
  description => Connected to access network
  encapsulation dot1Q 3074
  ip address 10.8.22.15 255.255.255.0
!
interface GigabitEthernet 0/1/0.4001
  description => Connected to access network
  encapsulation dot1Q 4001
  ip address 10.8.51.15 255.255.255.0
!
`;

export const magLocalProfile = `!
ipv6 unicast-routing
!
ip dhcp pool pmipv6_dummy_pool
!
ipv6 mobile pmipv6-domain D1
replay-protection timestamp window 200
lma lma1
  ipv6-address 2001:DB8:CAFE:1024::101
  nai mn0@example.com
  apn example.com
  lma lma1
  int att WLAN l2-addr 0024.d78e.21a4
!
ipv6 mobile pmipv6-mag M1 domain D1
role 3GPP
address ipv6 2001:DB8:CAFE:1025::15
interface GigabitEthernet 0/1/0.3074
interface GigabitEthernet 0/1/0.4001
!
interface GigabitEthernet 0/1/0.3074
description => Connected to access network
encapsulation dot1Q 3074
ip address 10.8.22.15 255.255.255.0
!
interface GigabitEthernet 0/1/0.4001
description => Connected to access network
encapsulation dot1Q 4001
ip address 10.8.51.15 255.255.255.0
!
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
