import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ipv6Address, Ipv6Prefix, linkLocalFromMac } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';

const address = (text: string) => Ipv6Address.parse(text) as Ipv6Address;
const prefix = (text: string) => Ipv6Prefix.parse(text) as Ipv6Prefix;
const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const anyAddress = fc
  .tuple(...Array.from({ length: 8 }, () => group))
  .map((groups) => Ipv6Address.read(Uint8Array.from(groups.flatMap((g) => [g >> 8, g & 255]))));

describe('[RFC 4291] textual forms', () => {
  it.each([
    ['ABCD:EF01:2345:6789:ABCD:EF01:2345:6789', 'abcdef0123456789abcdef0123456789'],
    ['2001:DB8:0:0:8:800:200C:417A', '20010db80000000000080800200c417a'],
    ['2001:DB8::8:800:200C:417A', '20010db80000000000080800200c417a'],
    ['FF01::101', 'ff010000000000000000000000000101'],
    ['::1', '00000000000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['1::', '00010000000000000000000000000000'],
    ['0:0:0:0:0:0:13.1.68.3', '0000000000000000000000000d014403'],
    ['::13.1.68.3', '0000000000000000000000000d014403'],
    ['::FFFF:129.144.52.38', '00000000000000000000ffff81903426'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
  ])('reads %s', (text, hex) => {
    expect(Buffer.from(address(text).toBytes()).toString('hex')).toBe(hex);
  });

  it.each([
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1::2:3:4:5:6:7:8',
    '1::2::3',
    ':1::2',
    '1::2:',
    '12345::',
    'g::',
    '::1.2.3',
    '::1.2.3.256',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1:2:3:4:5:6:7:1.2.3.4',
    'fe80::1%eth0',
    ' ::1',
    '::1/64',
  ])('refuses %j', (text) => {
    expect(Ipv6Address.parse(text)).toBeUndefined();
  });
});

describe('[RFC 5952] recommended text', () => {
  it.each([
    ['2001:0db8:0:0:0:0:0002:0001', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::ABCD', '2001:db8::abcd'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1:0:0:0:0:0:0:0', '1::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:1:0:0:1:0:0:0', '0:1:0:0:1::'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['::fffe:c000:201', '::fffe:c000:201'],
  ])('writes %s as %s', (text, expected) => {
    expect(address(text).toString()).toBe(expected);
  });

  it('reads back what it writes', () => {
    fc.assert(fc.property(anyAddress, (a) => address(a.toString()).equals(a)));
  });

  it('never writes more than one `::`, nor one for a single group', () => {
    fc.assert(
      fc.property(anyAddress, (a) => {
        const text = a.toString();
        expect(text.split('::').length).toBeLessThanOrEqual(2);
        expect(text).not.toMatch(/[A-Z]|(^|:)0[0-9a-f]/);
        if (text.includes('::') && !text.includes('.')) {
          expect(text.split(':').filter((g) => g !== '').length).toBeLessThanOrEqual(6);
        }
      }),
    );
  });
});

describe('Ipv6Address', () => {
  it('reads and writes octets at an offset', () => {
    fc.assert(
      fc.property(anyAddress, (a) => {
        const bytes = new Uint8Array(18);
        a.write(bytes, 1);
        expect(Ipv6Address.read(bytes, 1).equals(a)).toBe(true);
        expect([bytes[0], bytes[17]]).toEqual([0, 0]);
      }),
    );
  });

  it('has equal keys exactly for equal addresses', () => {
    fc.assert(fc.property(anyAddress, anyAddress, (a, b) => (a.key === b.key) === a.equals(b)));
    fc.assert(fc.property(anyAddress, (a) => Ipv6Address.read(a.toBytes()).key === a.key));
  });

  it('knows the kinds', () => {
    expect(Ipv6Address.unspecified.isUnspecified).toBe(true);
    expect(address('::1').isUnspecified).toBe(false);
    expect(['fe7f::', 'fe80::', 'febf:ffff::', 'fec0::'].map((t) => address(t).isLinkLocal)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([Ipv6Address.allNodes, Ipv6Address.allRouters].map(String)).toEqual(['ff02::1', 'ff02::2']);
    expect([Ipv6Address.allNodes, address('fe80::1')].map((a) => a.isMulticast)).toEqual([true, false]);
  });

  it('[RFC 6543 §3] makes the link-local address that every MAG uses from its link-layer address', () => {
    expect(linkLocalFromMac(MacAddress.pmipv6Mag).toString()).toBe('fe80::200:5eff:fe00:5213');
  });

  it('flips the universal bit of the modified EUI-64', () => {
    const linkLocal = (text: string) => linkLocalFromMac(MacAddress.parse(text) as MacAddress).toString();
    expect(linkLocal('36:56:78:9a:bc:de')).toBe('fe80::3456:78ff:fe9a:bcde');
    expect(linkLocal('00:00:00:00:00:00')).toBe('fe80::200:ff:fe00:0');
    expect(linkLocal('ff:ff:ff:ff:ff:ff')).toBe('fe80::fdff:ffff:feff:ffff');
  });
});

describe('Ipv6Prefix', () => {
  it('keeps the host part and gives the network for every length', () => {
    const ones = address('ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff');
    for (let length = 0; length <= 128; length++) {
      const bits = [...new Ipv6Prefix(ones, length).network.address.toBytes()].map((o) =>
        o.toString(2).padStart(8, '0'),
      );
      expect(bits.join('')).toBe('1'.repeat(length) + '0'.repeat(128 - length));
    }
    expect(prefix('2001:db8::1/64').toString()).toBe('2001:db8::1/64');
  });

  it('contains exactly what has the same network', () => {
    const bit = fc.integer({ min: 0, max: 128 });
    fc.assert(
      fc.property(anyAddress, bit, bit, (a, flipped, length) => {
        const bytes = a.toBytes();
        if (flipped < 128) bytes[flipped >> 3] = (bytes[flipped >> 3] as number) ^ (0x80 >> (flipped & 7));
        expect(new Ipv6Prefix(a, length).contains(Ipv6Address.read(bytes))).toBe(flipped >= length);
      }),
    );
  });

  it.each(['2001:db8::', '2001:db8::/', '2001:db8::/129', '2001:db8::/064', '2001:db8::/-1', '/64', 'x/64', '::/6/4'])(
    'refuses %j',
    (text) => expect(Ipv6Prefix.parse(text)).toBeUndefined(),
  );

  it('equals, and has its key, by address and length', () => {
    expect(prefix('2001:db8::/64').equals(prefix('2001:db8:0::/64'))).toBe(true);
    expect(prefix('2001:db8::/64').key).toBe(prefix('2001:db8:0::/64').key);
    for (const other of ['2001:db8::/63', '2001:db8:1::/64', '::/64']) {
      expect(prefix('2001:db8::/64').equals(prefix(other))).toBe(false);
      expect(prefix('2001:db8::/64').key).not.toBe(prefix(other).key);
    }
    expect(prefix('::/0').equals(undefined)).toBe(false);
  });

  it('knows ALL_ZERO by its address', () => {
    expect(Ipv6Prefix.allZero.toString()).toBe('::/0');
    expect([prefix('::/0'), prefix('::/64'), prefix('::1/64')].map((p) => p.isAllZero)).toEqual([true, true, false]);
  });
});
