/** Configurations as the deployment guide prints them, prompts stripped. */

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

export const magRadiusAndDefault = `!
ipv6 unicast-routing
!
ip dhcp pool pmipv6_dummy_pool
!
ipv6 mobile pmipv6-domain D1
replay-protection timestamp window 200
mn-profile-load-aaa
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

export const magRadius = `!
ipv6 unicast-routing
!
ip dhcp pool pmipv6_dummy_pool
!
ipv6 mobile pmipv6-domain D1
  replay-protection timestamp window 200
  mn-profile-load-aaa
  lma lma1
  ipv6-address 2001:DB8:CAFE:1024::101
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
aaa new-model
!
aaa group server radius CAR-AAA
server 203.0.113.115 auth-port 1812 acct-port 1813
!
aaa authentication login default none
aaa authorization ipmobile default group CAR-AAA
!
aaa session-id common
!
radius-server attribute 6 on-for-login-auth
radius-server attribute 8 include-in-access-req
radius-server attribute 32 include-in-access-req
radius-server attribute 32 include-in-accounting-req
radius-server attribute 55 include-in-acct-req
radius-server attribute 55 access-request include
radius-server attribute 31 mac format ietf lower-case
radius-server attribute 31 send nas-port-detail mac-only
radius-server retransmit 2
radius-server timeout 3
radius-server vsa send accounting
radius-server vsa send authentication
!
radius-server host 203.0.113.115 auth-port 1812 acct-port 1813 key aaacisco
!
`;
