import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeEvent } from '#daemon/observe/node-events.ts';
import { type Step, StepRing } from '#daemon/observe/step-ring.ts';

const place = { kind: 'access', interface: 'acc' } as const;
const event = (text: string): NodeEvent => ({ at: 0, kind: 'k', level: 'info', node: null, text, fields: {} });
const message = (at: number, octets: readonly number[], direction: 'sent' | 'received' = 'received') => ({
  at,
  direction,
  place,
  octets: Uint8Array.from(octets),
});
const shown = (step: Step) => (step.kind === 'event' ? step.event.text : [...step.octets].join());

describe('the ring of steps', () => {
  it('keeps the latest of all, each with the octets that it had', () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      octets: fc.option(fc.array(fc.nat({ max: 255 }), { maxLength: 12 })),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 12, max: 40 }),
        (added, steps, size) => {
          const ring = new StepRing(steps, size);
          for (const { key, octets } of added) {
            if (octets) ring.addMessage(key, message(0, octets), undefined);
            else ring.addEvent(key, event('e'));
          }
          const kept = added.slice(added.length - ring.size);
          expect(ring.size + ring.overwritten).toBe(added.length);
          expect(added.length === 0 || ring.size > 0).toBe(true);
          for (const key of ['a', 'b', 'c']) {
            const expected = kept.filter((one) => one.key === key).map(({ octets }) => (octets ? octets.join() : 'e'));
            expect(ring.steps(key).steps.map(shown)).toEqual(expected);
          }
        },
      ),
    );
  });

  it('has room for as many steps as it says, and for as many octets', () => {
    const ring = new StepRing(4, 40);
    for (let i = 0; i < 4; i++) ring.addMessage('a', message(i, [i, i]), undefined);
    expect([ring.size, ring.steps('a').complete]).toEqual([4, true]);
    ring.addMessage('a', message(9, new Array(40).fill(9)), undefined);
    expect([ring.size, ring.steps('a').complete]).toEqual([1, false]);
  });

  it('refreshes and their answers that follow each other are one step each, with the latest octets', () => {
    const ring = new StepRing(100, 10_000);
    ring.addMessage('a', message(0, [1]), undefined);
    ring.addMessage('a', message(1, [2], 'sent'), undefined);
    for (let i = 0; i < 5; i++) {
      ring.addMessage('a', message(10 + 2 * i, [3, i]), 'request');
      expect(ring.awaitsAnswer('a')).toBe(true);
      ring.addMessage('a', message(11 + 2 * i, [4, i], 'sent'), 'answer');
      expect(ring.awaitsAnswer('a')).toBe(false);
    }
    expect(ring.steps('a').steps).toMatchObject([
      { count: 1 },
      { count: 1 },
      { count: 5, at: 18, firstAt: 10, octets: Uint8Array.of(3, 4) },
      { count: 5, at: 19, firstAt: 11, octets: Uint8Array.of(4, 4) },
    ]);
  });

  it('a refresh without an answer, or of another length, is a step of its own', () => {
    const ring = new StepRing(100, 10_000);
    for (const octets of [[1], [1], [1, 1]]) ring.addMessage('a', message(0, octets), 'request');
    expect(ring.steps('a').steps).toHaveLength(3);
  });

  it('refreshes alone do not drive out what happened to others', () => {
    const ring = new StepRing(4, 1000);
    for (let i = 0; i < 5; i++) ring.addMessage(`n${i}`, message(i, [i]), undefined);
    for (let i = 10; i < 100; i++) ring.addMessage(`n${i}`, message(i, [i]), 'request');
    expect(ring.steps('n4').steps).toHaveLength(1);
    ring.addMessage('n4', message(200, [1]), 'request');
    expect(ring.steps('n4').steps).toHaveLength(2);
  });
});
