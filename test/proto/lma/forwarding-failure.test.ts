import { describe, expect, it } from 'vitest';
import type { LmaOutput } from '#proto/lma/events.ts';
import { BindingStatus, HandoffIndicator, RevocationTrigger } from '#wire/mobility/index.ts';
import { answerIn, Dialogue, kindsOf, LMA, MAG1, MAG2, revocationsIn } from './dialogue.ts';

/** The id of the binding whose forwarding is asked for. */
function forwarded(outputs: readonly LmaOutput[]): string {
  for (const output of outputs) {
    if (output.kind === 'forward' && output.change.kind === 'set') return output.change.forwarding.id;
  }
  throw new Error('nothing is forwarded');
}

function fail(dialogue: Dialogue, id: string): readonly LmaOutput[] {
  return dialogue.tell({ kind: 'forwarding-failed', id, reason: 'no room' });
}

describe('forwarding that the data plane refuses', () => {
  it('makes of an accepted registration a refused one: status 143, no binding, the address free', () => {
    const dialogue = new Dialogue();
    const outputs = dialogue.update();
    const id = forwarded(outputs);
    expect(outputs.filter((output) => output.kind === 'send')).toMatchObject([{ reliesOn: id }]);
    const after = fail(dialogue, id);
    expect(answerIn(after)?.status).toBe(BindingStatus.FORWARDING_SETUP_FAILED);
    expect(after).toMatchObject([
      { kind: 'forward', change: { kind: 'clear', id } },
      { kind: 'store', change: { kind: 'put', record: { id, state: 'resting' } } },
      { kind: 'send' },
      { kind: 'log' },
    ]);
    expect(dialogue.lma.snapshot()).toEqual([]);
    expect(dialogue.lma.poolUse().ipv4[0]?.held).toBe(0);
    expect(dialogue.acknowledged({ nai: 'another@example.com', linkLayer: '0200000000cc' }).status).toBe(
      BindingStatus.ACCEPTED,
    );
  });

  it('leaves it known whose the addresses are that rested before, over a restart too', () => {
    const dialogue = new Dialogue();
    dialogue.update({ lifetimeSeconds: 40 });
    const hnp = dialogue.lma.snapshot()[0]?.hnps[0];
    dialogue.pass(41_000);
    const records = fail(dialogue, forwarded(dialogue.update())).flatMap((output) => {
      return output.kind === 'store' && output.change.kind === 'put' ? [output.change.record] : [];
    });
    const restarted = new Dialogue();
    restarted.pass(42_000);
    restarted.tell({ kind: 'restored', records });
    restarted.update({ nai: 'another@example.com', linkLayer: '0200000000cc' });
    expect(restarted.lma.snapshot()).toHaveLength(1);
    expect(restarted.lma.snapshot()[0]?.hnps).not.toContain(hnp);
  });

  it('is no matter of a refresh, which asks for no other: the binding is revoked, and the refresh stays accepted', () => {
    const dialogue = new Dialogue();
    const id = forwarded(dialogue.update());
    dialogue.pass(10);
    expect(answerIn(dialogue.update({ handoff: HandoffIndicator.NOT_CHANGED }))?.status).toBe(BindingStatus.ACCEPTED);
    const after = fail(dialogue, id);
    expect(answerIn(after)).toBeUndefined();
    expect(revocationsIn(after)).toHaveLength(1);
  });

  it('leaves a binding that was de-registered and registered again at one instant de-registered', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    dialogue.update({ handoff: HandoffIndicator.NOT_CHANGED });
    dialogue.update({ clockAhead: 1, lifetimeSeconds: 0, handoff: HandoffIndicator.UNKNOWN });
    fail(dialogue, forwarded(dialogue.update({ clockAhead: 2, handoff: HandoffIndicator.UNKNOWN })));
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'deleting' }]);
    expect(dialogue.forwarding.size).toBe(0);
  });

  it('has the forwarding of the binding as it was declared anew, as another change of the batch may have succeeded', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    const before = [...dialogue.forwarding.values()];
    fail(dialogue, forwarded(dialogue.update({ from: MAG2, handoff: HandoffIndicator.UNKNOWN })));
    expect([...dialogue.forwarding.values()]).toEqual(before);
  });

  it('answers every request for the binding that was accepted meanwhile', () => {
    const dialogue = new Dialogue();
    const events = [dialogue.build({}), dialogue.build({ clockAhead: 1 })].map((message) => ({
      kind: 'message' as const,
      from: { transport: 'ipv6' as const, local: LMA, remote: MAG1 },
      message,
    }));
    for (const event of events) dialogue.lma.handle(event, dialogue.now);
    const id = forwarded(dialogue.lma.drain());
    const answers = fail(dialogue, id).filter((output) => output.kind === 'send');
    expect(answers.map(({ message }) => 'status' in message && message.status)).toEqual([143, 143]);
  });

  it('leaves the binding at the old MAG as it was, which is not asked to drop it', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(10);
    const before = dialogue.lma.snapshot();
    const outputs = dialogue.update({ from: MAG2, handoff: HandoffIndicator.UNKNOWN });
    const id = forwarded(outputs);
    expect(revocationsIn(outputs)).toMatchObject([{ to: `${MAG1}` }]);
    expect(outputs.filter((output) => output.kind === 'send')).toMatchObject([{ reliesOn: id }, { reliesOn: id }]);
    const after = fail(dialogue, id);
    expect(answerIn(after)?.status).toBe(BindingStatus.FORWARDING_SETUP_FAILED);
    expect(dialogue.lma.snapshot()).toEqual(before);
    expect(revocationsIn(dialogue.pass(5000))).toEqual([]);
    expect(dialogue.acknowledged({ handoff: HandoffIndicator.NOT_CHANGED }).status).toBe(BindingStatus.ACCEPTED);
  });

  it('leaves a binding its addresses that had come to it by another interface of the node', () => {
    const dialogue = new Dialogue();
    dialogue.update({ linkLayer: '0200000000aa' });
    dialogue.pass(10);
    dialogue.update({ linkLayer: '0200000000bb', handoff: HandoffIndicator.BETWEEN_INTERFACES });
    dialogue.pass(10);
    const moves = { from: MAG2, linkLayer: '0200000000cc', handoff: HandoffIndicator.BETWEEN_INTERFACES };
    fail(dialogue, forwarded(dialogue.update(moves)));
    expect(dialogue.lma.snapshot()).toMatchObject([{ hoa: '192.0.2.1', hnps: ['2001:db8:f00d::/64'] }]);
    expect(dialogue.lma.poolUse()).toMatchObject({ ipv4: [{ held: 1 }], ipv6: [{ held: 1 }] });
  });

  it('revokes a binding that was accepted before', () => {
    const dialogue = new Dialogue();
    const id = forwarded(dialogue.update());
    dialogue.pass(1000);
    const after = fail(dialogue, id);
    expect(answerIn(after)).toBeUndefined();
    expect(revocationsIn(after)).toMatchObject([
      { to: `${MAG1}`, message: { trigger: RevocationTrigger.UNSPECIFIED } },
    ]);
    expect(dialogue.forwarding.size).toBe(0);
  });

  it('of an unknown binding is nothing', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    expect(kindsOf(fail(dialogue, 'lma1/77'))).toEqual([]);
  });
});
