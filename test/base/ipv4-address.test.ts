import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ipv4Address, Ipv4Prefix, ipv4MaskLength, ipv4Netmask } from '#base/ipv4-address.ts';

const address = (text: string) => Ipv4Address.parse(text) as Ipv4Address;
const prefix = (text: string) => Ipv4Prefix.parse(text) as Ipv4Prefix;
const anyAddress = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map((word) => new Ipv4Address(word));

describe('Ipv4Address', () => {
  it('puts the octets in network order', () => {
    expect(address('192.0.2.254').toBytes()).toEqual(Uint8Array.of(192, 0, 2, 254));
    expect(Ipv4Address.read(Uint8Array.of(9, 192, 0, 2, 254), 1).toString()).toBe('192.0.2.254');
    const bytes = new Uint8Array(6);
    address('1.2.3.4').write(bytes, 1);
    expect(bytes).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 0));
  });

  it('reads back what it writes, both ways', () => {
    fc.assert(
      fc.property(anyAddress, (a) => {
        expect(address(a.toString()).equals(a)).toBe(true);
        expect(Ipv4Address.read(a.toBytes()).equals(a)).toBe(true);
      }),
    );
  });

  it.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.999',
    '01.2.3.4',
    '1.2.3.4 ',
    '1.2.3.-4',
    '0x1.2.3.4',
    '1..3.4',
  ])('refuses %j', (text) => expect(Ipv4Address.parse(text)).toBeUndefined());

  it('counts on, over octets and over the end', () => {
    expect(address('192.0.2.255').plus(1).toString()).toBe('192.0.3.0');
    expect(address('127.255.255.255').plus(1).toString()).toBe('128.0.0.0');
    expect(address('255.255.255.255').plus(1).toString()).toBe('0.0.0.0');
    expect(address('0.0.0.0').plus(-1).equals(Ipv4Address.broadcast)).toBe(true);
  });

  it('knows the kinds', () => {
    expect(Ipv4Address.unspecified.isUnspecified).toBe(true);
    expect(address('0.0.0.1').isUnspecified).toBe(false);
    const multicast = ['223.255.255.255', '224.0.0.0', '239.255.255.255', '240.0.0.0'].map(
      (t) => address(t).isMulticast,
    );
    expect(multicast).toEqual([false, true, true, false]);
  });

  it('equals by value, never nothing', () => {
    expect(address('10.0.0.1').equals(address('10.0.0.1'))).toBe(true);
    expect(address('10.0.0.1').equals(address('10.0.0.2'))).toBe(false);
    expect(address('10.0.0.1').equals(undefined)).toBe(false);
  });
});

describe('netmasks', () => {
  it('goes from length to mask and back for every length', () => {
    for (let length = 0; length <= 32; length++) expect(ipv4MaskLength(ipv4Netmask(length))).toBe(length);
    expect([0, 1, 24, 31, 32].map((length) => ipv4Netmask(length).toString())).toEqual([
      '0.0.0.0',
      '128.0.0.0',
      '255.255.255.0',
      '255.255.255.254',
      '255.255.255.255',
    ]);
  });

  it('refuses a mask with holes', () => {
    for (const text of ['255.0.255.0', '0.255.255.255', '255.255.255.253', '0.0.0.1']) {
      expect(ipv4MaskLength(address(text)), text).toBeUndefined();
    }
  });
});

describe('Ipv4Prefix', () => {
  it('keeps the host part and gives the network', () => {
    const p = prefix('192.0.2.129/25');
    expect(p.toString()).toBe('192.0.2.129/25');
    expect(p.network.toString()).toBe('192.0.2.128/25');
    expect(prefix('192.0.2.129/0').network.toString()).toBe('0.0.0.0/0');
    expect(prefix('192.0.2.129/32').network.toString()).toBe('192.0.2.129/32');
  });

  it('contains its first and last address and not those beside', () => {
    const p = prefix('192.0.2.0/23');
    const inside = ['192.0.1.255', '192.0.2.0', '192.0.3.255', '192.0.4.0'].map((text) => p.contains(address(text)));
    expect(inside).toEqual([false, true, true, false]);
    expect(prefix('0.0.0.0/0').contains(address('255.255.255.255'))).toBe(true);
  });

  it('contains exactly what has the same network', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, fc.integer({ min: 0, max: 32 }), (a, b, length) => {
        const same = new Ipv4Prefix(a, length).network.equals(new Ipv4Prefix(b, length).network);
        expect(new Ipv4Prefix(a, length).contains(b)).toBe(same);
      }),
    );
  });

  it.each([
    '192.0.2.0',
    '192.0.2.0/',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/08',
    '192.0.2/24',
    '192.0.2.0/2/4',
    '/24',
  ])('refuses %j', (text) => expect(Ipv4Prefix.parse(text)).toBeUndefined());

  it.each([
    ['192.0.2.1', '192.0.2.1', '192.0.2.1/32'],
    ['192.0.2.0', '192.0.2.255', '192.0.2.0/24'],
    ['192.0.2.1', '192.0.2.6', '192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 192.0.2.6/32'],
    ['192.0.2.255', '192.0.3.0', '192.0.2.255/32 192.0.3.0/32'],
    ['0.0.0.0', '255.255.255.255', '0.0.0.0/0'],
    ['255.255.255.254', '255.255.255.255', '255.255.255.254/31'],
    ['192.0.2.2', '192.0.2.1', ''],
  ])('of %s to %s are %s', (low, high, prefixes) => {
    expect(Ipv4Prefix.ofRange(address(low), address(high)).join(' ')).toBe(prefixes);
  });

  it('equals by address and length', () => {
    expect(prefix('10.0.0.0/8').equals(prefix('10.0.0.0/8'))).toBe(true);
    expect(prefix('10.0.0.0/8').equals(prefix('10.0.0.0/9'))).toBe(false);
    expect(prefix('10.0.0.0/8').equals(undefined)).toBe(false);
  });
});
