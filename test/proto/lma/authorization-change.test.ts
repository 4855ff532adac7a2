import { describe, expect, it } from 'vitest';
import { seconds } from '#base/time.ts';
import { BindingStatus } from '#wire/mobility/index.ts';
import { Dialogue, kindsOf, MAG2 } from './dialogue.ts';

describe('[RFC 5176 §2.2] a session that an AAA server changes at the LMA', () => {
  function begun(): { lma: Dialogue; id: string } {
    const lma = new Dialogue();
    lma.acknowledged();
    lma.pass(1000);
    return { lma, id: lma.lma.snapshot()[0]?.id as string };
  }
  const change = (lma: Dialogue, id: string, sessionTimeout: number) =>
    lma.tell({ kind: 'change', selection: { id }, change: { sessionTimeout: seconds(sessionTimeout) } });

  it('ends when its time is over, though its MAG was granted more: by a revocation', () => {
    const { lma, id } = begun();
    expect(kindsOf(change(lma, id, 20))).toEqual(['store']);
    expect(kindsOf(lma.pass(19_000))).toEqual([]);
    const outputs = kindsOf(lma.pass(2000));
    expect(outputs).toContain('forward');
    expect(outputs).toContain('binding-revocation-indication');
    expect(lma.lma.stats.sessionsChanged).toBe(1);
  });

  it('grants what is left, after a handover too, and lets a session go on that is given more', () => {
    const { lma, id } = begun();
    change(lma, id, 100);
    expect(lma.acknowledged({ handoff: 5 }).lifetime).toBeLessThanOrEqual(100_000);
    lma.pass(1000);
    expect(lma.acknowledged({ handoff: 3, from: MAG2 }).lifetime).toBeLessThanOrEqual(99_000);
    change(lma, id, 1_000_000);
    lma.pass(1000);
    const answer = lma.acknowledged({ handoff: 5, from: MAG2 });
    expect(answer.status).toBe(BindingStatus.ACCEPTED);
    expect(answer.lifetime).toBeGreaterThan(100_000);
  });

  it('is none that has ended', () => {
    const { lma, id } = begun();
    lma.tell({ kind: 'clear-bindings', id });
    expect(kindsOf(change(lma, id, 20))).toEqual([]);
    expect(lma.lma.stats.sessionsChanged).toBe(0);
  });
});
