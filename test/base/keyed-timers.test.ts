import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedTimers } from '#base/keyed-timers.ts';
import { instant, milliseconds } from '#base/time.ts';
import { type Timer, TimerQueue } from '#base/timer-queue.ts';

describe('KeyedTimers', () => {
  it('fires as a timer queue does in which each key has one timer', () => {
    const step = fc.record({
      kind: fc.constantFrom('set', 'set', 'set', 'cancel', 'expire'),
      key: fc.integer({ min: 0, max: 200 }),
      delay: fc.integer({ min: 0, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const timers = new KeyedTimers();
        const queue = new TimerQueue<number>();
        const known = new Map<number, Timer<number>>();
        let now = instant(1000);
        for (const { kind, key, delay } of steps) {
          if (kind === 'set') {
            timers.set(key, now, milliseconds(delay));
            queue.cancel(known.get(key));
            known.set(key, queue.set(now, milliseconds(delay), key));
          } else if (kind === 'cancel') {
            timers.cancel(key);
            queue.cancel(known.get(key));
          } else {
            now = instant(now + delay / 2);
            expect(timers.expire(now)).toEqual(queue.expire(now));
          }
          expect(timers.next()).toBe(queue.next());
          expect(timers.size).toBe(queue.size);
        }
        expect(timers.expire(instant(5000))).toEqual(queue.expire(instant(5000)));
      }),
    );
  });
});
