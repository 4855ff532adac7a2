import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { BindingRevocationAcknowledgement } from '#wire/mobility/index.ts';
import { BindingRevocationFlag, BindingStatus, HandoffIndicator, RevocationTrigger } from '#wire/mobility/index.ts';
import { answerIn, Dialogue, kindsOf, MAG1, MAG2, revocationsIn, STRANGER } from './dialogue.ts';

const { BETWEEN_INTERFACES, NOT_CHANGED, UNKNOWN } = HandoffIndicator;
const { P, V } = BindingRevocationFlag;

/** A node that was at MAG1 and is at MAG2 now; the revocation sent to MAG1. */
function roam(dialogue: Dialogue, first: object = {}, second: object = {}) {
  dialogue.update(first);
  dialogue.pass(10);
  const [revocation] = revocationsIn(dialogue.update({ ...first, from: MAG2, handoff: UNKNOWN, ...second }));
  if (!revocation) throw new Error('no revocation');
  return revocation;
}

function acknowledgement(sequence: number, status = 0): BindingRevocationAcknowledgement {
  return { kind: 'binding-revocation-acknowledgement', status, sequence, flags: P, options: [] };
}

describe('the revocation at the old MAG', () => {
  it('[RFC 5846 §8.1(1), §8.1(3), §8.1(4), §6.1.1, §6.1.1(2), §5.1(1), §5.1(2)] has the P flag, the mobile node’s identifier and its prefix', () => {
    const { message } = roam(new Dialogue());
    expect(message.flags).toBe(P);
    expect(message.options).toMatchObject([
      { kind: 'mobile-node-identifier', subtype: 1, identifier: new TextEncoder().encode('mn1@example.com') },
      { kind: 'home-network-prefix', prefix: { length: 64 } },
    ]);
  });

  it('[RFC 5846 §8.1] names each of several prefixes', () => {
    const { message } = roam(new Dialogue({ prefixMaximum: 2 }), { prefixes: ['::/0', '::/0'] });
    expect(message.options.map(({ kind }) => kind)).toEqual([
      'mobile-node-identifier',
      'home-network-prefix',
      'home-network-prefix',
    ]);
  });

  it('[RFC 5846 §5.1(4), §5.1(5), §6.1.1(5), §8.1(10), §8.1(11), §8.1(12), §8.1(13)] of an IPv4-only binding names it by the IPv4 Home Address Request option, with P and V', () => {
    const { message } = roam(new Dialogue(), { nai: 'four@example.com', prefixes: [] });
    expect(message.flags).toBe(P | V);
    expect(message.options).toMatchObject([
      { kind: 'mobile-node-identifier' },
      { kind: 'ipv4-home-address-request', prefixLength: 24 },
    ]);
    expect(`${(message.options[1] as { address: unknown }).address}`).toBe('192.0.2.1');
  });

  it('[RFC 5846 §8.1(2), §6.1.1(4)] says whether the access technology stayed the same', () => {
    expect(roam(new Dialogue()).message.trigger).toBe(RevocationTrigger.INTER_MAG_HANDOVER_SAME_ACCESS_TYPE);
    const toEthernet = { accessTechnology: 3, handoff: BETWEEN_INTERFACES, linkLayer: '0200000000bb' };
    const { message } = roam(new Dialogue(), {}, toEthernet);
    expect(message.trigger).toBe(RevocationTrigger.INTER_MAG_HANDOVER_DIFFERENT_ACCESS_TYPE);
    const unnamed = roam(new Dialogue(), { accessTechnology: 0 });
    expect(unnamed.message.trigger).toBe(RevocationTrigger.INTER_MAG_HANDOVER_UNKNOWN);
    const named = roam(new Dialogue(), { accessTechnology: 0 }, toEthernet);
    expect(named.message.trigger).toBe(RevocationTrigger.INTER_MAG_HANDOVER_UNKNOWN);
  });

  it('[RFC 5846 §6.3] is sent again unchanged, with doubled delay up to the maximum, at most `retries` times', () => {
    const bri = { minimumDelay: 1000, maximumDelay: 3000, retries: 3 } as never;
    const dialogue = new Dialogue({ bri });
    const { message } = roam(dialogue);
    const sentAt: number[] = [];
    for (let ms = 0; ms < 20_000; ms += 100) {
      for (const again of revocationsIn(dialogue.pass(100))) {
        expect(again).toEqual({ to: `${MAG1}`, message });
        sentAt.push(ms + 100);
      }
    }
    expect(sentAt).toEqual([1000, 3000, 6000]);
    expect(dialogue.lma.stats).toMatchObject({ briSent: 1, briRetransmitted: 3, briGivenUp: 1 });
  });

  it('[RFC 5846 §6.2.2(1), §6.1.1(1)] ends with its acknowledgement', () => {
    const dialogue = new Dialogue();
    const { message } = roam(dialogue);
    dialogue.receive(MAG1, acknowledgement(message.sequence));
    expect(kindsOf(dialogue.pass(20_000))).toEqual([]);
    expect(dialogue.lma.stats).toMatchObject({ braReceived: 1, briRetransmitted: 0, briGivenUp: 0 });
  });

  it('[RFC 5846 §6.2.2(1)] is not ended by another sequence number, nor by another node', () => {
    const dialogue = new Dialogue();
    const { message } = roam(dialogue);
    dialogue.receive(MAG1, acknowledgement(message.sequence + 1));
    dialogue.receive(MAG2, acknowledgement(message.sequence));
    dialogue.receive(STRANGER, acknowledgement(message.sequence));
    expect(dialogue.lma.stats.braUnmatched).toBe(3);
    expect(revocationsIn(dialogue.pass(1100))).toHaveLength(1);
  });

  it('[RFC 5846 §8.1] loses nothing when it is lost: the binding stays with the new MAG', () => {
    const dialogue = new Dialogue();
    roam(dialogue);
    dialogue.pass(60_000);
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active', peer: 'mag2', hoa: '192.0.2.1' }]);
    expect(dialogue.forwarding.size).toBe(1);
  });

  it('that the old MAG refuses changes nothing either, and is counted', () => {
    const dialogue = new Dialogue();
    const { message } = roam(dialogue);
    dialogue.receive(MAG1, acknowledgement(message.sequence, 132));
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag2' }]);
    expect(dialogue.lma.stats.braByStatus).toEqual({ 132: 1 });
  });

  it('is not sent again to a MAG to which the node has come back', () => {
    const dialogue = new Dialogue();
    roam(dialogue);
    dialogue.pass(10);
    const back = dialogue.update({ from: MAG1, handoff: UNKNOWN });
    expect(revocationsIn(back).map(({ to }) => to)).toEqual([`${MAG2}`]);
    expect(revocationsIn(dialogue.pass(20_000)).map(({ to }) => to)).toEqual([`${MAG2}`]);
    expect(dialogue.lma.stats.briCancelled).toBe(1);
  });
});

