import { describe, expect, it } from 'vitest';
import { answerIn, baseConfig, Dialogue, MAG1, MAG2, STRANGER } from './dialogue.ts';

const updateRate = { perSecond: 10, burst: 5 };
const many = { ...baseConfig, bindingMaximum: 100_000, updateRate };

/** How many of `count` registrations at once are answered. */
function answered(dialogue: Dialogue, count: number, from = MAG1): number {
  let answers = 0;
  for (let number = 0; number < count; number++)
    if (answerIn(dialogue.update({ nai: `mn${number}@example.com`, from }))) answers++;
  return answers;
}

describe('an LMA that limits what each MAG is served', () => {
  it('takes a burst at once, discards and counts what is beyond, and goes on at the rate', () => {
    const dialogue = new Dialogue(many);
    expect(answered(dialogue, 20)).toBe(5);
    expect(dialogue.lma.stats.pbuDiscarded).toEqual({ 'more than the rate of a MAG': 15 });
    expect(dialogue.lma.bindingCount).toBe(5);
    dialogue.pass(300);
    expect(answered(dialogue, 20)).toBe(3);
  });

  it('serves the other MAGs meanwhile', () => {
    const dialogue = new Dialogue(many);
    answered(dialogue, 1000);
    expect(answered(dialogue, 5, MAG2)).toBe(5);
  });

  it('tells the operator who it is, within limits', () => {
    const dialogue = new Dialogue(many);
    answered(dialogue, 5);
    const logged = dialogue.update({ nai: 'mn9@example.com' }).filter(({ kind }) => kind === 'log');
    expect(logged).toMatchObject([{ code: 'pbu-rate', fields: { from: MAG1.toString(), perSecond: 10 } }]);
    let lines = 0;
    for (let number = 0; number < 1000; number++)
      lines += dialogue.update({ nai: 'mn9@example.com' }).filter(({ kind }) => kind === 'log').length;
    expect(lines).toBeLessThan(25);
  });

  it('knows strangers, however many there are, and a rate that is configured anew', () => {
    const dialogue = new Dialogue({ ...many, dynamicMagLearning: true });
    for (let number = 0; number < 10; number++) answered(dialogue, 6, STRANGER);
    expect(dialogue.lma.bindingCount).toBe(5);
    const { updateRate: _, ...unlimited } = many;
    dialogue.tell({ kind: 'configure', config: { ...unlimited, dynamicMagLearning: true } });
    expect(answered(dialogue, 50, STRANGER)).toBe(50);
  });
});
