import { describe, expect, it } from 'vitest';
import { milliseconds } from '#base/time.ts';
import type { LmaOutput } from '#proto/lma/events.ts';
import {
  BindingRevocationFlag,
  findOptions,
  HandoffIndicator,
  RevocationStatus,
  RevocationTrigger,
} from '#wire/mobility/index.ts';
import { answerIn, Dialogue, kindsOf, MAG1, MAG2, revocationsIn } from './dialogue.ts';

const { UNKNOWN, NOT_CHANGED } = HandoffIndicator;
const elsewhere = { from: MAG2, handoff: UNKNOWN, linkLayer: '0200000000bb' };

function acknowledge(dialogue: Dialogue, outputs: readonly LmaOutput[], status: number): readonly LmaOutput[] {
  const [revocation] = revocationsIn(outputs);
  if (!revocation) throw new Error('no revocation');
  return dialogue.receive(MAG1, {
    kind: 'binding-revocation-acknowledgement',
    status,
    sequence: revocation.message.sequence,
    flags: BindingRevocationFlag.P,
    options: [],
  });
}

function prefixesIn(outputs: readonly LmaOutput[]): string[] {
  return findOptions(answerIn(outputs)?.options ?? [], 'home-network-prefix').map(({ prefix }) => `${prefix}`);
}

/** A node that is at MAG1, and then turns up at MAG2, which does not know how it came there. */
function turnUp(config: ConstructorParameters<typeof Dialogue>[0] = {}, update: object = elsewhere) {
  const dialogue = new Dialogue(config);
  const first = prefixesIn(dialogue.update());
  dialogue.pass(100);
  const asked = dialogue.update(update);
  return { dialogue, first, asked };
}