describe('a refresh from a MAG that the node has left', () => {
  const refreshAtMag1 = (dialogue: Dialogue) => {
    const [row] = dialogue.lma.snapshot();
    return { from: MAG1, handoff: NOT_CHANGED, prefixes: row?.hnps ?? [], home: [row?.hoa ?? '0.0.0.0'] };
  };

  it('[RFC 5213 §5.3.4] is answered with 129, counted, and never moves the binding', () => {
    const dialogue = new Dialogue();
    roam(dialogue);
    dialogue.pass(100);
    const outputs = dialogue.update(refreshAtMag1(dialogue));
    expect(kindsOf(outputs)).toEqual(['binding-acknowledgement']);
    expect(answerIn(outputs)?.status).toBe(BindingStatus.ADMINISTRATIVELY_PROHIBITED);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag2', state: 'active' }]);
    expect(dialogue.lma.stats.staleRefreshes).toBe(1);
  });

  it('[RFC 5213 §5.5(8)] that was sent before the roam and arrives after it is refused as out of order', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.pass(5);
    const late = dialogue.build(refreshAtMag1(dialogue));
    dialogue.pass(5);
    dialogue.update({ from: MAG2, handoff: UNKNOWN });
    dialogue.pass(50);
    expect(answerIn(dialogue.receive(MAG1, late))?.status).toBe(BindingStatus.TIMESTAMP_LOWER_THAN_PREV_ACCEPTED);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag2' }]);
  });

  it('does not move it after the revocation was lost either, nor disturb the new MAG’s own refresh', () => {
    const dialogue = new Dialogue();
    roam(dialogue);
    dialogue.pass(30_000);
    expect(dialogue.acknowledged(refreshAtMag1(dialogue)).status).toBe(129);
    dialogue.pass(10);
    expect(dialogue.acknowledged({ ...refreshAtMag1(dialogue), from: MAG2 }).status).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag2' }]);
  });

  it('whose node really comes back is served as soon as it says so', () => {
    const dialogue = new Dialogue();
    roam(dialogue);
    dialogue.pass(100);
    dialogue.update(refreshAtMag1(dialogue));
    dialogue.pass(100);
    expect(dialogue.acknowledged({ from: MAG1, handoff: UNKNOWN }).status).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ peer: 'mag1', hoa: '192.0.2.1' }]);
  });
});

