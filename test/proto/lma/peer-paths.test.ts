import { describe, expect, it } from 'vitest';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import type { LmaOutput } from '#proto/lma/events.ts';
import { HandoffIndicator, type Heartbeat } from '#wire/mobility/index.ts';
import { Dialogue, ipv4, kindsOf, LMA, MAG1, MAG2, STRANGER } from './dialogue.ts';

const heartbeat = { interval: seconds(60), retries: 3 };

/** To MAG1. */
function requestIn(outputs: readonly LmaOutput[]): Heartbeat | undefined {
  return outputs
    .flatMap((output) =>
      output.kind === 'send' && MAG1.equals(output.to.remote as Ipv6Address) ? [output.message] : [],
    )
    .filter((message) => message.kind === 'heartbeat')
    .find(({ response }) => !response);
}

/** The MAG answers the request that is among the outputs. */
function answer(dialogue: Dialogue, outputs: readonly LmaOutput[], counter: number): readonly LmaOutput[] {
  const request = requestIn(outputs);
  if (!request) throw new Error('no request');
  const options = [{ kind: 'restart-counter', counter }] as const;
  return dialogue.receive(MAG1, { ...request, response: true, options });
}

const codes = (outputs: readonly LmaOutput[]) => outputs.flatMap((o) => (o.kind === 'log' ? [o.code] : []));

