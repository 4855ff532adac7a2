import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { WireFault } from '#wire/error.ts';
import { decodeMobilityOptions } from '#wire/mobility/option-list.ts';
import { octets, optionVector } from '../vector.ts';

const v4 = (text: string) => Ipv4Address.parse(text) as Ipv4Address;
const v6 = (text: string) => Ipv6Address.parse(text) as Ipv6Address;

optionVector(
  'RFC 8127 §3',
  `3e 14                    | type, length
   01 06 000a 0001 0020     | 10 units of 4 s, 1 s, 32 s
   02 06 003c 0005 0003     | 60 s, 5 s, 3 times
   63 02 0102               | unknown`,
  {
    kind: 'lma-controlled-mag-parameters',
    subOptions: [
      {
        kind: 'binding-reregistration-control',
        startTime: seconds(40),
        initialRetransmissionTime: seconds(1),
        maximumRetransmissionTime: seconds(32),
      },
      { kind: 'heartbeat-control', interval: seconds(60), retransmissionDelay: seconds(5), maximumRetransmissions: 3 },
      { kind: 'unknown-sub-option', type: 99, data: octets('0102') },
    ],
  },
);

optionVector(
  'RFC 6757 §3',
  `34 27                        | type, length
   01 08 80 03 777773 02 6170   | Network-Identifier: E, "wws", "ap"
   02 06 ef4000 4ba000          | Geo-Location: -33.5, 151.25
   03 04 01 00010b              | Operator-Identifier: PEN 267
   04 05 00 00 444503           | Civic-Location
   05 02 0102                   | MAG-Group-Identifier
   06 02 000a                   | ANI Update-Timer, 40 s`,
  {
    kind: 'access-network-identifier',
    subOptions: [
      { kind: 'network-identifier', utf8: true, networkName: octets('777773'), accessPointName: octets('6170') },
      { kind: 'geo-location', latitudeDegrees: -33.5, longitudeDegrees: 151.25 },
      { kind: 'operator-identifier', operatorType: 1, identifier: octets('00010b') },
      { kind: 'civic-location', format: 0, location: octets('444503') },
      { kind: 'mag-group-identifier', groupIdentifier: 0x0102 },
      { kind: 'ani-update-timer', updateTimer: seconds(40) },
    ],
  },
);

optionVector(
  'RFC 6089 §4.2',
  `2d 36                    | type, length; starts at 0
   0102 0003 00 84          | FID, FID-PRI, status
   02 04 0405 0607          | Binding Reference
   00 00                    | up to 4n
   03 17 01 00              | Traffic Selector, IPv4 binary
   a8c8 0000                | A C E I J M
   c0000201 c6336402        | source, destination
   00000100                 | SPI
   0050 01bb                | destination ports
   06                       | protocol
   04 02 00 0b              | Flow Binding Action: add
   00 00 00                 | up to 4n
   05 06 0000 c0000207      | Target Care-of Address`,
  {
    kind: 'flow-identification',
    flowIdentifier: 0x0102,
    priority: 3,
    status: 132,
    subOptions: [
      { kind: 'binding-reference', bindingIdentifiers: [0x0405, 0x0607] },
      {
        kind: 'traffic-selector',
        selector: {
          kind: 'ipv4-traffic-selector',
          source: { start: v4('192.0.2.1') },
          destination: { start: v4('198.51.100.2') },
          spi: { start: 256 },
          destinationPort: { start: 80, end: 443 },
          protocol: { start: 6 },
        },
      },
      { kind: 'flow-binding-action', action: 11 },
      { kind: 'target-care-of-address', address: v4('192.0.2.7') },
    ],
  },
);

optionVector(
  'RFC 6088 §3.2',
  `2d 3b                    | type, length
   0102 0003 00 00          | FID, FID-PRI, status
   03 33 02 00              | Traffic Selector, IPv6 binary
   c2eb 0000                | A B G I J K M O P
   20010db8000000000000000000000001 20010db80000000000000000000000ff
   000abcde                 | flow label
   0400 0500 01bb           | source ports, destination port
   b8                       | traffic class
   06 11                    | next headers`,
  {
    kind: 'flow-identification',
    flowIdentifier: 0x0102,
    priority: 3,
    status: 0,
    subOptions: [
      {
        kind: 'traffic-selector',
        selector: {
          kind: 'ipv6-traffic-selector',
          source: { start: v6('2001:db8::1'), end: v6('2001:db8::ff') },
          flowLabel: { start: 0xabcde },
          sourcePort: { start: 0x0400, end: 0x0500 },
          destinationPort: { start: 443 },
          trafficClass: { start: 0xb8 },
          nextHeader: { start: 6, end: 17 },
        },
      },
    ],
  },
);

optionVector(
  'RFC 6909 §3.1',
  `35 12                    | type, length
   80000000                 | M
   00 00                    | up to 4n
   03 0a 01 00 8000 0000 c0000201`,
  {
    kind: 'ipv4-traffic-offload-selector',
    tunnelMatches: true,
    selector: { kind: 'ipv4-traffic-selector', source: { start: v4('192.0.2.1') } },
  },
);

