import { describe, expect, it } from 'vitest';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { milliseconds, seconds, utcTime } from '#base/time.ts';
import { WireFault } from '#wire/error.ts';
import { type MobilityOption, timestampFromUtc, timestampToUtc } from '#wire/mobility/index.ts';
import { decodeMobilityOptions } from '#wire/mobility/option-list.ts';
import { INFINITE } from '#wire/time-units.ts';
import { octets, optionVector } from '../vector.ts';

const address6 = Ipv6Address.parse('2001:db8:1:2:3:4:5:6') as Ipv6Address;
const ADDRESS6 = '20010db8 00010002 00030004 00050006';
const prefix = new Ipv6Prefix(address6, 64);
const address4 = Ipv4Address.parse('192.0.2.77') as Ipv4Address;
const ADDRESS4 = 'c000024d';
const ascii = (text: string) => new TextEncoder().encode(text);

optionVector('RFC 6275 §6.2.4', '02 02 | type, length \n 0384 | 900 units', {
  kind: 'binding-refresh-advice',
  refreshInterval: seconds(3600),
});
optionVector('RFC 6275 §6.2.5', `03 10 ${ADDRESS6}`, { kind: 'alternate-care-of-address', address: address6 });
optionVector('RFC 6275 §6.2.6', '04 04 0102 0304', {
  kind: 'nonce-indices',
  homeNonceIndex: 0x0102,
  careOfNonceIndex: 0x0304,
});
optionVector('RFC 6275 §6.2.7', '05 0c 0102030405060708090a0b0c', {
  kind: 'binding-authorization-data',
  authenticator: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
});
optionVector('RFC 3963', `06 12 00 40 ${ADDRESS6}`, { kind: 'mobile-network-prefix', prefix });
optionVector('RFC 5568 §6.4.4', '07 07 | type, length \n 02 | Option-Code: of the MN \n 0024d78e21a4', {
  kind: 'mobility-header-link-layer-address',
  code: 2,
  address: octets('0024d78e21a4'),
});
optionVector('RFC 4283 §3', '08 0f | type, length \n 01 | subtype NAI \n 6d6e406578616d706c652e6e6574', {
  kind: 'mobile-node-identifier',
  subtype: 1,
  identifier: ascii('mn@example.net'),
});
optionVector('RFC 5213 §5.3.6', '08 01 | type, length \n 01 | subtype of a zero-length identifier', {
  kind: 'mobile-node-identifier',
  subtype: 1,
  identifier: new Uint8Array(0),
});
optionVector('RFC 4285 §5', '09 11 | type, length \n 01 | MN-HA \n 89abcdef | SPI \n 000102030405060708090a0b', {
  kind: 'authentication',
  subtype: 1,
  spi: 0x89abcdef,
  data: octets('000102030405060708090a0b'),
});
optionVector('RFC 4285 §6', '0a 08 | type, length \n e0a1b2c3 | seconds since 1900 \n 80000001 | fraction', {
  kind: 'replay-protection',
  seconds: 0xe0a1b2c3,
  fraction: 0x80000001,
});
optionVector('RFC 5094 §3', '13 08 | type, length \n 000028af | vendor 10415 \n 05 | sub-type \n 010203', {
  kind: 'vendor-specific',
  vendorId: 10415,
  subtype: 5,
  data: Uint8Array.of(1, 2, 3),
});
optionVector('RFC 5149 §3', '14 05 | type, length \n 696d73 c3a9 | UTF-8 \n', {
  kind: 'service-selection',
  identifier: 'imsé',
});
optionVector('RFC 5568 §6.4.5', '15 10 | type, length \n 00000100 | SPI \n 000102030405060708090a0b', {
  kind: 'binding-authorization-data-for-fmipv6',
  spi: 256,
  authenticator: octets('000102030405060708090a0b'),
});
optionVector('RFC 5213 §8.3', `16 12 | type, length \n 00 | reserved \n 40 | /64 \n ${ADDRESS6}`, {
  kind: 'home-network-prefix',
  prefix,
  offLink: false,
});
optionVector('RFC 7864 §4.1', `16 12 | type, length \n 80 | L \n 7f | /127 \n ${ADDRESS6}`, {
  kind: 'home-network-prefix',
  prefix: new Ipv6Prefix(address6, 127),
  offLink: true,
});
optionVector('RFC 5213 §8.4', '17 02 | type, length \n 00 | reserved \n 03 | between MAGs', {
  kind: 'handoff-indicator',
  indicator: 3,
});
optionVector('RFC 5213 §8.5', '18 02 | type, length \n 00 | reserved \n 04 | IEEE 802.11', {
  kind: 'access-technology-type',
  accessTechnology: 4,
});
optionVector('RFC 5213 §8.6', '19 08 | type, length \n 0000 | reserved \n 0024d78e21a4', {
  kind: 'mobile-node-link-layer-identifier',
  identifier: octets('0024d78e21a4'),
});
optionVector('RFC 5213 §8.7', `1a 10 ${ADDRESS6}`, { kind: 'link-local-address', address: address6 });
optionVector('RFC 5213 §8.8', '1b 08 | type, length \n 0102 6553f100 | seconds, 48 bits \n 8001 | 1/65536', {
  kind: 'timestamp',
  seconds: 0x0102_6553_f100,
  fraction: 0x8001,
});
optionVector('RFC 5847 §3.4', '1c 04 | type, length \n fedcba98', {
  kind: 'restart-counter',
  counter: 0xfedcba98,
});
optionVector('RFC 5555 §3.1.1', `1d 06 | type, length \n 62 | /24 and P \n 00 | reserved \n ${ADDRESS4}`, {
  kind: 'ipv4-home-address',
  prefixLength: 24,
  prefixRequested: true,
  address: address4,
});
optionVector('RFC 5555 §3.2.1', `1e 06 | type, length \n 85 | status 133 \n 60 | /24 \n ${ADDRESS4}`, {
  kind: 'ipv4-address-acknowledgement',
  status: 133,
  prefixLength: 24,
  address: address4,
});
optionVector('RFC 5555 §3.2.2', '1f 06 | type, length \n 8000 | F \n 0000006e | 110 s', {
  kind: 'nat-detection',
  forceUdpEncapsulation: true,
  refreshTime: seconds(110),
});
optionVector('RFC 5555 §3.2.2', '1f 06 | type, length \n 0000 \n ffffffff | keepalives are not needed', {
  kind: 'nat-detection',
  forceUdpEncapsulation: false,
  refreshTime: INFINITE,
});
optionVector('RFC 5555 §3.1.2', `20 06 | type, length \n 0000 \n ${ADDRESS4}`, {
  kind: 'ipv4-care-of-address',
  address: address4,
});
optionVector('RFC 5845 §6.1', '21 06 | type, length \n 0000 | reserved \n 80000001 | key', {
  kind: 'gre-key',
  key: 0x80000001,
});
optionVector('RFC 5845 §6.1', '21 02 | type, length \n 0000 | no key: encapsulation only', {
  kind: 'gre-key',
  key: undefined,
});
optionVector('RFC 5568 §6.4.2', `22 12 | type 34, not the 17 of the text \n 02 80 ${ADDRESS6}`, {
  kind: 'mobility-header-ipv6-address-prefix',
  code: 2,
  prefix: new Ipv6Prefix(address6, 128),
});
optionVector('RFC 5648 §4.3', '23 04 | type, length \n 1234 | BID \n 04 | status \n 85 | H, BID-PRI 5', {
  kind: 'binding-identifier',
  bindingIdentifier: 0x1234,
  status: 4,
  simultaneousHomeAndForeign: true,
  priority: 5,
  careOfAddress: undefined,
});
optionVector('RFC 5648 §4.3', `23 08 1234 04 05 ${ADDRESS4}`, {
  kind: 'binding-identifier',
  bindingIdentifier: 0x1234,
  status: 4,
  simultaneousHomeAndForeign: false,
  priority: 5,
  careOfAddress: address4,
});
optionVector('RFC 5648 §4.3', `23 14 1234 04 05 ${ADDRESS6}`, {
  kind: 'binding-identifier',
  bindingIdentifier: 0x1234,
  status: 4,
  simultaneousHomeAndForeign: false,
  priority: 5,
  careOfAddress: address6,
});
optionVector('RFC 5844 §3.3.1', `24 06 | type, length \n 60 00 | /24 in the upper 6 bits \n ${ADDRESS4}`, {
  kind: 'ipv4-home-address-request',
  prefixLength: 24,
  address: address4,
});
optionVector('RFC 5844 §3.3.2', `25 06 | type, length \n 84 | status 132 \n 60 | /24 \n ${ADDRESS4}`, {
  kind: 'ipv4-home-address-reply',
  status: 132,
  prefixLength: 24,
  address: address4,
});
optionVector('RFC 5844 §3.3.3', `26 06 | type, length \n 0000 \n ${ADDRESS4}`, {
  kind: 'ipv4-default-router',
  address: address4,
});
optionVector('RFC 5844 §3.3.4', '27 02 | type, length \n 0001 | S is the last bit', {
  kind: 'ipv4-dhcp-support-mode',
  server: true,
});
optionVector('RFC 5949 §6.2.1', '28 0d | type, length \n 0000 \n 1600 1900 | as in the figure \n 1305 000028af05', {
  kind: 'context-request',
  requests: [
    { type: 22, data: new Uint8Array(0) },
    { type: 25, data: new Uint8Array(0) },
    { type: 19, data: octets('000028af05') },
  ],
});
optionVector('RFC 5949 §6.2.2', `29 12 | type, length \n 01 00 | IPv6 \n ${ADDRESS6}`, {
  kind: 'local-mobility-anchor-address',
  address: address6,
});
optionVector('RFC 5949 §6.2.2', `29 06 | type, length \n 02 00 | IPv4 \n ${ADDRESS4}`, {
  kind: 'local-mobility-anchor-address',
  address: address4,
});
optionVector('RFC 5949 §6.2.3', '2a 0a | type, length \n 0000 \n 02005efffe005213', {
  kind: 'mobile-node-link-local-address-interface-identifier',
  interfaceIdentifier: octets('02005efffe005213'),
});
optionVector('RFC 6058 §5.1', '2b 02 | type, length \n 01 | L \n 0f | 1.5 s', {
  kind: 'transient-binding',
  latePathSwitch: true,
  lifetime: milliseconds(1500),
});
optionVector('RFC 6089 §4.2.2', '2c 04 0102 0304', { kind: 'flow-summary', flowIdentifiers: [0x0102, 0x0304] });
optionVector('RFC 6463 §4.1', '2e 02 0000', { kind: 'redirect-capability' });
optionVector('RFC 6463 §4.2', `2f 12 | type, length \n 8000 | K \n ${ADDRESS6}`, {
  kind: 'redirect',
  address: address6,
});
optionVector('RFC 6463 §4.2', `2f 06 | type, length \n 4000 | N \n ${ADDRESS4}`, {
  kind: 'redirect',
  address: address4,
});
optionVector('RFC 6463 §4.3', '30 12 | type, length \n 0102 00000003 80000004 00000005 80000006', {
  kind: 'load-information',
  priority: 0x0102,
  sessionsInUse: 3,
  maximumSessions: 0x80000004,
  usedCapacityKilobytesPerSecond: 5,
  maximumCapacityKilobytesPerSecond: 0x80000006,
});
optionVector('RFC 6463 §4.4', `31 04 ${ADDRESS4}`, { kind: 'alternate-ipv4-care-of-address', address: address4 });
optionVector('RFC 6602 §4.3', '32 06 | type, length \n 01 00 | bulk binding update \n 80000001', {
  kind: 'mobile-node-group-identifier',
  subtype: 1,
  groupIdentifier: 0x80000001,
});
optionVector('RFC 6705 §11.1', `33 12 | type, length \n 00 80 | 128 bits \n ${ADDRESS6}`, {
  kind: 'mag-ipv6-address',
  address: address6,
});
optionVector('RFC 7148 §4.1', `37 12 | type, length \n 00 38 | /56 \n ${ADDRESS6}`, {
  kind: 'delegated-mobile-network-prefix',
  prefix: new Ipv6Prefix(address6, 56),
});
optionVector('RFC 7148 §4.1', `37 06 | type, length \n 80 1c | V, /28 \n ${ADDRESS4}`, {
  kind: 'delegated-mobile-network-prefix',
  prefix: new Ipv4Prefix(address4, 28),
});
optionVector('RFC 7389 §4', `3b 12 0000 ${ADDRESS6}`, { kind: 'lma-user-plane-address', address: address6 });
optionVector('RFC 7389 §4', `3b 06 0000 ${ADDRESS4}`, { kind: 'lma-user-plane-address', address: address4 });
optionVector('RFC 7389 §4', '3b 02 0000', { kind: 'lma-user-plane-address', address: undefined });
optionVector(
  'RFC 7411 §5.3',
  `3c 06 | type, length: 6 words after the first 4 octets
   02 00 | MLDv2, reserved
   0000 0001 | reserved, one record
   04 00 0000 ff3e0000000000000000000000000001`,
  {
    kind: 'multicast-mobility',
    code: 2,
    report: octets('00000001 04000000 ff3e0000000000000000000000000001'),
  },
);
optionVector('RFC 7411 §5.4', '3d 01 | type, length: one word \n 00 03 | code, status \n 0000 0000 | no records', {
  kind: 'multicast-acknowledgement',
  code: 0,
  status: 3,
  report: octets('00000000'),
});
optionVector('RFC 8278 §4.1', '3f 06 | type, length \n 03 09 | If-ATT, If-Label \n 02 | BID \n 40 0000 | O', {
  kind: 'mag-multipath-binding',
  accessTechnology: 3,
  interfaceLabel: 9,
  bindingIdentifier: 2,
  bulkReregistration: false,
  registrationOverwrite: true,
});
optionVector('RFC 8278 §4.1', '3f 06 03 09 02 80 0000 | B', {
  kind: 'mag-multipath-binding',
  accessTechnology: 3,
  interfaceLabel: 9,
  bindingIdentifier: 2,
  bulkReregistration: true,
  registrationOverwrite: false,
});
optionVector('RFC 8278 §4.2', '40 06 | type, length \n 01 00 | NAI \n 6d616731', {
  kind: 'mag-identifier',
  subtype: 1,
  identifier: ascii('mag1'),
});
optionVector('RFC 6275 §6.2.1', 'fe 03 010203', { kind: 'unknown-option', type: 254, data: Uint8Array.of(1, 2, 3) });

