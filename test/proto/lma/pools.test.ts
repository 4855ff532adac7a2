import { describe, expect, it } from 'vitest';
import { instant, milliseconds } from '#base/time.ts';
import { IndexPool } from '#proto/lma/index-pool.ts';
import { Ipv6Pool } from '#proto/lma/ipv6-pool.ts';
import { ipv6Prefix } from './dialogue.ts';

const NOW = instant(1000);
const NO_TIME = milliseconds(0);

describe('a pool of IPv6 prefixes', () => {
  const pool = (prefix: string, assignedLength: number) =>
    new Ipv6Pool({ prefix: ipv6Prefix(prefix), assignedLength }, NO_TIME);

  it.each([
    ['2001:db8:f00d::/48', 64, ['2001:db8:f00d::/64', '2001:db8:f00d:1::/64', '2001:db8:f00d:2::/64']],
    ['2001:db8::/32', 48, ['2001:db8::/48', '2001:db8:1::/48', '2001:db8:2::/48']],
    ['2001:db8::/29', 35, ['2001:db8::/35', '2001:db8:2000::/35', '2001:db8:4000::/35']],
    ['2001:db8:0:8000::/50', 60, ['2001:db8:0:8000::/60', '2001:db8:0:8010::/60', '2001:db8:0:8020::/60']],
    ['2001:db8:1:2::/64', 128, ['2001:db8:1:2::/128', '2001:db8:1:2::1/128', '2001:db8:1:2::2/128']],
    ['2001:db8:f00d::1/48', 64, ['2001:db8:f00d::/64', '2001:db8:f00d:1::/64', '2001:db8:f00d:2::/64']],
  ])('%s cut to /%i gives its prefixes in order', (prefix, length, expected) => {
    const from = pool(prefix, length);
    expect(['a', 'b', 'c'].map((owner) => `${from.allocate(owner, NOW)}`)).toEqual(expected);
  });

  it('gives every prefix once, over a word boundary of the address', () => {
    const from = pool('2001:db8:ffff:fff0::/26', 34);
    const given = Array.from({ length: 256 }, (_, i) => `${from.allocate(`${i}`, NOW)}`);
    expect(new Set(given).size).toBe(256);
    expect(from.allocate('one more', NOW)).toBeUndefined();
    for (const prefix of given) from.release(ipv6Prefix(prefix), 'its owner', NOW);
    expect(from.held).toBe(0);
    for (const prefix of given) expect(`${from.claim(ipv6Prefix(prefix), 'x', NOW)}`).toBe(prefix);
  });

  it('knows what is not its own', () => {
    const from = pool('2001:db8:f00d::/48', 64);
    for (const other of ['2001:db8:f00e::/64', '2001:db8:f00d::/63', '2001:db8:f00d::/65', '::/0']) {
      expect(from.claim(ipv6Prefix(other), 'x', NOW)).toBeUndefined();
    }
    expect(`${from.claim(ipv6Prefix('2001:db8:f00d:7::1/64'), 'x', NOW)}`).toBe('2001:db8:f00d:7::/64');
  });

  it('whose assigned length is shorter than its own is empty', () => {
    expect(pool('2001:db8:f00d::/64', 48).allocate('a', NOW)).toBeUndefined();
  });
});

describe('a pool of numbers', () => {
  it('lends each to one owner at a time', () => {
    const pool = new IndexPool(3, NO_TIME, new Set([1]));
    expect([pool.allocate('a', NOW), pool.allocate('b', NOW), pool.allocate('c', NOW)]).toEqual([0, 2, undefined]);
    expect(pool.claim(0, 'b', NOW)).toBe(false);
    expect(pool.claim(0, 'a', NOW)).toBe(false);
    expect(pool.claim(1, 'c', NOW)).toBe(false);
    expect(pool.claim(3, 'c', NOW)).toBe(false);
    expect(pool.claim(-1, 'c', NOW)).toBe(false);
  });

  it('keeps what was returned for its last owner until all else is used', () => {
    const pool = new IndexPool(4, NO_TIME);
    expect([pool.allocate('a', NOW), pool.allocate('b', NOW)]).toEqual([0, 1]);
    pool.release(1, 'b', NOW);
    pool.release(0, 'a', NOW);
    expect(pool.allocate('c', NOW)).toBe(2);
    expect(pool.allocate('a', NOW)).toBe(0);
    expect(pool.allocate('d', NOW)).toBe(3);
    expect(pool.allocate('e', NOW)).toBe(1);
    expect(pool.allocate('b', NOW)).toBeUndefined();
    expect(pool.available).toBe(0);
  });

  it('gives a returned number to nobody but its last owner until its quarantine is over', () => {
    const pool = new IndexPool(2, milliseconds(60_000));
    expect([pool.allocate('a', NOW), pool.allocate('b', NOW)]).toEqual([0, 1]);
    pool.release(0, 'a', NOW);
    expect([pool.allocate('c', instant(60_999)), pool.claim(0, 'c', instant(60_999))]).toEqual([undefined, false]);
    expect(pool.available).toBe(1);
    expect(pool.allocate('a', instant(60_999))).toBe(0);
    pool.release(0, 'a', instant(61_000));
    expect(pool.claim(0, 'a', instant(61_001))).toBe(true);
    pool.release(0, 'a', instant(70_000));
    expect([pool.allocate('c', instant(129_999)), pool.allocate('c', instant(130_000))]).toEqual([undefined, 0]);
  });

  it('lends a binding what it has, in quarantine after another owner too, and never what another has', () => {
    const pool = new IndexPool(2, milliseconds(60_000), new Set([1]));
    pool.allocate('a', NOW);
    pool.release(0, 'a', NOW);
    for (const index of [-1, 0, 1, 2]) pool.reclaim(index);
    expect(pool.held).toBe(1);
    pool.reclaim(0);
    pool.release(0, 'b', NOW);
    expect([pool.allocate('c', NOW), pool.allocate('b', NOW)]).toEqual([undefined, 0]);
  });

  it('gives what was returned back to the owner that returned it', () => {
    const pool = new IndexPool(2, milliseconds(60_000));
    pool.allocate('a', NOW);
    pool.release(0, 'b', NOW);
    expect([pool.allocate('b', NOW), pool.allocate('a', NOW)]).toEqual([0, 1]);
  });

  it('forgets a former owner once its number has another', () => {
    const pool = new IndexPool(1, NO_TIME);
    pool.allocate('a', NOW);
    pool.release(0, 'a', NOW);
    expect(pool.allocate('b', NOW)).toBe(0);
    pool.release(0, 'b', NOW);
    expect(pool.claim(0, 'c', NOW)).toBe(true);
    expect(pool.allocate('a', NOW)).toBeUndefined();
    expect(pool.allocate('b', NOW)).toBeUndefined();
  });
});
