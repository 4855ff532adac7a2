import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characters, toHex } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { milliseconds, seconds, utcTime } from '#base/time.ts';
import type { BindingRecord } from '#proto/lma/index.ts';
import { decodeBindingRecord, encodeBindingRecord } from '#proto/lma/index.ts';
import { ipv4, ipv6, ipv6Prefix } from './dialogue.ts';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyIpv4 = u32.map((word) => new Ipv4Address(word));
const anyIpv6 = fc.tuple(u32, u32, u32, u32).map((words) => new Ipv6Address(...words));
const anyAddress = fc.oneof(anyIpv4, anyIpv6);
const anyTime = fc.integer({ min: 0, max: 2 ** 51 }).map((microseconds) => utcTime(microseconds / 1000));
const anyText = fc.string({ unit: 'grapheme', maxLength: 40 });
const anyKeys = fc.record({ send: u32, receive: u32 });
const port = fc.integer({ min: 1, max: 65_535 });
const anyEncapsulation = fc.oneof(
  fc.constant({ kind: 'ip' as const }),
  fc.record({ kind: fc.constant('gre' as const), keys: anyKeys }, { requiredKeys: ['kind'] }),
  fc.record(
    {
      kind: fc.constant('udp' as const),
      localPort: port,
      remotePort: port,
      tlvHeader: fc.boolean(),
      translated: fc.constant(true),
      gre: fc.record({ keys: anyKeys }, { requiredKeys: [] }),
    },
    { requiredKeys: ['kind', 'localPort', 'remotePort', 'tlvHeader'] },
  ),
);
const anyCareOf = fc.record(
  { address: anyAddress, local: anyAddress, port, encapsulation: anyEncapsulation },
  { requiredKeys: ['address', 'local', 'encapsulation'] },
);
const anyAuthorization = fc.record(
  {
    service: fc.constantFrom('ipv4' as const, 'ipv6' as const, 'dual' as const),
    apn: anyText,
    network: anyText,
    multihomed: fc.boolean(),
    homeAddress: fc.record({ address: anyIpv4, prefixLength: fc.integer({ min: 0, max: 32 }), defaultRouter: anyIpv4 }),
    prefixes: fc.array(
      anyIpv6.map((address) => new Ipv6Prefix(address, 64)),
      { maxLength: 3 },
    ),
    sessionEnds: anyTime,
    interimInterval: u32.map(milliseconds),
    classes: fc.array(fc.uint8Array({ maxLength: 253 }), { maxLength: 3 }),
  },
  { requiredKeys: ['classes'] },
);
const anyRecord = fc.record({
  id: fc.constant('lma1/7'),
  state: fc.constantFrom('active', 'deleting', 'revoking', 'invalid', 'resting'),
  customer: fc.integer({ min: 0, max: 65_535 }),
  mobileNode: fc.record({
    subtype: fc.integer({ min: 0, max: 255 }),
    identifier: fc.uint8Array({ maxLength: 255 }).map(characters),
    name: anyText,
  }),
  interface: fc.record({
    linkLayerIdentifier: fc.uint8Array({ maxLength: 16 }).map((octets) => toHex(octets)),
    accessTechnology: fc.integer({ min: 0, max: 255 }),
  }),
  careOfAddresses: fc.array(anyCareOf, { minLength: 1, maxLength: 3 }),
  homeAddress: fc.option(
    fc.record({ address: anyIpv4, prefixLength: fc.integer({ min: 0, max: 32 }), defaultRouter: anyIpv4 }),
    { nil: undefined },
  ),
  prefixes: fc.array(
    fc.tuple(anyIpv6, fc.integer({ min: 0, max: 128 })).map(([address, length]) => new Ipv6Prefix(address, length)),
    { maxLength: 3 },
  ),
  linkLocalAddress: fc.option(anyIpv6, { nil: undefined }),
  lifetime: u32.map(milliseconds),
  endsAt: anyTime,
  grantedUntil: anyTime,
  registeredAt: anyTime,
  timestamp: fc.option(
    fc.record({ seconds: fc.integer({ min: 0, max: 2 ** 48 - 1 }), fraction: fc.integer({ min: 0, max: 65_535 }) }),
    { nil: undefined },
  ),
  messageId: fc.option(fc.record({ seconds: u32, fraction: u32 }), { nil: undefined }),
  sequence: fc.integer({ min: 0, max: 65_535 }),
  service: fc.option(anyText, { nil: undefined }),
  uplinkKey: fc.option(u32, { nil: undefined }),
  authorization: fc.option(anyAuthorization, { nil: undefined }),
}) as unknown as fc.Arbitrary<BindingRecord>;

describe('the record of a binding', () => {
  it('comes back as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(decodeBindingRecord('lma1/7', encodeBindingRecord(record))).toEqual(record);
      }),
    );
  });

  it('has the octets of version 1', () => {
    expect(toHex(encodeBindingRecord(plain))).toBe(
      [
        '01 0000 00 0000', // version, no optional field, active, customer
        '01 0003 614062 0003 614062', // NAI a@b, and its name
        '0006 0024d78e21a4 04', // link-layer identifier, access technology
        '01 06 20010db8cafe10260000000000000015 06 20010db8cafe10240000000000000101 0000 00', // care-of address, IP in IP
        '0036ee80', // 3600 s
        '0006445a17f5e400 0006445a17f5e400 0006445941624000',
        '004d 00', // sequence number, no prefix
      ]
        .join('')
        .replaceAll(' ', ''),
    );
  });

  it('is refused when cut short, longer, of another version or with a value that is none', () => {
    const octets = encodeBindingRecord({ ...plain, homeAddress: home, prefixes: [ipv6Prefix('2001:db8:f00d:7::/64')] });
    for (let length = 0; length < octets.length; length++) {
      expect(decodeBindingRecord('a', octets.subarray(0, length))).toBeUndefined();
    }
    expect(decodeBindingRecord('a', Uint8Array.of(...octets, 0))).toBeUndefined();
    expect(decodeBindingRecord('a', octets.with(0, 2))).toBeUndefined();
    expect(decodeBindingRecord('a', octets.with(3, 9))).toBeUndefined();
    expect(decodeBindingRecord('a', octets.with(1, 0x80))).toBeUndefined();
  });

  it('of any octets is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        decodeBindingRecord('a', Uint8Array.of(1, ...octets));
      }),
    );
  });
});

const home = { address: ipv4('192.0.2.7'), prefixLength: 24, defaultRouter: ipv4('192.0.2.254') };

const plain: BindingRecord = {
  id: 'a',
  state: 'active',
  customer: 0,
  mobileNode: { subtype: 1, identifier: 'a@b', name: 'a@b' },
  interface: { linkLayerIdentifier: '0024d78e21a4', accessTechnology: 4 },
  careOfAddresses: [
    { address: ipv6('2001:db8:cafe:1026::15'), local: ipv6('2001:db8:cafe:1024::101'), encapsulation: { kind: 'ip' } },
  ],
  homeAddress: undefined,
  prefixes: [],
  linkLocalAddress: undefined,
  lifetime: seconds(3600),
  endsAt: utcTime(1_764_003_600_000),
  grantedUntil: utcTime(1_764_003_600_000),
  registeredAt: utcTime(1_764_000_000_000),
  timestamp: undefined,
  messageId: undefined,
  sequence: 77,
  service: undefined,
  uplinkKey: undefined,
};
