import { describe, expect, it } from 'vitest';
import { milliseconds, seconds, type UtcTime, utcTime } from '#base/time.ts';
import type { LmaOutput } from '#proto/lma/events.ts';
import type { BindingRecord } from '#proto/lma/index.ts';
import type { RestartGap } from '#proto/record-change.ts';
import { type BindingUpdate, HandoffIndicator } from '#wire/mobility/index.ts';
import { answerIn, Dialogue, kept, kindsOf, MAG1, MAG2 } from './dialogue.ts';

const { NOT_CHANGED, UNKNOWN } = HandoffIndicator;
const window = milliseconds(1000);

/** What is durable when the process dies now: refreshes of the last moments are not. */
function durable(outputs: readonly LmaOutput[]): BindingRecord[] {
  const medium = new Map<string, BindingRecord>();
  for (const output of outputs) {
    if (output.kind !== 'store' || output.change.urgency === 'within-window') continue;
    if (output.change.kind === 'put') medium.set(output.change.record.id, output.change.record);
    else medium.delete(output.change.id);
  }
  return kept([...medium.values()]);
}

function answer(dialogue: Dialogue, message: BindingUpdate) {
  const answered = answerIn(dialogue.receive(MAG1, message));
  if (!answered) throw new Error('no acknowledgement');
  return answered;
}

/** The run ended at its window's end. */
function gapFrom(from: UtcTime): RestartGap {
  return { from, window, until: utcTime(from + window) };
}

