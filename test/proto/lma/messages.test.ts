import { describe, expect, it } from 'vitest';
import { SeededRandom } from '#base/random.ts';
import { decodeMobilityHeader } from '#wire/mobility/index.ts';
import { Dialogue, ipv6, kept, kindsOf, LMA, MAG1, peer, STRANGER } from './dialogue.ts';

const unknown = { kind: 'unknown-mobility-message', type: 99, data: new Uint8Array(10) } as const;

describe('messages that are no registration', () => {
  it('[RFC 6275 §9.2, RFC 5213 §5.3.1(2)] answers an unknown Mobility Header type with a Binding Error, status 2', () => {
    const [send] = new Dialogue().receive(STRANGER, unknown);
    expect(send).toMatchObject({
      kind: 'send',
      to: peer(STRANGER),
      message: { kind: 'binding-error', status: 2, homeAddress: ipv6('::') },
    });
  });

  it('[RFC 6275 §9.3.3] limits the rate of Binding Errors', () => {
    const dialogue = new Dialogue();
    for (let i = 0; i < 1000; i++) dialogue.receive(STRANGER, unknown);
    expect(dialogue.lma.stats.bindingErrorsSent).toBe(10);
    expect(dialogue.lma.stats.bindingErrorsSuppressed).toBe(990);
    dialogue.pass(1000);
    expect(kindsOf(dialogue.receive(MAG1, unknown))).toEqual(['binding-error']);
  });

  it('[RFC 6275 §9.3.3] sends none to a source that is not unicast', () => {
    const dialogue = new Dialogue();
    for (const source of ['::', 'ff02::1']) expect(dialogue.receive(ipv6(source), unknown)).toEqual([]);
    expect(dialogue.lma.stats.unservedSource).toBe(2);
  });

  it('never answers a Binding Error or an acknowledgement', () => {
    const dialogue = new Dialogue();
    const error = { kind: 'binding-error', status: 2, homeAddress: ipv6('::'), options: [] } as const;
    expect(dialogue.receive(MAG1, error)).toEqual([]);
    expect(dialogue.lma.stats.unexpected).toEqual({ 'binding-error': 1 });
  });

  it('[RFC 5847 §3.2] answers a heartbeat of a known MAG, with its restart counter', () => {
    const heartbeat = {
      kind: 'heartbeat',
      response: false,
      unsolicited: false,
      sequence: 0x12345678,
      options: [],
    } as const;
    const dialogue = new Dialogue();
    expect(dialogue.receive(MAG1, heartbeat)).toMatchObject([
      {
        to: peer(MAG1),
        message: {
          kind: 'heartbeat',
          response: true,
          sequence: 0x12345678,
          options: [{ kind: 'restart-counter', counter: 1 }],
        },
      },
    ]);
    expect(dialogue.receive(STRANGER, heartbeat)).toEqual([]);
    expect(dialogue.lma.stats.heartbeatsFromStrangers).toBe(1);
  });

  it('counts malformed messages by what is wrong with them, and limits the log', () => {
    const dialogue = new Dialogue();
    const error = { code: 'truncated', offset: 3, field: 'header', rule: 'RFC 6275 §6.1.1' } as const;
    for (let i = 0; i < 100; i++) dialogue.tell({ kind: 'malformed', from: peer(STRANGER), error });
    expect(dialogue.lma.stats.malformed).toEqual({ truncated: 100 });
    expect(dialogue.outputs.length).toBeLessThan(30);
    // No field has the name of a key that each entry has: the entry's would be lost.
    expect(dialogue.outputs[0]).toMatchObject({ code: 'malformed-message', fields: { error: 'truncated', offset: 3 } });
    expect(dialogue.outputs[0]).not.toHaveProperty('fields.code');
  });

  it('survives any bytes that decode', () => {
    const random = new SeededRandom(5213);
    const dialogue = new Dialogue({ dynamicMagLearning: true });
    let decodable = 0;
    for (let round = 0; round < 3000; round++) {
      const bytes = Uint8Array.from({ length: 8 * (2 + (random.nextU32() % 12)) }, () => random.nextU32() & 0xff);
      bytes[0] = 59;
      bytes[1] = bytes.length / 8 - 1;
      bytes[2] = round % 25;
      const message = decodeMobilityHeader(bytes);
      if (!message.ok) continue;
      decodable++;
      dialogue.tell({ kind: 'message', from: { transport: 'ipv6', local: LMA, remote: MAG1 }, message: message.value });
    }
    expect(decodable).toBeGreaterThan(20);
    expect(dialogue.acknowledged().status).toBe(0);
  });
});

describe('bindings of a former run', () => {
  it('are served as before: forwarding, addresses, order of messages and remaining lifetime', () => {
    const before = new Dialogue();
    const records = before
      .update({ lifetimeSeconds: 40 })
      .flatMap((output) => (output.kind === 'store' && output.change.kind === 'put' ? [output.change.record] : []));
    const after = new Dialogue();
    after.pass(10_000);
    after.tell({ kind: 'restored', records: kept(records) });
    expect([...after.forwarding.values()]).toEqual([...before.forwarding.values()]);
    expect(after.lma.snapshot()).toMatchObject([{ nai: 'mn1@example.com', hoa: '192.0.2.1', lifetimeRemaining: 30 }]);
    expect(after.acknowledged({ clockAhead: -10_000, handoff: 5 }).status).toBe(156);
    const other = after.acknowledged({ nai: 'mn2@example.com', linkLayer: '0200000000aa' });
    expect(other.status).toBe(0);
    expect(new Set(after.lma.snapshot().map((row) => row.hoa)).size).toBe(2);
    after.pass(30_001);
    expect(after.lma.snapshot()).toMatchObject([{ nai: 'mn2@example.com' }]);
  });

  it('last no longer than they were granted, when the clock was set back before the restart', () => {
    const before = new Dialogue();
    const records = before
      .update({ lifetimeSeconds: 40 })
      .flatMap((output) => (output.kind === 'store' && output.change.kind === 'put' ? [output.change.record] : []));
    const after = new Dialogue();
    after.setClockBack(7_200_000);
    after.tell({ kind: 'restored', records });
    expect(after.lma.snapshot()).toMatchObject([{ lifetimeRemaining: 40 }]);
    after.pass(40_001 + 640_000);
    expect(after.lma.snapshot()).toEqual([]);
    expect(after.lma.nextTimeout()).toBeUndefined();
  });

  it('in which no host believes any more are dropped from the store', () => {
    const before = new Dialogue();
    const [output] = before.update({ lifetimeSeconds: 40 });
    if (output?.kind !== 'store' || output.change.kind !== 'put') throw new Error('no record');
    const after = new Dialogue();
    after.pass(641_000);
    const outputs = after.tell({ kind: 'restored', records: [output.change.record] });
    expect(outputs).toMatchObject([{ kind: 'store', change: { kind: 'delete', id: 'lma1/1' } }]);
  });
});