describe('clearing bindings', () => {
  it('[RFC 5846 §8.1] stops the traffic, revokes with the administrative trigger, and ends with the acknowledgement', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    const outputs = dialogue.tell({ kind: 'clear-bindings', nai: 'mn1@example.com' });
    expect(kindsOf(outputs)).toEqual(['store', 'forward', 'binding-revocation-indication']);
    const [revocation] = revocationsIn(outputs);
    expect(revocation).toMatchObject({ to: `${MAG1}`, message: { trigger: RevocationTrigger.ADMINISTRATIVE_REASON } });
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'revoking' }]);
    dialogue.receive(MAG1, acknowledgement(revocation?.message.sequence ?? 0));
    expect(dialogue.lma.snapshot()).toEqual([]);
    expect(dialogue.lma.poolUse().ipv4).toMatchObject([{ held: 0 }]);
  });

  it('[RFC 5846 §6.3] ends without an acknowledgement too', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.tell({ kind: 'clear-bindings' });
    dialogue.pass(10_000);
    expect(dialogue.lma.snapshot()).toEqual([]);
    dialogue.pass(2 * 3_600_000);
    expect(dialogue.lma.nextTimeout()).toBeUndefined();
  });

  it('is not undone by a refresh that crosses the revocation', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    const [row] = dialogue.lma.snapshot();
    dialogue.tell({ kind: 'clear-bindings' });
    dialogue.pass(10);
    expect(dialogue.acknowledged({ handoff: NOT_CHANGED, prefixes: row?.hnps ?? [] }).status).toBe(129);
    dialogue.pass(10_000);
    expect(dialogue.lma.snapshot()).toEqual([]);
  });

  it('[RFC 5846 §8.1] is undone by a new attachment, which ends the revocation', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.tell({ kind: 'clear-bindings' });
    dialogue.pass(10);
    expect(dialogue.acknowledged({ handoff: UNKNOWN }).status).toBe(0);
    expect(kindsOf(dialogue.pass(10_000))).toEqual([]);
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active' }]);
    expect(dialogue.forwarding.size).toBe(1);
  });

  it('touches nobody else', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.update({ nai: 'mn2@example.com', linkLayer: '0200000000aa' });
    dialogue.tell({ kind: 'clear-bindings', nai: 'mn2@example.com' });
    dialogue.pass(10_000);
    expect(dialogue.lma.snapshot()).toMatchObject([{ nai: 'mn1@example.com', state: 'active' }]);
  });

  it('ends one binding by its id, and shows those that are meant', () => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.update({ nai: 'mn2@example.com', linkLayer: '0200000000aa' });
    const [meant] = dialogue.lma.snapshot(undefined, { nai: 'mn2@example.com' });
    expect(meant?.nai).toBe('mn2@example.com');
    dialogue.tell({ kind: 'clear-bindings', id: meant?.id ?? '' });
    dialogue.pass(10_000);
    expect(dialogue.lma.snapshot()).toMatchObject([{ nai: 'mn1@example.com', state: 'active' }]);
  });

  it.each([
    ['one link-layer address', { mac: MacAddress.parse('02:00:00:00:00:aa') as MacAddress }],
    ['one MAG by its name', { mag: 'mag2' }],
    ['one MAG by its address', { mag: `${MAG2}` }],
    ['one node at one MAG', { mag: 'mag2', nai: 'mn2@example.com' }],
  ])('ends those of %s only', (_, selection) => {
    const dialogue = new Dialogue();
    dialogue.update();
    dialogue.update({ nai: 'mn2@example.com', linkLayer: '0200000000aa', from: MAG2 });
    dialogue.tell({ kind: 'clear-bindings', ...selection });
    dialogue.pass(10_000);
    expect(dialogue.lma.snapshot()).toMatchObject([{ nai: 'mn1@example.com', state: 'active' }]);
    dialogue.tell({ kind: 'clear-bindings', mag: 'mag2' });
    dialogue.tell({ kind: 'clear-bindings', mag: 'mag1', nai: 'mn2@example.com' });
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active' }]);
  });
});
