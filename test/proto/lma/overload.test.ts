import { expect, it } from 'vitest';
import { milliseconds } from '#base/time.ts';
import { HandoffIndicator } from '#wire/mobility/index.ts';
import { answerIn, Dialogue, MAG2, type Update } from './dialogue.ts';

const LATE = milliseconds(150);
const AT_ONCE = milliseconds(20);

/** The status of the answer, `undefined` without one. */
function ask(dialogue: Dialogue, update: Update, waited = LATE): number | undefined {
  dialogue.pass(1);
  return answerIn(dialogue.update(update, { waited }))?.status;
}

it('serves who has a session, and not who is new, while more comes than can be served', () => {
  const dialogue = new Dialogue();
  expect(ask(dialogue, { nai: 'mn1@example.com' }, AT_ONCE)).toBe(0);
  expect(ask(dialogue, { nai: 'mn2@example.com' })).toBeUndefined();
  expect(ask(dialogue, { nai: 'mn1@example.com', handoff: HandoffIndicator.NOT_CHANGED })).toBe(0);
  expect(ask(dialogue, { nai: 'mn1@example.com', handoff: HandoffIndicator.BETWEEN_MAGS, from: MAG2 })).toBe(0);
  expect(ask(dialogue, { nai: 'mn1@example.com', lifetimeSeconds: 0, from: MAG2 })).toBe(0);
  expect(dialogue.lma.stats.pbuDiscarded).toEqual({ 'a new mobile node while overloaded': 1 });
});

it('serves who is new again as soon as it is asked in time', () => {
  const dialogue = new Dialogue();
  expect(ask(dialogue, { nai: 'mn2@example.com' })).toBeUndefined();
  expect(ask(dialogue, { nai: 'mn2@example.com' }, AT_ONCE)).toBe(0);
});
