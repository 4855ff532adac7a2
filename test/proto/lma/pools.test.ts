import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { nextBelow, SeededRandom } from '#base/random.ts';
import { instant, milliseconds } from '#base/time.ts';
import { IndexPool } from '#proto/lma/index-pool.ts';
import { Ipv6Pool } from '#proto/lma/ipv6-pool.ts';
import { ipv6Prefix } from './dialogue.ts';

const NOW = instant(1000);
const NO_TIME = milliseconds(0);
const MULTIPLIER = 0x9e3779b1;

describe('a pool of IPv6 prefixes', () => {
  const pool = (prefix: string, assignedLength: number) =>
    new Ipv6Pool({ prefix: ipv6Prefix(prefix), assignedLength }, NO_TIME, MULTIPLIER);

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
    const pool = new IndexPool(3, NO_TIME, MULTIPLIER, new Set([1]));
    expect([pool.allocate('a', NOW), pool.allocate('b', NOW), pool.allocate('c', NOW)]).toEqual([0, 2, undefined]);
    expect(pool.claim(0, 'b', NOW)).toBe(false);
    expect(pool.claim(0, 'a', NOW)).toBe(false);
    expect(pool.claim(1, 'c', NOW)).toBe(false);
    expect(pool.claim(3, 'c', NOW)).toBe(false);
    expect(pool.claim(-1, 'c', NOW)).toBe(false);
  });

  it('keeps what was returned for its last owner until all else is used', () => {
    const pool = new IndexPool(4, NO_TIME, MULTIPLIER);
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
    const pool = new IndexPool(2, milliseconds(60_000), MULTIPLIER);
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
    const pool = new IndexPool(2, milliseconds(60_000), MULTIPLIER, new Set([1]));
    pool.allocate('a', NOW);
    pool.release(0, 'a', NOW);
    for (const index of [-1, 0, 1, 2]) pool.reclaim(index);
    expect(pool.held).toBe(1);
    pool.reclaim(0);
    pool.release(0, 'b', NOW);
    expect([pool.allocate('c', NOW), pool.allocate('b', NOW)]).toEqual([undefined, 0]);
  });

  it('gives what was returned back to the owner that returned it', () => {
    const pool = new IndexPool(2, milliseconds(60_000), MULTIPLIER);
    pool.allocate('a', NOW);
    pool.release(0, 'b', NOW);
    expect([pool.allocate('b', NOW), pool.allocate('a', NOW)]).toEqual([0, 1]);
  });

  it('forgets a former owner once its number has another', () => {
    const pool = new IndexPool(1, NO_TIME, MULTIPLIER);
    pool.allocate('a', NOW);
    pool.release(0, 'a', NOW);
    expect(pool.allocate('b', NOW)).toBe(0);
    pool.release(0, 'b', NOW);
    expect(pool.claim(0, 'c', NOW)).toBe(true);
    expect(pool.allocate('a', NOW)).toBeUndefined();
    expect(pool.allocate('b', NOW)).toBeUndefined();
  });

  it('remembers the latest of very many owners, and lends again what those before had', () => {
    const size = 70_000;
    const pool = new IndexPool(size, milliseconds(1), MULTIPLIER, new Set([5]));
    for (let i = 0; i < size - 1; i++) pool.allocate(`a${i}`, NOW);
    expect([pool.held, pool.available, pool.allocate('more', NOW)]).toEqual([size - 1, 0, undefined]);
    const later = instant(NOW + 1);
    const index = (i: number) => (i < 5 ? i : i + 1);
    for (let i = 0; i < size - 1; i++) pool.release(index(i), `a${i}`, instant(NOW + i));
    expect(pool.claim(0, 'b', later)).toBe(true);
    expect(pool.allocate('a69000', later)).toBe(69_001);
    expect([pool.allocate('b1', instant(1e9)), pool.allocate('a1', instant(1e9))]).toEqual([1, 2]);
    const lent = new Set([0, 1, 2, 69_001]);
    for (let i = 0; i < size - 5; i++) lent.add(pool.allocate(`c${i}`, instant(1e9)) ?? -1);
    expect([lent.size, lent.has(-1), lent.has(5), pool.available]).toEqual([size - 1, false, false, 0]);
  });

  it('does not hold on to everyone who ever had one', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const pool = new IndexPool(2 ** 32, milliseconds(0), MULTIPLIER);
    const comeAndGo = (from: number, count: number) => {
      for (let i = from; i < from + count; i++)
        pool.release(pool.allocate(`owner ${i}`, instant(i)) ?? -1, `owner ${i}`, instant(i));
    };
    const heap = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    comeAndGo(0, 70_000);
    const before = heap();
    comeAndGo(70_000, 100_000);
    expect(heap() - before).toBeLessThan(8e6);
    expect(pool.held).toBe(0);
  });

  it('never lends one twice, and always one that may be had, whatever comes', () => {
    const random = new SeededRandom(7);
    const below = (limit: number) => nextBelow(random, limit);
    const reserved = new Set([3, 66_000]);
    const size = 66_500;
    const pool = new IndexPool(size, milliseconds(50), MULTIPLIER, reserved);
    const held = new Map<number, string>();
    const free = new Map<number, number>();
    for (let i = 0; i < size; i++) if (!reserved.has(i)) free.set(i, 0);
    const lent: number[] = [];
    const release = (time: number) => {
      const at = below(lent.length);
      const [index, last] = [lent[at] as number, lent.pop() as number];
      if (at < lent.length) lent[at] = last;
      pool.release(index, held.get(index) as string, instant(time));
      held.delete(index);
      free.set(index, time + 50);
    };
    const lend = (index: number, owner: string) => {
      if (!free.delete(index)) throw new Error(`${index} was lent twice`);
      held.set(index, owner);
      lent.push(index);
    };
    for (let time = 1; time < 200_000; time++) {
      const owner = `o${below(300_000)}`;
      const fills = Math.floor(time / 70_000) % 2 === 0;
      if (below(20) === 0) {
        const index = below(size);
        if (pool.claim(index, owner, instant(time))) lend(index, owner);
      } else if (held.size > 0 && below(100) < (fills ? 2 : 98)) release(time);
      else {
        const index = pool.allocate(owner, instant(time));
        if (index !== undefined) lend(index, owner);
        else if ([...free.values()].some((until) => until <= time)) throw new Error('there was one left');
      }
      if (pool.held !== held.size || pool.available !== free.size)
        throw new Error(`${pool.held} are lent, not ${held.size}`);
    }
  });
});
