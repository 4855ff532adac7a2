import { describe, expect, it } from 'vitest';
import { writeU16 } from '#base/bytes.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import { foldChecksum, pseudoHeaderSum, sumOctets } from '#wire/checksum.ts';
import { decodeIcmpv6, encodeIcmpv6, type Icmpv6Message } from '#wire/icmpv6.ts';
import { decodeIpv6 } from '#wire/ipv6.ts';
import { INFINITE } from '#wire/time-units.ts';
import { decodedValue, octets } from './vector.ts';

const v6 = (text: string) => Ipv6Address.parse(text) as Ipv6Address;
const source = v6('fe80::1');
const destination = v6('ff02::1');
const mac = MacAddress.parse('02:00:5e:00:52:13') as MacAddress;
const TARGET = '20010db8000000000000000000000007';
const target = v6('2001:db8::7');

/** The octets with the right checksum in place of their zero one. */
function summed(text: string): Uint8Array {
  const bytes = octets(text);
  const sum = pseudoHeaderSum(source, destination, bytes.length, 58) + sumOctets(bytes, 0, bytes.length);
  writeU16(bytes, 2, foldChecksum(sum));
  return bytes;
}

const decode = (bytes: Uint8Array) => decodeIcmpv6(bytes, source, destination);

const vectors: readonly (readonly [string, string, Icmpv6Message])[] = [
  [
    'RFC 4861 §4.1 Router Solicitation',
    '85 00 0000 00000000 01 01 02005e005213',
    { kind: 'router-solicitation', options: [{ kind: 'source-link-layer-address', mac }] },
  ],
  [
    'RFC 4861 §4.2 Router Advertisement',
    `86 00 0000
     40 c0 2328               | Cur Hop Limit, M and O, Router Lifetime 9000 s
     00007530 000003e8        | Reachable Time, Retrans Timer
     05 01 0000 000005ac      | MTU 1452
     03 04 40 c0 ffffffff 00015180 00000000 20010db8f00d00010000000000000000
     19 05 0000 000004b0 20010db8000000000000000000000035 20010db8000000000000000000000036
     1f 03 0000 000004b0 07 6578616d706c65 03 6e6574 00 000000
     c8 01 010203040506`,
    {
      kind: 'router-advertisement',
      hopLimit: 64,
      managed: true,
      otherConfig: true,
      routerLifetime: seconds(9000),
      reachableTime: milliseconds(30_000),
      retransTimer: milliseconds(1000),
      options: [
        { kind: 'mtu', mtu: 1452 },
        {
          kind: 'prefix-information',
          prefix: Ipv6Prefix.parse('2001:db8:f00d:1::/64') as Ipv6Prefix,
          onLink: true,
          autonomous: true,
          validLifetime: INFINITE,
          preferredLifetime: seconds(86_400),
        },
        {
          kind: 'recursive-dns-server',
          lifetime: seconds(1200),
          addresses: [v6('2001:db8::35'), v6('2001:db8::36')],
        },
        { kind: 'dns-search-list', lifetime: seconds(1200), domains: ['example.net'] },
        { kind: 'unknown-option', type: 200, data: octets('010203040506') },
      ],
    },
  ],
  [
    'RFC 4861 §4.3 Neighbor Solicitation',
    `87 00 0000 00000000 ${TARGET} 01 01 02005e005213`,
    { kind: 'neighbor-solicitation', target, options: [{ kind: 'source-link-layer-address', mac }] },
  ],
  [
    'RFC 4861 §4.4 Neighbor Advertisement',
    `88 00 0000 e0000000 ${TARGET} 02 01 02005e005213`,
    {
      kind: 'neighbor-advertisement',
      router: true,
      solicited: true,
      override: true,
      target,
      options: [{ kind: 'target-link-layer-address', mac }],
    },
  ],
  [
    'RFC 4861 §4.5 Redirect',
    `89 00 0000 00000000 ${TARGET} 20010db8000000000000000000000008 04 02 000000000000 6001020304050607`,
    {
      kind: 'neighbor-redirect',
      target,
      destination: v6('2001:db8::8'),
      options: [{ kind: 'redirected-header', packet: octets('6001020304050607') }],
    },
  ],
  [
    'RFC 4443 §3.1 Destination Unreachable',
    '01 04 0000 00000000 6001',
    { kind: 'destination-unreachable', code: 4, packet: octets('6001') },
  ],
  [
    'RFC 4443 §3.2 Packet Too Big',
    '02 00 0000 000005ac 6001',
    { kind: 'packet-too-big', mtu: 1452, packet: octets('6001') },
  ],
  [
    'RFC 4443 §3.3 Time Exceeded',
    '03 01 0000 00000000 6001',
    { kind: 'time-exceeded', code: 1, packet: octets('6001') },
  ],
  [
    'RFC 4443 §3.4 Parameter Problem',
    '04 02 0000 00000029 6001',
    { kind: 'parameter-problem', code: 2, pointer: 41, packet: octets('6001') },
  ],
  [
    'RFC 4443 §4.1 Echo Request',
    '80 00 0000 1234 0007 6869',
    { kind: 'echo-request', identifier: 0x1234, sequence: 7, data: octets('6869') },
  ],
  [
    'RFC 4443 §4.2 Echo Reply',
    '81 00 0000 1234 0007 6869',
    { kind: 'echo-reply', identifier: 0x1234, sequence: 7, data: octets('6869') },
  ],
  [
    'RFC 4443 §2.1 another type',
    '8f 05 0000 0102',
    { kind: 'unknown-icmpv6', type: 0x8f, code: 5, data: octets('0102') },
  ],
];