describe('a request with handoff state unknown that may be about the only session of its mobile node', () => {
  it('[RFC 5846 §8.1] waits, while the MAG of the session is asked whether the node is there', () => {
    const { dialogue, asked } = turnUp();
    expect(kindsOf(asked)).toEqual(['binding-revocation-indication']);
    expect(revocationsIn(asked)).toMatchObject([
      {
        to: `${MAG1}`,
        message: { trigger: RevocationTrigger.INTER_MAG_HANDOVER_UNKNOWN, flags: BindingRevocationFlag.P },
      },
    ]);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag1', state: 'active' }]);
    expect(dialogue.forwarding.size).toBe(1);
  });

  it('[RFC 5846 §8.1(7), §8.1] moves the session once the MAG says that the node is gone', () => {
    const { dialogue, first, asked } = turnUp();
    const outputs = acknowledge(dialogue, asked, RevocationStatus.SUCCESS);
    expect(answerIn(outputs)?.status).toBe(0);
    expect(prefixesIn(outputs)).toEqual(first);
    expect(revocationsIn(outputs)).toEqual([]);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag2', state: 'active', llid: '0200.0000.00bb' }]);
    expect(dialogue.lma.stats).toMatchObject({ waitsStarted: 1, waitsMoved: 1, waitsUnmoved: 0 });
    expect(kindsOf(dialogue.pass(20_000))).toEqual([]);
  });

  it('[RFC 5846 §6.2.1] moves it as well when the MAG has no such binding', () => {
    const { dialogue, first, asked } = turnUp();
    expect(prefixesIn(acknowledge(dialogue, asked, RevocationStatus.BINDING_DOES_NOT_EXIST))).toEqual(first);
  });

  it('[RFC 5846 §8.1(8)] opens another session when the MAG says that the node is attached, and leaves the first alone', () => {
    const { dialogue, first, asked } = turnUp();
    const outputs = acknowledge(dialogue, asked, RevocationStatus.MOBILE_NODE_IS_ATTACHED);
    expect(answerIn(outputs)?.status).toBe(0);
    expect(prefixesIn(outputs)).not.toEqual(first);
    expect(dialogue.lma.snapshot()).toMatchObject([
      { peer: 'mag1', state: 'active', hnps: first },
      { peer: 'mag2', state: 'active' },
    ]);
    expect(dialogue.lma.stats).toMatchObject({ waitsMoved: 0, waitsUnmoved: 1 });
  });

  it('[RFC 5213 §5.4.1.2(4)] moves it once the MAG de-registers the node', () => {
    const { dialogue, first } = turnUp();
    dialogue.pass(200);
    const outputs = dialogue.update({ lifetimeSeconds: 0, handoff: UNKNOWN });
    const answers = outputs.flatMap((output) =>
      output.kind === 'send' ? [`${output.to.remote} ${output.message.kind}`] : [],
    );
    expect(answers).toEqual([`${MAG1} binding-acknowledgement`, `${MAG2} binding-acknowledgement`]);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag2', state: 'active', hnps: first }]);
    expect(kindsOf(dialogue.pass(20_000))).toEqual([]);
  });

  it('[RFC 5213 §5.4.1.2(4), §9.1, RFC 5846 §8.1(9)] opens another session after MaxDelayBeforeNewBCEAssign without an answer', () => {
    const { dialogue, first } = turnUp();
    expect(answerIn(dialogue.pass(1499))).toBeUndefined();
    const outputs = dialogue.pass(1);
    expect(answerIn(outputs)?.status).toBe(0);
    expect(prefixesIn(outputs)).not.toEqual(first);
    expect(dialogue.lma.snapshot()).toHaveLength(2);
  });

  it('[RFC 5846 §8.1(9)] opens another session when every retransmission went unanswered before that', () => {
    const bri = { minimumDelay: milliseconds(500), maximumDelay: milliseconds(500), retries: 1 };
    const { dialogue } = turnUp({ bri, createWait: milliseconds(60_000) });
    dialogue.pass(1000);
    expect(dialogue.lma.snapshot()).toHaveLength(2);
  });

  it('[RFC 5213 §5.4.1.3(3)] waits likewise without a link-layer identifier', () => {
    const { dialogue, first, asked } = turnUp({}, { from: MAG2, handoff: UNKNOWN, linkLayer: undefined });
    expect(kindsOf(asked)).toEqual(['binding-revocation-indication']);
    expect(prefixesIn(acknowledge(dialogue, asked, RevocationStatus.SUCCESS))).toEqual(first);
  });

  it('is answered once however often it is sent meanwhile, with the latest sequence number', () => {
    const { dialogue } = turnUp();
    dialogue.pass(1000);
    expect(kindsOf(dialogue.update({ ...elsewhere, sequence: 4711 }))).toEqual([]);
    const outputs = dialogue.pass(1000);
    expect(answerIn(outputs)?.sequence).toBe(4711);
    expect(dialogue.lma.stats.pbaByStatus).toEqual({ ACCEPTED: 2 });
    expect(dialogue.lma.snapshot()).toHaveLength(2);
  });

  it('[RFC 5213 §5.4.1.2(2)] does not wait when the link-layer identifier is that of the session', () => {
    const { asked } = turnUp({}, { from: MAG2, handoff: UNKNOWN });
    expect(answerIn(asked)?.status).toBe(0);
  });

  it('does not wait for a session that was given up already', () => {
    const dialogue = new Dialogue();
    const first = prefixesIn(dialogue.update());
    dialogue.pass(100);
    dialogue.update({ lifetimeSeconds: 0, handoff: UNKNOWN });
    dialogue.pass(100);
    expect(prefixesIn(dialogue.update(elsewhere))).toEqual(first);
    expect(dialogue.lma.stats.waitsStarted).toBe(0);
  });

  it('[RFC 5213 §5.4.1.2(4)] does not wait when the node has no session, or several', () => {
    const dialogue = new Dialogue();
    expect(answerIn(dialogue.update(elsewhere))?.status).toBe(0);
    dialogue.pass(1);
    dialogue.update({ linkLayer: '0200000000cc' });
    dialogue.pass(1);
    expect(answerIn(dialogue.update({ ...elsewhere, linkLayer: '0200000000dd' }))?.status).toBe(0);
    expect(dialogue.lma.snapshot()).toHaveLength(3);
  });

  it('[RFC 5213 §5.4.1.2(4)] does not wait for a node that attaches by several interfaces at once', () => {
    const defaultProfile = { nai: 'default', service: 'dual', multihomed: true } as const;
    const { dialogue, asked } = turnUp({ defaultProfile });
    expect(answerIn(asked)?.status).toBe(0);
    expect(dialogue.lma.snapshot()).toHaveLength(2);
  });

  it('[RFC 5213 §5.4.1.2(4)] leaves such a node the session that its other interface has just given up', () => {
    const dialogue = new Dialogue({ defaultProfile: { nai: 'default', service: 'dual', multihomed: true } });
    const first = prefixesIn(dialogue.update());
    dialogue.pass(100);
    dialogue.update({ lifetimeSeconds: 0 });
    dialogue.pass(100);
    expect(prefixesIn(dialogue.update(elsewhere))).not.toEqual(first);
    expect(dialogue.lma.snapshot().map(({ state }) => state)).toEqual(['deleting', 'active']);
  });

  it('that de-registers waits for nobody: there is no such session', () => {
    const { asked, dialogue } = turnUp({}, { ...elsewhere, lifetimeSeconds: 0 });
    expect(kindsOf(asked)).toEqual([]);
    expect(dialogue.lma.stats).toMatchObject({ deRegistrationsUnmatched: 1, waitsStarted: 0 });
  });

  it('is not moved by a late answer once the session has gone on by other means', () => {
    const { dialogue, asked } = turnUp();
    dialogue.pass(1600);
    dialogue.update({ from: MAG2, handoff: UNKNOWN });
    acknowledge(dialogue, asked, RevocationStatus.SUCCESS);
    expect(dialogue.lma.snapshot()).toMatchObject([
      { peer: 'mag2', state: 'active' },
      { peer: 'mag2', state: 'active' },
    ]);
  });

  it('waits in limited numbers: beyond them, another session is opened at once', () => {
    const dialogue = new Dialogue({ bindingMaximum: 20_000 });
    const nodes = Array.from({ length: 4100 }, (_, i) => ({ nai: `n${i}@example.com`, home: [] }));
    for (const node of nodes) dialogue.update(node);
    dialogue.pass(1);
    const kinds = nodes.map((node) => kindsOf(dialogue.update({ ...node, ...elsewhere })).at(-1));
    expect(kinds.filter((kind) => kind === 'binding-revocation-indication')).toHaveLength(4096);
    expect(kinds.slice(4096)).toEqual(Array(4).fill('binding-acknowledgement'));
    expect(dialogue.lma.stats).toMatchObject({ waitsStarted: 4096, waitsRefused: 4 });
  });

  it('ends with the session: what waited gets one of its own', () => {
    const { dialogue } = turnUp();
    dialogue.tell({ kind: 'clear-bindings' });
    const outputs = dialogue.pass(5000);
    expect(answerIn(outputs)?.status).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag2' }]);
  });
});

