import { describe, expect, it } from 'vitest';
import { type Send, WaitingAnswers } from '#daemon/waiting-answers.ts';
import type { StoredChange } from '#store/store.ts';

const change = (key: string, urgency: StoredChange['urgency']): StoredChange => ({
  table: 1,
  key,
  value: new Uint8Array(1),
  urgency,
});
const about = (reliesOn?: string) => ({ output: reliesOn === undefined ? {} : { reliesOn }, needsStore: true }) as Send;

describe('WaitingAnswers', () => {
  it('does not have a refresh wait for the new bindings of others', () => {
    const waiting = new WaitingAnswers();
    const groups = { durable: 4, awaited: 6 };
    waiting.note([change('new', 'before-reply'), change('old', 'within-window')], false, groups);
    expect(['new', 'old', undefined].map((id) => waiting.mustWait(about(id), groups))).toEqual([true, false, true]);
    expect(waiting.mustWait({ ...about(), needsStore: false }, groups)).toBe(false);
  });

  it('has the refresh of a new binding wait with it, whatever is stored of it meanwhile', () => {
    const waiting = new WaitingAnswers();
    waiting.note([change('new', 'before-reply')], false, { durable: 4, awaited: 5 });
    waiting.note([change('new', 'within-window')], false, { durable: 4, awaited: 5 });
    waiting.note([change('other', 'before-reply')], false, { durable: 4, awaited: 6 });
    expect(waiting.mustWait(about('new'), { durable: 4, awaited: 6 })).toBe(true);
    waiting.take({ durable: 5, awaited: 6 }, 0);
    expect(waiting.mustWait(about('new'), { durable: 5, awaited: 6 })).toBe(false);
    expect(waiting.mustWait(about('other'), { durable: 5, awaited: 6 })).toBe(true);
  });

  it('has refreshes wait, too, when the disk leaves them no window', () => {
    const waiting = new WaitingAnswers();
    const groups = { durable: 4, awaited: 5 };
    waiting.note([change('old', 'within-window')], true, groups);
    expect(waiting.mustWait(about('old'), groups)).toBe(true);
  });

  it('has the refresh of what could not be stored wait until it is', () => {
    const waiting = new WaitingAnswers();
    waiting.withhold({ durable: 4, awaited: 4 });
    // Its request comes again, and finds its binding.
    waiting.note([change('new', 'within-window')], false, { durable: 4, awaited: 5 });
    expect(waiting.mustWait(about('new'), { durable: 4, awaited: 5 })).toBe(true);
    expect(waiting.mustWait(about('new'), { durable: 5, awaited: 6 })).toBe(false);
  });

  it('has what stores nothing withheld, too, while it may rely on what could not be stored', () => {
    const waiting = new WaitingAnswers();
    const broken = { durable: 4, awaited: 4 };
    expect(waiting.mustWithhold(about('old'), broken)).toBe(false);
    waiting.withhold(broken);
    expect(waiting.mustWithhold(about('old'), broken)).toBe(true);
    expect(waiting.mustWithhold({ ...about(), needsStore: false }, broken)).toBe(false);
    expect(waiting.mustWithhold(about('old'), { durable: 4, awaited: 5 })).toBe(false);
    expect(waiting.mustWithhold(about('old'), { durable: 5, awaited: 5 })).toBe(false);
    // The operator has the service go on in memory.
    waiting.note([change('new', 'before-reply')], false, broken);
    expect(waiting.mustWithhold(about('new'), broken)).toBe(false);
  });

  it('has nothing wait for a group whose number another one has, after one that could not be stored', () => {
    const waiting = new WaitingAnswers();
    waiting.note([change('a', 'before-reply')], false, { durable: 4, awaited: 5 });
    waiting.note([change('b', 'before-reply')], false, { durable: 4, awaited: 6 });
    waiting.withhold({ durable: 4, awaited: 4 });
    waiting.note([change('c', 'before-reply')], false, { durable: 4, awaited: 5 });
    waiting.note([change('d', 'before-reply')], false, { durable: 5, awaited: 6 });
    expect(['b', 'd'].map((id) => waiting.mustWait(about(id), { durable: 5, awaited: 6 }))).toEqual([false, true]);
  });

  it('gives them in their order, group by group, all when nothing is awaited any more, and none that is late', () => {
    const waiting = new WaitingAnswers();
    for (let group = 1; group <= 5; group++) waiting.add({ group, sends: [about()], wokenNs: group * 1e9 });
    const taken = (durable: number, nowNs: number, awaited = 5) =>
      waiting.take({ durable, awaited }, nowNs).map(({ group }) => group);
    expect(taken(0, 1e9)).toEqual([]);
    expect(taken(2, 2e9)).toEqual([1, 2]);
    expect(taken(3, 5.5e9)).toEqual([]);
    expect(taken(3, 5.5e9, 3)).toEqual([4, 5]);
    waiting.add({ group: 6, sends: [about()], wokenNs: 6e9 });
    waiting.withhold({ durable: 5, awaited: 5 });
    expect(taken(6, 6e9)).toEqual([]);
  });
});
