import { describe, expect, it } from 'vitest';
import type { LmaConfig } from '#proto/lma/events.ts';
import {
  BindingRevocationFlag,
  encodeMobilityHeader,
  HandoffIndicator,
  RevocationStatus,
  RevocationTrigger,
} from '#wire/mobility/index.ts';
import { Dialogue, kindsOf, MAG1, MAG2, revocationsIn } from './dialogue.ts';

const { P, G } = BindingRevocationFlag;

/** Three nodes at MAG1 and one at MAG2. */
function served(config: Partial<LmaConfig> = {}): Dialogue {
  const dialogue = new Dialogue(config);
  for (const i of [1, 2, 3]) dialogue.update({ nai: `mn${i}@example.com`, linkLayer: `02000000000${i}` });
  dialogue.update({ nai: 'other@example.com', linkLayer: '0200000000ff', from: MAG2 });
  return dialogue;
}

function clearMag1(dialogue: Dialogue) {
  const outputs = dialogue.tell({ kind: 'clear-bindings', mag: 'mag1' });
  const [revocation, ...more] = revocationsIn(outputs);
  if (!revocation) throw new Error('no revocation');
  expect(more).toEqual([]);
  return { outputs, ...revocation };
}

function acknowledge(dialogue: Dialogue, sequence: number, status = 0, flags = P | G) {
  return dialogue.receive(MAG1, {
    kind: 'binding-revocation-acknowledgement',
    status,
    sequence,
    flags,
    options: [],
  });
}

const nodes = (dialogue: Dialogue) =>
  dialogue.lma
    .snapshot()
    .map(({ nai, state }) => `${nai.split('@')[0]} ${state}`)
    .sort();

describe('clearing all bindings of a MAG', () => {
  it('[RFC 5846 §8.1(5), §8.1(1), §8.1(2), §8.1, §6.1.1(2), §6.1.1(3)] is one indication with P, G, “Per-Peer Policy” and no option', () => {
    const dialogue = served();
    const { outputs, message, to } = clearMag1(dialogue);
    expect(to).toBe(`${MAG1}`);
    expect(message).toMatchObject({ flags: P | G, trigger: RevocationTrigger.PER_PEER_POLICY, options: [] });
    expect(kindsOf(outputs).filter((kind) => kind === 'forward')).toHaveLength(3);
    expect(dialogue.forwarding.size).toBe(1);
    expect(nodes(dialogue)).toEqual(['mn1 revoking', 'mn2 revoking', 'mn3 revoking', 'other active']);
    // RFC 5846 §5.1: without options 4 octets of padding, and the Header Len is 1.
    expect([...encodeMobilityHeader(message)].slice(0, 4)).toEqual([59, 1, 16, 0]);
  });

  it('[RFC 5846 §6.2.2(2)] ends them all with its acknowledgement, and nothing is sent again', () => {
    const dialogue = served();
    const { message } = clearMag1(dialogue);
    acknowledge(dialogue, message.sequence);
    expect(nodes(dialogue)).toEqual(['other active']);
    expect(dialogue.lma.stats).toMatchObject({ bindingsDeleted: 3, briSent: 1 });
    expect(revocationsIn(dialogue.pass(60_000))).toEqual([]);
  });

  it('[RFC 5846 §6.3] is sent again unchanged, and ends them when nobody answers', () => {
    const dialogue = served();
    const { message, to } = clearMag1(dialogue);
    expect(revocationsIn(dialogue.pass(1000))).toEqual([{ to, message }]);
    expect(dialogue.lma.snapshot()).toHaveLength(4);
    dialogue.pass(2000);
    expect(nodes(dialogue)).toEqual(['other active']);
    expect(dialogue.lma.stats).toMatchObject({ briRetransmitted: 1, briGivenUp: 1 });
  });

  it.each([
    RevocationStatus.GLOBAL_REVOCATION_NOT_AUTHORIZED,
    RevocationStatus.REVOKED_MOBILE_NODES_IDENTITY_REQUIRED,
    RevocationStatus.TRIGGER_NOT_SUPPORTED,
    RevocationStatus.FUNCTION_NOT_SUPPORTED,
  ])('goes on with one indication for each binding when the MAG answers %i', (status) => {
    const dialogue = served();
    const { message } = clearMag1(dialogue);
    const each = revocationsIn(acknowledge(dialogue, message.sequence, status));
    expect(each).toHaveLength(3);
    for (const one of each) {
      expect(one).toMatchObject({
        to: `${MAG1}`,
        message: { flags: P, trigger: RevocationTrigger.ADMINISTRATIVE_REASON },
      });
      acknowledge(dialogue, one.message.sequence, 0, P);
    }
    expect(nodes(dialogue)).toEqual(['other active']);
  });

  it.each([
    RevocationStatus.PARTIAL_SUCCESS,
    RevocationStatus.BINDING_DOES_NOT_EXIST,
    RevocationStatus.PROXY_BINDING_REVOCATION_NOT_SUPPORTED,
  ])('ends them when the MAG answers %i', (status) => {
    const dialogue = served();
    acknowledge(dialogue, clearMag1(dialogue).message.sequence, status);
    expect(nodes(dialogue)).toEqual(['other active']);
  });

  it('is not sent again once the MAG registers a node anew, as that would end the new session', () => {
    const dialogue = served();
    const { message } = clearMag1(dialogue);
    dialogue.pass(10);
    const back = { nai: 'mn1@example.com', linkLayer: '020000000001', handoff: HandoffIndicator.UNKNOWN };
    const outputs = dialogue.update(back);
    expect(revocationsIn(outputs).map((one) => one.message.flags)).toEqual([P, P]);
    expect(nodes(dialogue)).toEqual(['mn1 active', 'mn2 revoking', 'mn3 revoking', 'other active']);
    acknowledge(dialogue, message.sequence);
    expect(revocationsIn(dialogue.pass(60_000)).every((one) => one.message.flags === P)).toBe(true);
    expect(nodes(dialogue)).toEqual(['mn1 active', 'other active']);
  });

  it('lets no refresh undo it that crosses it', () => {
    const dialogue = served();
    const [row] = dialogue.lma.snapshot().filter(({ nai }) => nai === 'mn1@example.com');
    clearMag1(dialogue);
    dialogue.pass(10);
    const refresh = { nai: 'mn1@example.com', linkLayer: '020000000001', handoff: HandoffIndicator.NOT_CHANGED };
    expect(dialogue.acknowledged({ ...refresh, prefixes: row?.hnps ?? [] }).status).toBe(129);
    dialogue.pass(60_000);
    expect(nodes(dialogue)).toEqual(['other active']);
  });

  it('takes those along that were being revoked one by one', () => {
    const dialogue = served();
    dialogue.tell({ kind: 'clear-bindings', nai: 'mn2@example.com' });
    acknowledge(dialogue, clearMag1(dialogue).message.sequence);
    expect(nodes(dialogue)).toEqual(['other active']);
    expect(kindsOf(dialogue.pass(3000))).toEqual([]);
  });

  it('of a MAG with nothing here sends nothing', () => {
    expect(new Dialogue().tell({ kind: 'clear-bindings', mag: 'mag1' })).toEqual([]);
  });
});
