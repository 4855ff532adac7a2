import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ClockReading, instant, milliseconds, utcTime } from '#base/time.ts';
import type { Store, StoredChange } from '#store/store.ts';

/** What every store must do. `open` opens a store on the medium of this test; opening it again is a restart, after a crash unless it was closed. */
export function describeStore(
  name: string,
  medium: () => { open(): Store; crash(store: Store): void; remove(): void },
): void {
  describe(`${name} as a store`, () => {
    let place: ReturnType<typeof medium>;
    let store: Store;
    let closed: boolean;
    const open = () => {
      store = place.open();
      closed = false;
      return store;
    };
    const close = () => {
      if (!closed) store.close(at(9000));
      closed = true;
    };
    const commit = (changes: readonly StoredChange[], now: ClockReading) => {
      store.commit(changes, now);
      store.settle(now, true);
      expect(store.durable).toBeGreaterThanOrEqual(store.awaited);
    };
    const contents = () =>
      new Map(Array.from(store.load(), ({ table, key, value }) => [`${table}/${key}`, text(value)]));
    beforeEach(() => {
      place = medium();
      open().begin(at(0));
    });
    afterEach(() => {
      close();
      place.remove();
    });
    const restart = () => {
      close();
      open();
    };
    const crash = () => {
      place.crash(store);
      open();
    };

    it('is empty at first, and closed without a gap', () => {
      restart();
      expect([...store.load()]).toEqual([]);
      expect(store.gap).toBeUndefined();
    });

    it('gives back what was put, by table and key, whatever the octets', () => {
      const value = Uint8Array.from({ length: 256 }, (_, i) => i);
      commit([{ table: 3, key: 'lma1/ä/7', value, urgency: 'before-reply' }, put('', 'empty key')], at(1));
      restart();
      expect(Array.from(store.load(), ({ value }) => [...value])).toEqual([[...value], [...octets('empty key')]]);
      expect(Array.from(store.load(), ({ table, key }) => [table, key])).toEqual([
        [3, 'lma1/ä/7'],
        [1, ''],
      ]);
    });

    it('has what was to be durable before a reply after a crash, and says what may be missing', () => {
      store.setWindow(milliseconds(700));
      commit([put('a', 'refreshed', 'within-window')], at(1));
      commit([put('b', 'one')], at(20));
      commit([put('b', 'two', 'within-window')], at(30));
      crash();
      expect(contents()).toEqual(new Map(Object.entries({ '1/a': 'refreshed', '1/b': 'one' })));
      expect(store.gap).toEqual({ from: at(20).utc, window: 700 });
    });

    it('makes the others durable by flush, within their window', () => {
      expect(store.nextFlush()).toBeUndefined();
      commit([put('a', 'one', 'within-window')], at(100));
      commit([put('a', 'two', 'within-window')], at(400));
      expect(store.nextFlush()).toBeGreaterThan(100);
      expect(store.nextFlush()).toBeLessThan(1100);
      store.flush(at(600));
      expect(store.nextFlush()).toBeUndefined();
      crash();
      expect(contents()).toEqual(new Map(Object.entries({ '1/a': 'two' })));
      expect(store.gap).toMatchObject({ from: at(600).utc });
    });

    it('has the flush of what a reply does not wait for due at once', () => {
      commit([put('a', 'one', 'within-window')], at(100));
      commit([put('b', 'two', 'after-reply')], at(200));
      expect(store.nextFlush()).toBeLessThanOrEqual(200);
      expect(store.awaited).toBe(store.durable);
      store.flush(at(200));
      expect(store.nextFlush()).toBeUndefined();
      crash();
      expect(contents()).toEqual(new Map(Object.entries({ '1/a': 'one', '1/b': 'two' })));
    });

    it('makes everything durable by close, after which there is no gap', () => {
      commit([put('a', 'one', 'within-window')], at(1));
      restart();
      expect(contents()).toEqual(new Map(Object.entries({ '1/a': 'one' })));
      expect(store.gap).toBeUndefined();
    });

    it('has a gap after a crash before the first change', () => {
      restart();
      store.begin(at(50));
      crash();
      expect(store.gap).toMatchObject({ from: at(50).utc });
    });

    it('has what it began with after a crash right then', () => {
      commit([put('a', 'one'), put('b', 'one')], at(1));
      restart();
      store.begin(at(50), [put('a', 'two'), remove('b'), put('c', 'one')]);
      crash();
      expect(contents()).toEqual(new Map(Object.entries({ '1/a': 'two', '1/c': 'one' })));
      expect(store.gap).toMatchObject({ from: at(50).utc });
    });

    it('writes nothing for one that only looks', () => {
      commit([put('a', 'one')], at(1));
      crash();
      restart();
      expect(store.gap).toMatchObject({ from: at(1).utc });
    });

    it('replaces and deletes, in the order of a group and over restarts', () => {
      commit([put('a', 'one'), put('b', 'one'), put('c', 'one')], at(1));
      restart();
      store.begin(at(2));
      commit([remove('a'), put('b', 'two'), put('d', 'one'), remove('d'), remove('nobody'), remove('c')], at(3));
      commit([put('c', 'three')], at(4));
      restart();
      expect(contents()).toEqual(new Map(Object.entries({ '1/b': 'two', '1/c': 'three' })));
    });

    it('keeps tables apart', () => {
      commit([put('a', 'one'), { ...put('a', 'two'), table: 2 }], at(1));
      commit([{ ...remove('a'), table: 2 }], at(2));
      restart();
      expect(contents()).toEqual(new Map(Object.entries({ '1/a': 'one' })));
    });

    it('holds many entries, over many restarts', () => {
      for (let run = 0; run < 20; run++) {
        commit(
          Array.from({ length: 200 }, (_, i) => put(`${run}-${i}`, `${i}`)),
          at(1),
        );
        restart();
        store.begin(at(2));
      }
      restart();
      expect(contents().size).toBe(4000);
    });

    it('is not changed by whoever holds octets that it was given', () => {
      const value = octets('one');
      commit([{ table: 1, key: 'a', value, urgency: 'before-reply' }], at(1));
      value.fill(0);
      restart();
      expect(contents()).toEqual(new Map(Object.entries({ '1/a': 'one' })));
    });

    it('counts what it does', () => {
      commit([put('a', 'one'), put('b', 'one')], at(1));
      expect(store.stats).toMatchObject({ changes: 2, failures: 0 });
    });
  });
}

export function put(key: string, value: string, urgency: StoredChange['urgency'] = 'before-reply'): StoredChange {
  return { table: 1, key, value: octets(value), urgency };
}

export function remove(key: string): StoredChange {
  return { table: 1, key, value: undefined, urgency: 'before-reply' };
}

export function at(ms: number): ClockReading {
  return { instant: instant(ms), utc: utcTime(1_764_000_000_000 + ms) };
}

function octets(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