optionVector('RFC 6909 §3.1', '35 04 00000000 | a request without wishes', {
  kind: 'ipv4-traffic-offload-selector',
  tunnelMatches: false,
  selector: undefined,
});

optionVector(
  'RFC 7222 §4.1',
  `3a 55                    | type, length
   01 b8 05 000000          | SR-ID, DSCP 46, NEGOTIATE
   01 06 0000 00000001
   02 06 0000 00000002
   03 06 8000 00000003      | S
   04 06 4000 00000004      | E
   05 02 00 96              | PL 9, PC 1, PV 2
   06 06 0000 00000006
   07 06 0000 00000007
   08 06 0000 00000008
   09 06 0000 ffffffff
   0b 09 0000 000028af 07 0102`,
  {
    kind: 'quality-of-service',
    serviceRequest: 1,
    dscp: 46,
    operation: 5,
    attributes: [
      { kind: 'per-mn-aggregate-maximum-downlink', bitsPerSecond: 1 },
      { kind: 'per-mn-aggregate-maximum-uplink', bitsPerSecond: 2 },
      { kind: 'per-session-aggregate-maximum-downlink', service: true, exclude: false, bitsPerSecond: 3 },
      { kind: 'per-session-aggregate-maximum-uplink', service: false, exclude: true, bitsPerSecond: 4 },
      { kind: 'allocation-retention-priority', priorityLevel: 9, preemptionCapability: 1, preemptionVulnerability: 2 },
      { kind: 'aggregate-maximum-downlink', bitsPerSecond: 6 },
      { kind: 'aggregate-maximum-uplink', bitsPerSecond: 7 },
      { kind: 'guaranteed-downlink', bitsPerSecond: 8 },
      { kind: 'guaranteed-uplink', bitsPerSecond: 0xffffffff },
      { kind: 'qos-vendor-specific', vendorId: 10_415, subtype: 7, data: octets('0102') },
    ],
  },
);

optionVector(
  'RFC 7222 §4.2.10',
  `3a 1c 00 00 01 000000
   0a 14 00 01              | attribute, TS Format 1
   c0f0 0000                | A B I J K L
   c0000201 c00002ff        | source range
   0050 01bb b8 b9          | ports, DS`,
  {
    kind: 'quality-of-service',
    serviceRequest: 0,
    dscp: 0,
    operation: 1,
    attributes: [
      {
        kind: 'qos-traffic-selector',
        selector: {
          kind: 'ipv4-traffic-selector',
          source: { start: v4('192.0.2.1'), end: v4('192.0.2.255') },
          destinationPort: { start: 80, end: 443 },
          differentiatedServices: { start: 0xb8, end: 0xb9 },
        },
      },
    ],
  },
);

optionVector('RFC 7028 §5.1', '36 08 | type, length \n 8f 80 0001 | MLDv2, M, one record \n 01020304', {
  kind: 'dynamic-ip-multicast-selector',
  protocol: 143,
  directRouting: true,
  recordCount: 1,
  records: octets('01020304'),
});
optionVector('RFC 7161 §4.1', '38 05 16 e8010203', {
  kind: 'active-multicast-subscription-ipv4',
  igmpType: 0x16,
  context: octets('e8010203'),
});
optionVector('RFC 7161 §4.1', '39 15 83 00000000 ff3e0000000000000000000000000001', {
  kind: 'active-multicast-subscription-ipv6',
  mldType: 131,
  context: octets('00000000 ff3e0000000000000000000000000001'),
});

describe('sub-options at fault', () => {
  it.each([
    ['RFC 8127 §3.1: length', '3e 04 0102 000a', 'bad-length', 3],
    ['RFC 8127 §3.1: past the option', '3e 04 0106 000a', 'truncated', 2],
    ['RFC 6757 §3.1.1: names past the sub-option', '34 06 01 04 80 04 7777', 'bad-length', 5],
    ['RFC 6757 §3.1.1: access point past the sub-option', '34 06 01 04 80 01 77 05', 'bad-length', 5],
    ['RFC 6088 §3.1: an end without a start', '2d 0e 0001 0001 00 00 03 06 0100 4000 0000', 'bad-value', 12],
    ['RFC 6088 §3.1: a field past the selector', '2d 0e 0001 0001 00 00 03 06 0100 8000 0000', 'truncated', 16],
    ['RFC 6088 §3: no flags', '2d 0a 0001 0001 00 00 03 02 0100', 'truncated', 12],
    ['RFC 6089 §4.2.1.3: half an identifier', '2d 09 0001 0001 00 00 02 01 01', 'bad-length', 9],
  ])('[%s] say where', (_clause, text, code, offset) => {
    const bytes = octets(text);
    const fault = decodeMobilityOptions(bytes, 0, bytes.length);
    expect(fault).toBeInstanceOf(WireFault);
    expect(fault).toMatchObject({ code, offset });
  });

  it('[RFC 6089 §4.2.1.4] a selector of another format is kept as it is', () => {
    const bytes = octets('2d 0c 0001 0001 00 00 03 04 63 00 0102');
    expect(decodeMobilityOptions(bytes, 0, bytes.length)).toMatchObject([
      {
        subOptions: [{ selector: { kind: 'unknown-traffic-selector', format: 0x63, data: octets('0102') } }],
      },
    ]);
  });
});
