import { describe, expect, it } from 'vitest';
import { AgeOrder } from '#base/age-order.ts';
import { HandleIndex } from '#base/handle-index.ts';
import { KeyedTimers } from '#base/keyed-timers.ts';
import { NumberSet } from '#base/number-set.ts';
import { NumberedIds } from '#base/numbered-ids.ts';
import { nextBelow, SeededRandom } from '#base/random.ts';
import { instant, milliseconds } from '#base/time.ts';
import { handlesOf } from './handles-of.ts';

/** Each with its model, through two times growth and decline. */
const STEPS = process.env.MOORING_NIGHTLY ? 200_000 : 40_000;

function grow(seed: number, step: (random: SeededRandom, grows: boolean, i: number) => void): void {
  const random = new SeededRandom(seed);
  for (let i = 0; i < STEPS; i++) step(random, nextBelow(random, 100) < (i % (STEPS / 2) < STEPS / 4 ? 70 : 30), i);
}

/** Any of those that there are, in constant time. */
class Bag<T> {
  readonly all: T[] = [];

  takeAny(random: SeededRandom): T | undefined {
    if (this.all.length === 0) return undefined;
    const at = nextBelow(random, this.all.length);
    const [one, last] = [this.all[at] as T, this.all.pop() as T];
    if (at < this.all.length) this.all[at] = last;
    return one;
  }
}

describe('through hundreds of thousands of changes', () => {
  it('an index has the handles of each hash', () => {
    const index = new HandleIndex();
    const bag = new Bag<readonly [number, number]>();
    const model = new Map<number, Set<number>>();
    grow(1, (random, grows, i) => {
      if (grows) {
        // Many of one hash, many beside each other, and any.
        const hash = [nextBelow(random, 5), nextBelow(random, 4096) - 2048, random.nextU32() | 0][
          nextBelow(random, 50) === 0 ? 0 : 1 + nextBelow(random, 2)
        ] as number;
        index.add(hash, i + 1);
        bag.all.push([hash, i + 1]);
        model.set(hash, (model.get(hash) ?? new Set()).add(i + 1));
        return;
      }
      const gone = bag.takeAny(random);
      if (!gone) return;
      const [hash, handle] = gone;
      index.remove(hash, handle);
      index.remove(hash, handle);
      model.get(hash)?.delete(handle);
      const left = handlesOf(index, hash);
      if (left.length !== model.get(hash)?.size || left.some((one) => !model.get(hash)?.has(one)))
        expect(new Set(left)).toEqual(model.get(hash));
    });
    expect(index.size).toBe(bag.all.length);
    for (const [hash, handle] of bag.all) if (!handlesOf(index, hash).includes(handle)) throw new Error(`${handle}`);
  });

  it('an order by age has them as a map does', () => {
    const order = new AgeOrder();
    const model = new Map<number, number>();
    const bag = new Bag<number>();
    let walk = { mine: order.values()[Symbol.iterator](), theirs: model.values() };
    grow(2, (random, grows, i) => {
      const serial = bag.takeAny(random);
      if (grows || serial === undefined) {
        if (serial !== undefined) bag.all.push(serial);
        const added = order.add(i + 1);
        bag.all.push(added);
        model.set(added, i + 1);
      } else if (i % 3 === 0) {
        order.replace(serial, i + 1);
        model.set(serial, i + 1);
        bag.all.push(serial);
      } else {
        order.remove(serial);
        model.delete(serial);
      }
      const [mine, theirs] = [walk.mine.next(), walk.theirs.next()];
      if (mine.value !== theirs.value) throw new Error(`${mine.value} where there is ${theirs.value}`);
      if (theirs.done) walk = { mine: order.values()[Symbol.iterator](), theirs: model.values() };
    });
    expect([...order.values()]).toEqual([...model.values()]);
  });

  it('timers fire at their time, in their order', () => {
    const timers = new KeyedTimers();
    const model = new Map<number, readonly [number, number]>();
    const bag = new Bag<number>();
    let now = 0;
    grow(3, (random, grows, i) => {
      now += nextBelow(random, 3);
      const key = grows ? nextBelow(random, 2 ** 20) * 2 ** 30 + nextBelow(random, 8) : bag.takeAny(random);
      if (key === undefined) return;
      if (grows) {
        const delay = nextBelow(random, 5000);
        timers.set(key, instant(now), milliseconds(delay));
        if (!model.has(key)) bag.all.push(key);
        model.set(key, [now + delay, i]);
      } else {
        timers.cancel(key);
        model.delete(key);
      }
      if (i % 500 !== 0) return;
      const due = [...model].filter(([, [at]]) => at <= now).sort(([, [a, x]], [, [b, y]]) => a - b || x - y);
      expect(timers.expire(instant(now))).toEqual(due.map(([one]) => one));
      for (const [one] of due) {
        model.delete(one);
        bag.all.splice(bag.all.indexOf(one), 1);
      }
      expect([timers.size, timers.next()]).toEqual([
        model.size,
        model.size === 0 ? undefined : Math.min(...Array.from(model.values(), ([at]) => at)),
      ]);
    });
  });

  it('a set has its numbers, and gives back the memory of those that are gone', () => {
    const set = new NumberSet();
    const model = new Set<number>();
    const bag = new Bag<number>();
    grow(4, (random, grows) => {
      const number = grows
        ? ([nextBelow(random, 50_000), random.nextU32(), 2 ** 32 - 1 - nextBelow(random, 40_000)][
            nextBelow(random, 3)
          ] as number)
        : bag.takeAny(random);
      if (number === undefined) return;
      if (grows && !model.has(number)) bag.all.push(number);
      if (grows) set.add(number);
      if (grows) model.add(number);
      else if (set.delete(number) !== model.delete(number)) throw new Error(`${number} was not there`);
      if (set.has(number) !== grows || set.size !== model.size) throw new Error(`${number} is wrong`);
    });
    expect([...set]).toEqual([...model].sort((a, b) => a - b));
  });

  it('ids have their numbers', () => {
    const ids = new NumberedIds();
    const model = new Map<number, string>();
    grow(5, (random) => {
      const beginning = ['L/', 'lma-2/', 'x7/', 'L', '', '9/0'][nextBelow(random, 6)] as string;
      const id = beginning + Math.floor(10 ** (nextBelow(random, 1700) / 100) * (1 + nextBelow(random, 1000) / 1000));
      const number = ids.numberOf(id);
      if (ids.find(id) !== number || ids.idOf(number) !== id || (model.get(number) ?? id) !== id) throw new Error(id);
      model.set(number, id);
    });
  });
});
