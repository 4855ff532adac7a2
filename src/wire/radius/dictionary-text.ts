/** The attributes that Mooring reads or sends, in the format of FreeRADIUS's dictionaries, from RFC 2548, 2865, 2866, 2869, 3162, 3579, 5176, 5447, 6572, 6911 and Cisco's. */
export const DICTIONARY_TEXT = `
ATTRIBUTE User-Name 1 string
ATTRIBUTE User-Password 2 string
ATTRIBUTE NAS-IP-Address 4 ipaddr
ATTRIBUTE NAS-Port 5 integer
ATTRIBUTE Service-Type 6 integer
ATTRIBUTE Framed-IP-Address 8 ipaddr
ATTRIBUTE Framed-IP-Netmask 9 ipaddr
ATTRIBUTE Framed-MTU 12 integer
ATTRIBUTE Login-IP-Host 14 ipaddr
ATTRIBUTE Login-Service 15 integer
ATTRIBUTE Reply-Message 18 string
ATTRIBUTE State 24 octets
ATTRIBUTE Class 25 octets
ATTRIBUTE Session-Timeout 27 integer
ATTRIBUTE Idle-Timeout 28 integer
ATTRIBUTE Called-Station-Id 30 string
ATTRIBUTE Calling-Station-Id 31 string
ATTRIBUTE NAS-Identifier 32 string
ATTRIBUTE Proxy-State 33 octets
ATTRIBUTE Acct-Status-Type 40 integer
ATTRIBUTE Acct-Delay-Time 41 integer
ATTRIBUTE Acct-Input-Octets 42 integer
ATTRIBUTE Acct-Output-Octets 43 integer
ATTRIBUTE Acct-Session-Id 44 string
ATTRIBUTE Acct-Authentic 45 integer
ATTRIBUTE Acct-Session-Time 46 integer
ATTRIBUTE Acct-Input-Packets 47 integer
ATTRIBUTE Acct-Output-Packets 48 integer
ATTRIBUTE Acct-Terminate-Cause 49 integer
ATTRIBUTE Acct-Multi-Session-Id 50 string
ATTRIBUTE Acct-Input-Gigawords 52 integer
ATTRIBUTE Acct-Output-Gigawords 53 integer
ATTRIBUTE Event-Timestamp 55 date
ATTRIBUTE NAS-Port-Type 61 integer
ATTRIBUTE EAP-Message 79 octets
ATTRIBUTE Message-Authenticator 80 octets
ATTRIBUTE Acct-Interim-Interval 85 integer
ATTRIBUTE NAS-Port-Id 87 string
ATTRIBUTE NAS-IPv6-Address 95 ipv6addr
ATTRIBUTE Framed-Interface-Id 96 ifid
ATTRIBUTE Framed-IPv6-Prefix 97 ipv6prefix
ATTRIBUTE Error-Cause 101 integer
ATTRIBUTE MIP6-Feature-Vector 124 integer64
ATTRIBUTE MIP6-Home-Link-Prefix 125 octets
ATTRIBUTE Mobile-Node-Identifier 145 string
ATTRIBUTE Service-Selection 146 string
ATTRIBUTE PMIP6-Home-LMA-IPv6-Address 147 ipv6addr
ATTRIBUTE PMIP6-Visited-LMA-IPv6-Address 148 ipv6addr
ATTRIBUTE PMIP6-Home-LMA-IPv4-Address 149 ipaddr
ATTRIBUTE PMIP6-Visited-LMA-IPv4-Address 150 ipaddr
ATTRIBUTE PMIP6-Home-HN-Prefix 151 ipv6prefix
ATTRIBUTE PMIP6-Visited-HN-Prefix 152 ipv6prefix
ATTRIBUTE PMIP6-Home-Interface-ID 153 ifid
ATTRIBUTE PMIP6-Visited-Interface-ID 154 ifid
ATTRIBUTE PMIP6-Home-IPv4-HoA 155 ipv4prefix
ATTRIBUTE PMIP6-Visited-IPv4-HoA 156 ipv4prefix
ATTRIBUTE PMIP6-Home-DHCP4-Server-Address 157 ipaddr
ATTRIBUTE PMIP6-Visited-DHCP4-Server-Address 158 ipaddr
ATTRIBUTE PMIP6-Home-DHCP6-Server-Address 159 ipv6addr
ATTRIBUTE PMIP6-Visited-DHCP6-Server-Address 160 ipv6addr
ATTRIBUTE PMIP6-Home-IPv4-Gateway 161 ipaddr
ATTRIBUTE PMIP6-Visited-IPv4-Gateway 162 ipaddr
ATTRIBUTE DNS-Server-IPv6-Address 169 ipv6addr

VALUE Service-Type Login 1
VALUE Service-Type Framed 2
VALUE Service-Type Authorize-Only 17
VALUE Acct-Status-Type Start 1
VALUE Acct-Status-Type Stop 2
VALUE Acct-Status-Type Interim-Update 3
VALUE Acct-Status-Type Accounting-On 7
VALUE Acct-Status-Type Accounting-Off 8
VALUE Error-Cause Residual-Session-Context-Removed 201
VALUE Error-Cause Unsupported-Attribute 401
VALUE Error-Cause Missing-Attribute 402
VALUE Error-Cause NAS-Identification-Mismatch 403
VALUE Error-Cause Invalid-Request 404
VALUE Error-Cause Unsupported-Service 405
VALUE Error-Cause Invalid-Attribute-Value 407
VALUE Error-Cause Administratively-Prohibited 501
VALUE Error-Cause Session-Context-Not-Found 503
VALUE Error-Cause Resources-Unavailable 506
VALUE NAS-Port-Type Virtual 5
VALUE NAS-Port-Type Ethernet 15
VALUE NAS-Port-Type Wireless-802.11 19

VENDOR Cisco 9
BEGIN-VENDOR Cisco
ATTRIBUTE Cisco-AVPair 1 string
ATTRIBUTE Cisco-Service-Info 251 string
END-VENDOR Cisco

VENDOR Microsoft 311
BEGIN-VENDOR Microsoft
ATTRIBUTE MS-Primary-DNS-Server 28 ipaddr
ATTRIBUTE MS-Secondary-DNS-Server 29 ipaddr
END-VENDOR Microsoft
`;