describe('the gap that a crash leaves', () => {
  it('[RFC 5213 §5.5(6)] opens no replay: a refresh that was answered in it is not accepted again', () => {
    const before = new Dialogue();
    before.update({ lifetimeSeconds: 3600 });
    before.pass(60_000);
    const from = before.now.utc;
    before.pass(400);
    const refresh = before.build({ handoff: NOT_CHANGED });
    expect(answer(before, refresh).status).toBe(0);
    const records = durable(before.outputs);
    for (const gap of [undefined, gapFrom(from)]) {
      const after = new Dialogue();
      after.pass(62_000);
      after.tell({ kind: 'restored', records, ...(gap && { gap }) });
      expect(answer(after, refresh).status).toBe(gap ? 157 : 0);
      after.pass(10);
      expect(after.acknowledged({ handoff: NOT_CHANGED }).status).toBe(0);
    }
  });

  it('[RFC 5213 §5.5(6)] is wherever the end of the run may have been: nothing was written for long, and the refresh came just before it', () => {
    const before = new Dialogue();
    before.update({ lifetimeSeconds: 70 });
    const from = before.now.utc;
    before.pass(69_600);
    const refresh = before.build({ handoff: NOT_CHANGED, lifetimeSeconds: 70 });
    expect(answer(before, refresh).status).toBe(0);
    const after = new Dialogue();
    after.pass(70_300);
    const gap = { from, window, until: utcTime(from + 70_100) };
    after.tell({ kind: 'restored', records: durable(before.outputs), gap });
    expect(after.lma.snapshot()).toMatchObject([{ state: 'active' }]);
    expect(answer(after, refresh).status).toBe(157);
    expect(after.acknowledged({ handoff: NOT_CHANGED, lifetimeSeconds: 70 }).status).toBe(0);
  });

  it('[RFC 5213 §5.5(6)] is measured by the clock of the MAG: one that is behind is served as soon as the gap is over', () => {
    for (const clockAhead of [-5000, 5000]) {
      const before = new Dialogue();
      before.update({ lifetimeSeconds: 3600, clockAhead });
      before.pass(60_000);
      const from = before.now.utc;
      before.pass(400);
      const refresh = before.build({ handoff: NOT_CHANGED, clockAhead });
      answer(before, refresh);
      const after = new Dialogue();
      after.pass(61_200);
      after.tell({ kind: 'restored', records: durable(before.outputs), gap: gapFrom(from) });
      expect(answer(after, refresh).status).toBe(157);
      expect(after.acknowledged({ handoff: NOT_CHANGED, clockAhead }).status).toBe(0);
    }
  });

  it('extends what would have ended in it, by the window; what ended before is over, what ends later does so in time', () => {
    const records = [20, 40, 44].flatMap((lifetimeSeconds, n) => {
      const before = new Dialogue();
      for (let i = 0; i < n; i++) before.update({ nai: `other${i}@example.com`, linkLayer: `0200000000b${i}` });
      before.outputs.length = 0;
      before.update({ lifetimeSeconds, nai: `mn${lifetimeSeconds}@example.com`, linkLayer: `0200000000a${n}` });
      return durable(before.outputs);
    });
    const gap = gapFrom(utcTime(new Dialogue().now.utc + 39_500));
    const served = (ms: number) => {
      const after = new Dialogue();
      after.pass(ms);
      after.tell({ kind: 'restored', records, gap });
      return after.lma.snapshot().map(({ nai, lifetimeRemaining }) => [nai, lifetimeRemaining]);
    };
    expect(served(39_900)).toEqual([
      ['mn40@example.com', 1],
      ['mn44@example.com', 4],
    ]);
    expect(served(40_900).map(([nai]) => nai)).toEqual(['mn40@example.com', 'mn44@example.com']);
    expect(served(41_100).map(([nai]) => nai)).toEqual(['mn44@example.com']);
    expect(served(44_100)).toEqual([]);
  });

  it('[RFC 5213 §5.5(6)] refuses nothing of who was registered since, though it is told of again at a later start', () => {
    const before = new Dialogue();
    before.pass(60_000);
    before.update({ lifetimeSeconds: 3600 });
    const gap = { from: utcTime(before.now.utc - 40_000), window, until: utcTime(before.now.utc - 50) };
    const after = new Dialogue();
    after.pass(60_020);
    after.tell({ kind: 'restored', records: durable(before.outputs), gap });
    expect(after.acknowledged({ handoff: NOT_CHANGED }).status).toBe(0);
  });

  it('[RFC 5213 §5.5(6)] of two runs that crashed one after the other refuses what was sent in either, and nothing else', () => {
    const before = new Dialogue();
    before.update({ lifetimeSeconds: 3600 });
    before.pass(60_000);
    const refresh = before.build({ handoff: NOT_CHANGED });
    expect(answer(before, refresh).status).toBe(0);
    const first = gapFrom(utcTime(before.now.utc - 10));
    const between = new Dialogue();
    between.pass(62_000);
    between.tell({ kind: 'restored', records: durable(before.outputs), gap: first });
    between.outputs.length = 0;
    // An AAA server changes the session: the binding is stored again, though its MAG said nothing.
    between.tell({ kind: 'change', selection: {}, change: { interimInterval: seconds(600) } });
    const records = durable(between.outputs);
    expect(records).toHaveLength(1);
    const after = new Dialogue();
    after.pass(64_000);
    after.tell({ kind: 'restored', records, gap: { ...first, until: utcTime(between.now.utc + 1900) } });
    expect(answer(after, refresh).status).toBe(157);
    after.pass(7200);
    expect(after.acknowledged({ handoff: NOT_CHANGED }).status).toBe(0);
  });

  it('does not exist for sequence numbers: such a refresh is stored before it is answered', () => {
    const dialogue = new Dialogue();
    dialogue.update({ clockAhead: undefined, sequence: 1 });
    dialogue.pass(10);
    const outputs = dialogue.update({ clockAhead: undefined, sequence: 2, handoff: NOT_CHANGED });
    expect(kindsOf(outputs)).toEqual(['store', 'binding-acknowledgement']);
    expect(outputs[0]).toMatchObject({ change: { urgency: 'before-reply' } });
  });

  it('does not exist for handovers: a late refresh of the old MAG is refused after the restart too', () => {
    const before = new Dialogue();
    before.update();
    before.pass(10);
    const from = before.now.utc;
    const late = before.build({ handoff: NOT_CHANGED });
    before.pass(10);
    before.update({ from: MAG2, handoff: UNKNOWN });
    const after = new Dialogue();
    after.pass(2000);
    after.tell({ kind: 'restored', records: durable(before.outputs), gap: gapFrom(from) });
    expect(answer(after, late).status).not.toBe(0);
    expect(after.lma.snapshot()).toMatchObject([{ peer: 'mag2' }]);
  });
});

describe('sessions after a restart', () => {
  it('begin with an id that no restored one has, resting ones included', () => {
    const before = new Dialogue();
    for (let i = 0; i < 3; i++) before.update({ nai: `mn${i}@example.com`, linkLayer: `0200000000c${i}` });
    const records = durable(before.outputs).map((record, i) =>
      i === 2 ? { ...record, state: 'resting' as const } : record,
    );
    const after = new Dialogue();
    after.pass(2000);
    after.tell({ kind: 'restored', records });
    after.outputs.length = 0;
    after.update({ nai: 'new@example.com', linkLayer: '0200000000d1' });
    const [fresh] = durable(after.outputs).filter(({ mobileNode }) => mobileNode.name === 'new@example.com');
    expect(records.map(({ id }) => id)).not.toContain(fresh?.id);
    expect(after.lma.snapshot()).toHaveLength(3);
  });
});
