import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { after, instant, milliseconds } from '#base/time.ts';
import { type Timer, TimerQueue } from '#base/timer-queue.ts';

const START = instant(5_000);

function queueOf(...delays: number[]): { queue: TimerQueue<string>; timers: Timer<string>[] } {
  const queue = new TimerQueue<string>();
  const timers = delays.map((delay, i) => queue.set(START, milliseconds(delay), `${i}:${delay}`));
  return { queue, timers };
}

describe('TimerQueue', () => {
  it('has nothing to wait for when empty', () => {
    const { queue } = queueOf();
    expect(queue.next()).toBeUndefined();
    expect(queue.size).toBe(0);
    expect(queue.expire(after(START, milliseconds(1e9)))).toEqual([]);
  });

  it('fires what is due at the very instant, earliest first, and keeps the rest', () => {
    const { queue } = queueOf(30, 10, 20.5);
    expect(queue.expire(instant(5_009.9))).toEqual([]);
    expect(queue.next()).toBe(5_010);
    expect(queue.expire(instant(5_020.5))).toEqual(['1:10', '2:20.5']);
    expect(queue.next()).toBe(5_030);
    expect(queue.size).toBe(1);
  });

  it('fires timers of one instant in the order in which they were set', () => {
    const { queue } = queueOf(7, 7, 7, 7, 7, 7, 7, 7);
    expect(queue.expire(instant(5_007))).toEqual(Array.from({ length: 8 }, (_, i) => `${i}:7`));
  });

  it('fires as many as it is asked for, and has the others due at once', () => {
    const { queue } = queueOf(30, 10, 20);
    expect(queue.expire(instant(6_000), 2)).toEqual(['1:10', '2:20']);
    expect(queue.next()).toBe(5_030);
    expect(queue.expire(instant(6_000), 2)).toEqual(['0:30']);
  });

  it('fires at once what was set in the past', () => {
    const { queue } = queueOf(-100);
    expect(queue.next()).toBe(4_900);
    expect(queue.expire(START)).toEqual(['0:-100']);
  });

  it('does not fire a cancelled timer, and takes a second cancel, or that of nothing, calmly', () => {
    const { queue, timers } = queueOf(10, 20);
    queue.cancel(timers[0]);
    queue.cancel(timers[0]);
    queue.cancel(undefined);
    expect(timers[0]?.cancelled).toBe(true);
    expect(queue.next()).toBe(5_020);
    expect(queue.expire(instant(6_000))).toEqual(['1:20']);
    queue.cancel(timers[1]);
    expect(queue.size).toBe(0);
  });

  it('does not let one queue cancel the timer of another', () => {
    const { queue } = queueOf(10);
    const { queue: other, timers } = queueOf(10);
    queue.cancel(timers[0]);
    expect([queue.size, other.size]).toEqual([1, 1]);
  });

  it('agrees with a sorted list over any order of setting, cancelling and expiring', () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), delay: fc.integer({ min: -5, max: 60 }) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(200) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), time: fc.integer({ min: 0, max: 40 }) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new TimerQueue<number>();
        const all: Timer<number>[] = [];
        let now = instant(0);
        const pending = () => all.filter((timer) => !timer.cancelled).sort((a, b) => a.at - b.at || a.value - b.value);
        for (const action of steps) {
          if (action.do === 'set') all.push(queue.set(now, milliseconds(action.delay), all.length));
          if (action.do === 'cancel') queue.cancel(all[action.which]);
          if (action.do === 'wait') {
            now = after(now, milliseconds(action.time));
            const due = pending().filter((timer) => timer.at <= now);
            expect(queue.expire(now)).toEqual(due.map((timer) => timer.value));
            expect(due.every((timer) => timer.cancelled)).toBe(true);
          }
          expect(queue.size).toBe(pending().length);
          expect(queue.next()).toBe(pending()[0]?.at);
        }
      }),
      { numRuns: 500 },
    );
  });
});