describe('handoff indicators without any other match', () => {
  it('[RFC 5213 §5.4.1.2(5)] 0, 1, 3, 5 and values that nobody assigned open another session', () => {
    for (const handoff of [0, 1, 3, NOT_CHANGED, 6, 255]) {
      const { dialogue, asked } = turnUp({}, { ...elsewhere, handoff });
      expect([handoff, answerIn(asked)?.status]).toEqual([handoff, 0]);
      expect(dialogue.lma.snapshot()).toHaveLength(2);
    }
  });

  it('[RFC 5213 §5.4.1.2(3)] 2 moves no session when there are several', () => {
    const { dialogue } = turnUp({}, { linkLayer: '0200000000bb' });
    dialogue.pass(10);
    const outputs = dialogue.update({ ...elsewhere, handoff: 2, linkLayer: '0200000000cc' });
    expect(answerIn(outputs)?.status).toBe(0);
    expect(dialogue.lma.snapshot()).toHaveLength(3);
  });

  it('one node has a limited number of sessions', () => {
    const dialogue = new Dialogue();
    const statuses = Array.from({ length: 20 }, (_, i) => {
      dialogue.pass(1);
      return dialogue.acknowledged({ linkLayer: `02000000aa${(16 + i).toString(16)}` }).status;
    });
    expect(statuses.filter((status) => status === 0)).toHaveLength(16);
    expect(statuses.at(-1)).toBe(130);
    expect(dialogue.lma.stats.interfaceMaximumReached).toBe(4);
  });
});
