import { describe, expect, it } from 'vitest';
import { IndexPool } from '#proto/lma/index-pool.ts';
import { Ipv6Pool } from '#proto/lma/ipv6-pool.ts';
import { ipv6Prefix } from './dialogue.ts';

describe('a pool of IPv6 prefixes', () => {
  const pool = (prefix: string, assignedLength: number) => new Ipv6Pool({ prefix: ipv6Prefix(prefix), assignedLength });

  it.each([
    ['2001:db8:f00d::/48', 64, ['2001:db8:f00d::/64', '2001:db8:f00d:1::/64', '2001:db8:f00d:2::/64']],
    ['2001:db8::/32', 48, ['2001:db8::/48', '2001:db8:1::/48', '2001:db8:2::/48']],
    ['2001:db8::/29', 35, ['2001:db8::/35', '2001:db8:2000::/35', '2001:db8:4000::/35']],
    ['2001:db8:0:8000::/50', 60, ['2001:db8:0:8000::/60', '2001:db8:0:8010::/60', '2001:db8:0:8020::/60']],
    ['2001:db8:1:2::/64', 128, ['2001:db8:1:2::/128', '2001:db8:1:2::1/128', '2001:db8:1:2::2/128']],
    ['2001:db8:f00d::1/48', 64, ['2001:db8:f00d::/64', '2001:db8:f00d:1::/64', '2001:db8:f00d:2::/64']],
  ])('%s cut to /%i gives its prefixes in order', (prefix, length, expected) => {
    const from = pool(prefix, length);
    expect(['a', 'b', 'c'].map((owner) => `${from.allocate(owner)}`)).toEqual(expected);
  });

  it('gives every prefix once, over a word boundary of the address', () => {
    const from = pool('2001:db8:ffff:fff0::/26', 34);
    const given = Array.from({ length: 256 }, (_, i) => `${from.allocate(`${i}`)}`);
    expect(new Set(given).size).toBe(256);
    expect(from.allocate('one more')).toBeUndefined();
    for (const prefix of given) from.release(ipv6Prefix(prefix));
    expect(from.held).toBe(0);
    for (const prefix of given) expect(`${from.claim(ipv6Prefix(prefix), 'x')}`).toBe(prefix);
  });

  it('knows what is not its own', () => {
    const from = pool('2001:db8:f00d::/48', 64);
    for (const other of ['2001:db8:f00e::/64', '2001:db8:f00d::/63', '2001:db8:f00d::/65', '::/0']) {
      expect(from.claim(ipv6Prefix(other), 'x')).toBeUndefined();
    }
    expect(`${from.claim(ipv6Prefix('2001:db8:f00d:7::1/64'), 'x')}`).toBe('2001:db8:f00d:7::/64');
  });

  it('whose assigned length is shorter than its own is empty', () => {
    expect(pool('2001:db8:f00d::/64', 48).allocate('a')).toBeUndefined();
  });
});

describe('a pool of numbers', () => {
  it('lends each to one owner at a time', () => {
    const pool = new IndexPool(3, new Set([1]));
    expect([pool.allocate('a'), pool.allocate('b'), pool.allocate('c')]).toEqual([0, 2, undefined]);
    expect(pool.claim(0, 'b')).toBe(false);
    expect(pool.claim(0, 'a')).toBe(false);
    expect(pool.claim(1, 'c')).toBe(false);
    expect(pool.claim(3, 'c')).toBe(false);
    expect(pool.claim(-1, 'c')).toBe(false);
  });

  it('keeps what was returned for its last owner until all else is used', () => {
    const pool = new IndexPool(4);
    expect([pool.allocate('a'), pool.allocate('b')]).toEqual([0, 1]);
    pool.release(1);
    pool.release(0);
    expect(pool.allocate('c')).toBe(2);
    expect(pool.allocate('a')).toBe(0);
    expect(pool.allocate('d')).toBe(3);
    expect(pool.allocate('e')).toBe(1);
    expect(pool.allocate('b')).toBeUndefined();
    expect(pool.available).toBe(0);
  });

  it('forgets a former owner once its number has another', () => {
    const pool = new IndexPool(1);
    pool.allocate('a');
    pool.release(0);
    expect(pool.allocate('b')).toBe(0);
    pool.release(0);
    expect(pool.claim(0, 'c')).toBe(true);
    expect(pool.allocate('a')).toBeUndefined();
    expect(pool.allocate('b')).toBeUndefined();
  });
});
