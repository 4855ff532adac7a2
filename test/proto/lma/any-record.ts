import fc from 'fast-check';
import { toHex } from '#base/bytes.ts';
import { characters } from '#base/characters.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { milliseconds, utcTime } from '#base/time.ts';
import type { BindingRecord } from '#proto/lma/index.ts';

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
/** Whatever a binding may be, under one id. */
export const anyRecord = fc.record({
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
