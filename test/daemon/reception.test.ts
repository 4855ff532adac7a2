import { describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { instant } from '#base/time.ts';
import { Reception } from '#daemon/reception.ts';
import type { PeerAddress } from '#proto/peer.ts';

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

  it('drops what nobody waits for any more, and tells of it', () => {
    const reception = new Reception();
    for (const [number, at] of [
      [1, 0],
      [2, 400],
      [3, 499],
      [4, 500],
    ] as const)
      reception.take(mag(1), Uint8Array.of(number), instant(at));
    expect(served(reception, 1000)).toEqual([[4, 500]]);
    expect(reception.newLosses()).toMatchObject({ dropped: 3 });
  });
});