describe('an LMA and its MAGs', () => {
  it('[RFC 5847 §3] watches a MAG once it has a binding, and shows the path', () => {
    const dialogue = new Dialogue({ heartbeat });
    dialogue.pass(0);
    dialogue.update({ nai: 'refused@example.com', handoff: undefined });
    expect(requestIn(dialogue.pass(2000))).toBeUndefined();
    dialogue.update();
    answer(dialogue, dialogue.pass(1000), 1);
    expect(dialogue.lma.heartbeats()).toMatchObject([
      { peer: 'mag1', state: 'up', sessions: 1, destination: `${MAG1}`, restartCounter: 1, interval: 60, retries: 3 },
    ]);
    expect(dialogue.lma.snapshot()[0]?.careOfAddresses).toMatchObject([{ path: 'up' }]);
  });

  it('[RFC 5847 §3.2] marks as invalid what a restarted MAG has lost, and keeps the addresses for the mobile node', () => {
    const dialogue = new Dialogue({ heartbeat });
    dialogue.update();
    dialogue.update({ nai: 'mn2@example.com', linkLayer: '0024d78e21a5', from: MAG2 });
    answer(dialogue, dialogue.pass(1000), 1);
    const outputs = [...answer(dialogue, dialogue.pass(60_000), 2), ...dialogue.pass(100)];
    expect(codes(outputs)).toEqual(['peer-restarted', 'binding-invalidated']);
    expect(kindsOf(outputs)).toEqual(['store', 'forward']);
    const stateOf = () => dialogue.lma.snapshot().map(({ nai, state, hoa }) => `${nai} ${state} ${hoa}`);
    expect(stateOf().sort()).toEqual(['mn1@example.com invalid 192.0.2.1', 'mn2@example.com active 192.0.2.2']);
    expect(dialogue.forwarding.size).toBe(1);
    dialogue.pass(600_000);
    dialogue.update({ handoff: HandoffIndicator.UNKNOWN });
    expect(stateOf().sort()).toEqual(['mn1@example.com active 192.0.2.1', 'mn2@example.com active 192.0.2.2']);
    expect(dialogue.forwarding.size).toBe(2);
  });

  it('ends what is invalid with its lifetime, and then asks that MAG no more', () => {
    const dialogue = new Dialogue({ heartbeat });
    dialogue.update({ lifetimeSeconds: 400 });
    answer(dialogue, dialogue.pass(1000), 1);
    answer(dialogue, dialogue.pass(60_000), 2);
    dialogue.pass(100_000);
    expect(requestIn(dialogue.pass(239_000))).toBeUndefined();
    expect(dialogue.lma.snapshot()).toEqual([]);
    expect(dialogue.lma.heartbeats()).toMatchObject([{ state: 'idle', sessions: 0 }]);
    expect(dialogue.lma.stats).toMatchObject({ bindingsInvalidated: 1, bindingsExpired: 0 });
  });

  it('leaves alone what was registered after the MAG was last heard: it may be of the MAG as it is now', () => {
    const dialogue = new Dialogue({ heartbeat });
    dialogue.update();
    answer(dialogue, dialogue.pass(1000), 1);
    dialogue.pass(30_000);
    dialogue.update({ nai: 'mn2@example.com', linkLayer: '0024d78e21a5' });
    answer(dialogue, dialogue.pass(30_000), 2);
    dialogue.pass(1000);
    expect(dialogue.lma.snapshot().map(({ state }) => state)).toEqual(['invalid', 'active']);
    expect(dialogue.lma.snapshot().find(({ state }) => state === 'active')?.nai).toBe('mn2@example.com');
  });

  it('sends no revocation to a restarted MAG when the mobile node turns up elsewhere, nor when the operator clears', () => {
    const dialogue = new Dialogue({ heartbeat });
    dialogue.update();
    dialogue.update({ nai: 'mn2@example.com', linkLayer: '0024d78e21a5' });
    answer(dialogue, dialogue.pass(1000), 1);
    answer(dialogue, dialogue.pass(60_000), 2);
    dialogue.pass(1000);
    dialogue.update({ from: MAG2, handoff: HandoffIndicator.UNKNOWN });
    dialogue.tell({ kind: 'clear-bindings', nai: 'mn2@example.com' });
    expect(dialogue.lma.stats.briSent).toBe(0);
    expect(dialogue.lma.snapshot()).toMatchObject([{ nai: 'mn1@example.com', peer: 'mag2', state: 'active' }]);
  });

  it('[RFC 5847 §3.1] keeps the bindings of a MAG that does not answer, with the path shown as down', () => {
    const dialogue = new Dialogue({ heartbeat });
    dialogue.update();
    answer(dialogue, dialogue.pass(1000), 1);
    const outputs = dialogue.pass(300_000);
    expect(codes(outputs)).toEqual(['peer-unreachable']);
    expect(dialogue.lma.snapshot()).toMatchObject([{ state: 'active', careOfAddresses: [{ path: 'down' }] }]);
    expect(dialogue.forwarding.size).toBe(1);
  });

  it('takes many lost bindings in batches, and none of them twice', () => {
    const dialogue = new Dialogue({ heartbeat, bindingMaximum: 3000 });
    for (let i = 0; i < 1200; i++) {
      dialogue.update({ nai: `${i}@example.com`, linkLayer: i.toString(16).padStart(12, '0'), home: [] });
    }
    answer(dialogue, dialogue.pass(1000), 1);
    const request = dialogue.pass(60_000);
    expect(kindsOf(answer(dialogue, request, 2))).toEqual([]);
    expect(kindsOf(dialogue.pass(75)).filter((kind) => kind === 'store')).toHaveLength(500);
    dialogue.pass(1000);
    expect(dialogue.lma.stats.bindingsInvalidated).toBe(1200);
  });

  it('[RFC 5847 §3] asks a MAG no more that answers with a Binding Error of status 2', () => {
    const dialogue = new Dialogue({ heartbeat });
    dialogue.update();
    dialogue.pass(1000);
    const error = { kind: 'binding-error', status: 2, homeAddress: STRANGER, options: [] } as const;
    dialogue.receive(STRANGER, error);
    expect(dialogue.lma.heartbeats()).toMatchObject([{ state: 'probing' }]);
    dialogue.receive(MAG1, error);
    expect(requestIn(dialogue.pass(3_000_000))).toBeUndefined();
    expect(dialogue.lma.heartbeats()).toMatchObject([{ state: 'unsupported' }]);
  });

  it('watches the MAGs of restored bindings, and of those at hand when heartbeats are switched on', () => {
    const records = (dialogue: Dialogue) =>
      dialogue.outputs.flatMap((o) => (o.kind === 'store' && o.change.kind === 'put' ? [o.change.record] : []));
    const before = new Dialogue();
    before.update();
    const after = new Dialogue({ heartbeat });
    after.tell({ kind: 'restored', records: records(before) });
    expect(requestIn(after.pass(1000))).toBeDefined();
    before.tell({ kind: 'configure', config: { ...before.config, heartbeat } });
    expect(requestIn(before.pass(1000))).toBeDefined();
    before.tell({ kind: 'configure', config: before.config });
    expect(requestIn(before.pass(1_000_000))).toBeUndefined();
  });

  it('[RFC 5847 §3.2] tells a MAG of its start by every way that there is, as it does not know which one the MAG uses', () => {
    const peers = [{ name: 'mag1', ipv6: MAG1, ipv4: ipv4('203.0.113.101') }];
    const addresses = { ipv6: LMA, ipv4: ipv4('203.0.113.1') };
    const dialogue = new Dialogue({ heartbeat, peers, addresses });
    const told = dialogue.pass(1).flatMap((output) => (output.kind === 'send' ? [`${output.to.remote}`] : []));
    expect(told).toEqual([`${MAG1}`, '203.0.113.101']);
  });
});