it.each([
  ['home address request', `24 06 63 ff ${ADDRESS4}`, `24 06 60 00 ${ADDRESS4}`],
  ['home address reply', `25 06 00 63 ${ADDRESS4}`, `25 06 00 60 ${ADDRESS4}`],
  ['default router', `26 06 ffff ${ADDRESS4}`, `26 06 0000 ${ADDRESS4}`],
  ['DHCP support mode', '27 02 fffe', '27 02 0000'],
  ['GRE key', '21 06 ffff 80000001', '21 06 0000 80000001'],
])('[RFC 5844 §3.3.1, §3.3.2, §3.3.3, §3.3.4, RFC 5845 §6.1] reserved bits are ignored: %s', (_, set, clear) => {
  const [one, other] = [set, clear].map((text) => {
    const bytes = octets(text);
    return decodeMobilityOptions(bytes, 0, bytes.length);
  });
  expect(one).toBeInstanceOf(Array);
  expect(one).toEqual(other);
});

describe('options at fault', () => {
  const fault = (text: string) => {
    const bytes = octets(text);
    const result = decodeMobilityOptions(bytes, 0, bytes.length);
    return result instanceof WireFault ? result : (result as MobilityOption[]);
  };

  it.each([
    ['RFC 5213 §8.3', '16 10 0040 20010db8000100020003000400050000', 'bad-length', 1],
    ['RFC 5213 §8.3: more than 128 bits', `16 12 00 81 ${ADDRESS6}`, 'bad-value', 3],
    ['RFC 5213 §8.4', '17 01 03', 'bad-length', 1],
    ['RFC 5149 §3: zero length', '14 00', 'bad-length', 1],
    ['RFC 5149 §3: not UTF-8', '14 02 c328', 'bad-value', 2],
    ['RFC 4283 §3: no subtype', '08 00', 'bad-length', 1],
    ['RFC 5844 §3.3.1: more than 32 bits', `24 06 84 00 ${ADDRESS4}`, 'bad-value', 2],
    ['RFC 5844 §3.3.2: more than 32 bits', `25 06 00 84 ${ADDRESS4}`, 'bad-value', 3],
    ['RFC 5845 §6.1', '21 04 0000 0000', 'bad-length', 1],
    ['RFC 6463 §4.2: K and N', `2f 06 c000 ${ADDRESS4}`, 'bad-value', 2],
    ['RFC 6463 §4.2: K with an IPv4 address', `2f 06 8000 ${ADDRESS4}`, 'bad-value', 2],
    ['RFC 5949 §6.2.2: code against length', `29 06 01 00 ${ADDRESS4}`, 'bad-value', 2],
    ['RFC 5949 §6.2.1: a request past its option', '28 04 0000 1601', 'truncated', 4],
    ['RFC 6089 §4.2.2: odd length', '2c 03 010203', 'bad-length', 1],
    ['RFC 7411 §5.3: no header line', '3c 00 02 00', 'bad-length', 1],
    ['RFC 7148 §4.1: V against length', `37 06 00 1c ${ADDRESS4}`, 'bad-value', 2],
    ['RFC 7148 §4.1: more than 32 bits', `37 06 80 21 ${ADDRESS4}`, 'bad-value', 3],
    ['RFC 6275 §6.2.3: PadN past the end', '01 05 00', 'truncated', 1],
  ])('[%s] says where', (_clause, text, code, offset) => {
    expect(fault(text)).toMatchObject({ code, offset });
  });

  it('[RFC 6275 §6.2.1] names the option and what its length may be', () => {
    expect(fault('21 04 0000 0000')).toMatchObject({ rule: 'GRE Key: 4, not 2 or 6 (RFC 5845 §6.1)' });
    expect(fault('17 01 03')).toMatchObject({ rule: 'Handoff Indicator: 1, not 2 (RFC 5213 §8.4)' });
  });

  it('[RFC 6275 §6.2.2] takes any number of Pad1 and PadN between options', () => {
    expect(fault('00 00 17020003 01 00 00 01 02 0000 18020004 00')).toEqual([
      { kind: 'handoff-indicator', indicator: 3 },
      { kind: 'access-technology-type', accessTechnology: 4 },
    ]);
  });
});

describe('[RFC 5213 §8.8] time of day in the Timestamp option', () => {
  it('is exact to 1/65536 s and never ahead', () => {
    for (const at of [0, 1, 999, 1_700_000_000_123, 1_700_000_000_999.9]) {
      const back = timestampToUtc(timestampFromUtc(utcTime(at)));
      expect(at - back, `${at}`).toBeGreaterThanOrEqual(0);
      expect(at - back, `${at}`).toBeLessThan(1000 / 65536 + 1e-3);
    }
  });

  it('has its parts as the RFC states them', () => {
    expect(timestampFromUtc(utcTime(1_700_000_000_500))).toEqual({
      kind: 'timestamp',
      seconds: 1_700_000_000,
      fraction: 0x8000,
    });
  });
});
