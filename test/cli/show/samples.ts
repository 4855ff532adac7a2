/** What the guides print of the commands that they show; docs/show.md says where ours differs, and why. */

/** The samples differ among themselves in indent, padding and separators; what counts are labels, values, wording and order. */
export const folded = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '' && line !== '-----');

/** The layout of a mobile node that a default profile serves, which is that of ours; GRE keys are 8 in the guide. */
export const defaultBindingSample = `
Total number of bindings: 1
-----
[Binding][MN]: Domain: D1, Nai: 0024.d78e.21a4
  [Binding][MN]: State: ACTIVE
  [Binding][MN]: Interface: GigabitEthernet0/1/0.3074
  [Binding][MN]: Hoa: 192.0.2.1, att: 4, llid: 0024.d78e.21a4
  [Binding][MN]: HNP: 0
  [Binding][MN][LMA]: Id: lma1
  [Binding][MN][LMA]: lifetime: 3600
  [Binding][MN][GREKEY]: Upstream: 0, Downstream: 0
`;

/** Of one that has a profile here or on a RADIUS server; GRE keys are 5 in the guide. */
export const ownBindingSample = `-----
Total number of bindings: 1
[Binding][MN]: Domain: D1, Nai: mn0@example.com
  [Binding][MN]: State: ACTIVE
  [Binding][MN]: Interface: GigabitEthernet0/1/0.3074
  [Binding][MN]: Hoa: 192.0.2.1, att: 4, llid: 0024.d78e.21a4
  [Binding][MN]: HNP: 0
  [Binding][MN][LMA]: Id: lma1
  [Binding][MN][LMA]: lifetime: 3600
  [Binding][MN][GREKEY]: Upstream: 0, Downstream: 0
`;

/** Of a wireless LAN controller; att is 3 in the guide, whose own capture has 4. */
export const controllerBindingSample = `[Binding][MN]: Domain: D1, Nai: 0023.c2db.292d@ciscotacbangalore.com
[Binding][MN]: State: ACTIVE
[Binding][MN]: Interface: Management
[Binding][MN]: Hoa: 0xc0a8052c, att: 4, llid: 0023.c2db.292d
[Binding][MN][LMA]: Id: LMA1
[Binding][MN][LMA]: lifetime: 3600
[Binding][MN][GREKEY]: Upstream: 100, Downstream: 1
`;

/** The guide leaves out what stands before and behind. */
export const clientDetailSample = `Client Type..... PMIPv6
PMIPv6 State..... Complete
PMIPv6 MAG location..... WLC
`;

export const lmaGlobalsSample = `-----
Domain : D1

LMA Identifier : lma1
  AAA Accounting : Disabled
  Default MN Profile : profile1
  Network : network1
  IPv4 Pool Name : v4
  Prefix Length : 24
  IPv6 Pool Name : v6pool
  Prefix Length : 48
  Max. HNPs : 1
  Max Bindings : 128000
  AuthOption : disabled
  RegistrationLifeTime : 3600 (sec)
  DeleteTime : 10000 (msec)
  CreateTime : 1500 (msec)
  BRI InitDelayTime : 1000 (msec)
  BRI MaxDelayTime : 2000 (msec)
  BRI MaxRetries : 1
  BRI EncapType : IPV6_IN_IPV6
  Fixed Link address is : enabled
  Fixed Link address : aaaa.aaaa.aaaa
  Fixed Link Local address is : enabled
Fixed Link local address      : 0xFE800000 0x0 0x0 0x2
RefreshTime                  : 300 (sec)
Refresh RetxInit time        : 1000 (msec)
Refresh RetxMax time         : 32000 (msec)
Timestamp option             : enabled
Validity Window              : 10

Peer : mag1
Max. HNPs                   : 1
Max Bindings                 : 128000
AuthOption                   : disabled
RegistrationLifeTime         : 3600 (sec)
DeleteTime                   : 10000 (msec)
CreateTime                   : 1500 (msec)
BRI InitDelayTime           : 1000 (msec)
BRI MaxDelayTime            : 2000 (msec)
BRI MaxRetries               : 1
BRI EncapType                : IPV6_IN_IPV6
Fixed Link address is        : enabled
Fixed Link address           : aaaa.aaaa.aaaa
Fixed Link Local address is  : enabled
Fixed Link local address     : 0xFE800000 0x0 0x0 0x2
RefreshTime                  : 300 (sec)
Refresh RetxInit time        : 1000 (msec)
Refresh RetxMax time         : 32000 (msec)
Timestamp option             : enabled
Validity Window              : 10

Peer : mag0
Max. HNPs                   : 1
Max Bindings                 : 128000
AuthOption                   : disabled
RegistrationLifeTime         : 3600 (sec)
DeleteTime                   : 10000 (msec)
CreateTime                   : 1500 (msec)
BRI InitDelayTime           : 1000 (msec)
BRI MaxDelayTime            : 2000 (msec)
BRI MaxRetries               : 1
BRI EncapType                : GRE in IPV4
Fixed Link address is        : enabled
Fixed Link address           : aaaa.aaaa.aaaa
Fixed Link Local address is  : enabled
Fixed Link local address     : 0xFE800000 0x0 0x0 0x2
RefreshTime                  : 300 (sec)
Refresh RetxInit time        : 1000 (msec)
Refresh RetxMax time         : 32000 (msec)
Timestamp option             : enabled
Validity Window              : 10

`;

/** As far as the guide prints it: it breaks off after the first lines of the second peer. */
export const magGlobalsSample = `-----
Domain      : D1
Mag Identifier : M1
  MN's detach discover      : disabled
  Local routing             : disabled
  Mag is enabled on interface : GigabitEthernet0/0/0
Mag is enabled on interface      : GigabitEthernet0/1/0
Max Bindings                    : 3
AuthOption                     : disabled
RegistrationLifeTime            : 3600 (sec)
BRI InitDelayTime              : 1000 (msec)
BRI MaxDelayTime               : 40000 (msec)
BRI MaxRetries                 : 6
BRI EncapType                  : IPV6_IN_IPV6
Fixed Link address is          : enabled
Fixed Link address              : aaaa.aaaa.aaaa
Fixed Link Local address is    : enabled
Fixed Link local address       : 0xFE800000 0x0 0x0 0x2
RefreshTime                    : 300 (sec)
Refresh RetxInit time          : 20000 (msec)
Refresh RetxMax time           : 50000 (msec)
Timestamp option               : enabled
Validity Window                : 7

Peer : LMA1
Max Bindings                    : 3
AuthOption                     : disabled
RegistrationLifeTime            : 3600 (sec)
BRI InitDelayTime              : 1000 (msec)
BRI MaxDelayTime               : 40000 (msec)
BRI MaxRetries                 : 6
BRI EncapType                  : IPV6_IN_IPV6
Fixed Link address is          : enabled
Fixed Link address              : aaaa.aaaa.aaaa
Fixed Link Local address is    : enabled
Fixed Link local address       : 0xFE800000 0x0 0x0 0x2
RefreshTime                    : 300 (sec)
Refresh RetxInit time          : 20000 (msec)
Refresh RetxMax time           : 50000 (msec)
Timestamp option               : enabled
Validity Window                : 7

Peer : LMA2
Max Bindings                    : 3
AuthOption                     : disabled

`;
