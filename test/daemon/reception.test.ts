import { describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { instant, seconds } from '#base/time.ts';
import { Reception } from '#daemon/reception.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { encodeMobilityHeader, HandoffIndicator } from '#wire/mobility/index.ts';
import { encodeText } from '#wire/octets.ts';

const local = Ipv6Address.parse('2001:db8::1') as Ipv6Address;

function mag(number: number): PeerAddress {
  return { transport: 'ipv6', local, remote: Ipv6Address.parse(`2001:db8::1:${number}`) as Ipv6Address };
}

function served(reception: Reception, now: number): [number, number][] {
  const messages: [number, number][] = [];
  reception.serve(instant(now), (_, bytes, waited) => messages.push([bytes[0] as number, waited]));
  return messages;
}

describe('Reception', () => {
  it('says how long each message waited', () => {
    const reception = new Reception();
    reception.take(mag(1), Uint8Array.of(1), instant(1000));
    reception.take(mag(1), Uint8Array.of(2), instant(1090));
    expect(served(reception, 1100)).toEqual([
      [1, 100],
      [2, 10],
    ]);
  });

  it('gives each message as it came, whatever comes while it waits, and after all were served', () => {
    const reception = receptionOf(mag(1));
    const sent: string[] = [];
    const come = (count: number) => {
      for (let i = 0; i < count; i++) {
        sent.push(`message ${sent.length}`);
        reception.take(mag(1), encodeText(sent.at(-1) as string), instant(0));
      }
    };
    const heard: string[] = [];
    const serve = () => reception.serve(instant(1), (_, bytes) => heard.push(new TextDecoder().decode(bytes)));
    for (const count of [300, 300, 1, 1000, 3]) {
      come(count);
      serve();
    }
    while (reception.waiting > 0) serve();
    come(2);
    serve();
    expect(heard).toEqual(sent);
  });

  it('drops what nobody waits for any more, and tells of it', () => {
    const reception = receptionOf(mag(1));
    for (const [number, at] of [
      [1, 0],
      [2, 400],
      [3, 499],
      [4, 500],
    ] as const)
      reception.take(mag(1), Uint8Array.of(number), instant(at));
    expect(served(reception, 1000)).toEqual([[4, 500]]);
    expect(reception.newLosses()).toEqual({ source: `${mag(1).remote}`, dropped: 3 });
  });

  it('serves fewer new attachments of one gateway than refreshes of another while more waits than is served at once', () => {
    const reception = receptionOf(mag(1), mag(2));
    for (let i = 0; i < 400; i++) {
      reception.take(mag(1), update(i & 0xff, HandoffIndicator.NEW_INTERFACE, 4), instant(0));
      reception.take(mag(2), update(i & 0xff, HandoffIndicator.NOT_CHANGED, 4), instant(0));
    }
    const counts = { newcomers: 0, refreshes: 0 };
    reception.serve(instant(10), ({ remote }) => {
      if (`${remote}` === `${mag(1).remote}`) counts.newcomers++;
      else counts.refreshes++;
    });
    expect(counts.newcomers).toBeGreaterThan(0);
    expect(counts.refreshes).toBeGreaterThan(3 * counts.newcomers);
    expect(reception.snapshot()).toMatchObject({ dropped: 0 });
  });

  it('drops new attachments that have waited a tenth of a second, and those behind them at once, and serves the others', () => {
    const reception = receptionOf(mag(1));
    const ask = (sequence: number, indicator: number, at: number, lifetime = 4) =>
      reception.take(mag(1), update(sequence, indicator, lifetime), instant(at));
    ask(1, HandoffIndicator.NEW_INTERFACE, 0);
    ask(2, HandoffIndicator.NOT_CHANGED, 0);
    ask(3, HandoffIndicator.NEW_INTERFACE, 90);
    ask(4, HandoffIndicator.NEW_INTERFACE, 150);
    ask(5, HandoffIndicator.BETWEEN_MAGS, 150);
    ask(6, HandoffIndicator.UNKNOWN, 150);
    ask(7, HandoffIndicator.NEW_INTERFACE, 150, 0);
    const sequences: number[] = [];
    reception.serve(instant(160), (_, bytes) => sequences.push(bytes[7] as number));
    expect(sequences).toEqual([2, 3, 5, 6, 7]);
    expect(reception.snapshot()).toMatchObject({ dropped: 2, newAttachmentsDropped: 2, waiting: 0 });
    expect(reception.newLosses()).toEqual({ source: `${mag(1).remote}`, dropped: 2 });
    ask(8, HandoffIndicator.NEW_INTERFACE, 200);
    reception.serve(instant(210), (_, bytes) => sequences.push(bytes[7] as number));
    expect(sequences.at(-1)).toBe(8);
  });
});

function receptionOf(...peers: readonly PeerAddress[]): Reception {
  const reception = new Reception();
  const configured = peers.map(({ remote }) => ({ address: remote, interop: 'strict' }) as const);
  reception.configure(configured, false);
  return reception;
}

function update(sequence: number, indicator: number, lifetime: number): Uint8Array {
  return encodeMobilityHeader({
    kind: 'binding-update',
    sequence,
    flags: 0,
    lifetime: seconds(lifetime),
    options: [
      { kind: 'mobile-node-identifier', subtype: 1, identifier: encodeText('mn@example.com') },
      { kind: 'handoff-indicator', indicator },
    ],
  });
}