describe('ICMPv6', () => {
  it.each(vectors)('[%s] decodes and encodes', (_title, text, value) => {
    const bytes = summed(text);
    expect(decodedValue(decode(bytes))).toEqual(value);
    expect(encodeIcmpv6(value, source, destination)).toEqual(bytes);
  });

  it.each(vectors)('[%s] cut short is refused, or has fewer options or octets', (_title, text, value) => {
    const bytes = octets(text);
    for (let length = 0; length < bytes.length; length++) {
      const part = bytes.slice(0, length);
      if (length >= 4) {
        const sum = pseudoHeaderSum(source, destination, length, 58) + sumOctets(part, 0, length);
        writeU16(part, 2, foldChecksum(sum));
      }
      const decoded = decode(part);
      if (decoded.ok) expect(decoded.value, `${length} octets`).not.toEqual(value);
    }
  });

  it('[RFC 4443 §2.3] refuses a wrong checksum, and one between other addresses', () => {
    const bytes = summed('85 00 0000 00000000');
    expect(decodeIcmpv6(bytes, source, source)).toMatchObject({ ok: false, error: { code: 'bad-checksum' } });
    bytes[7] = 1;
    expect(decode(bytes)).toMatchObject({ ok: false, error: { code: 'bad-checksum' } });
  });

  it.each([
    ['RFC 4861 §6.1.1: code', '85 01 0000 00000000', 'bad-value', 1],
    ['RFC 4861 §4.6: length zero', '85 00 0000 00000000 01 00 02005e005213', 'bad-length', 9],
    ['RFC 4861 §4.6: past the message', '85 00 0000 00000000 01 02 02005e005213', 'truncated', 9],
    ['RFC 4861 §4.2: too short', '86 00 0000 00000000 00000000', 'truncated', 12],
    [
      'RFC 4861 §4.6.2: prefix length',
      `85 00 0000 00000000 03 04 81 c0 00000000 00000000 00000000 ${TARGET}`,
      'bad-value',
      10,
    ],
    [
      'RFC 8106 §5.1: half an address',
      `85 00 0000 00000000 19 04 0000 00000000 ${TARGET} ${TARGET.slice(16)}`,
      'bad-length',
      9,
    ],
    [
      'RFC 8106 §5.2: label past the option',
      '85 00 0000 00000000 1f 02 0000 00000000 0901020304050607',
      'truncated',
      16,
    ],
    ['RFC 8106 §5.2: no end', '85 00 0000 00000000 1f 02 0000 00000000 0701020304050607', 'truncated', 24],
  ])('[%s] is refused', (_clause, text, code, offset) => {
    expect(decode(summed(text))).toMatchObject({ ok: false, error: { code, offset } });
  });

  it('[RFC 4861 §4.6.1] does not take an InfiniBand address for a MAC address', () => {
    const bytes = summed('85 00 0000 00000000 01 03 0102030405060708090a0b0c0d0e0f10111213141516');
    expect(decodedValue(decode(bytes))).toMatchObject({ options: [{ kind: 'unknown-option', type: 1 }] });
  });

  it('reads and writes what other implementations sent', () => {
    for (const text of [
      // Zeek, icmp6-neighbor-advert: no options.
      '6000000000183afffe80000000000000000000000000deadfe80000000000000000000000000beef880083cda0000000fe80000000000000000000000000babe',
      // OPMIP: router solicitation and advertisement on its access link.
      '6000000000103afffe80000000000000000000fffe000200ff0200000000000000000000000000028500772e000000000101020000000200',
      '60d0b12a00403afffe800000000000000000000000000001ff020000000000000000000000000001860034604000ffff0000000000000000010100112233445505010000000005b4030440c000001c20000007080000000020010db800aa00000000000000000000',
    ]) {
      const packet = decodedValue(decodeIpv6(octets(text)));
      const message = decodedValue(decodeIcmpv6(packet.payload, packet.source, packet.destination));
      expect(message.kind).not.toBe('unknown-icmpv6');
      expect(encodeIcmpv6(message, packet.source, packet.destination)).toEqual(packet.payload);
    }
  });
});
