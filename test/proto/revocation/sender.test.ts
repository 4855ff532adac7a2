import { describe, expect, it, vi } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { instant, seconds } from '#base/time.ts';
import type { PeerAddress } from '#proto/peer.ts';
import { PENDING_REVOCATIONS_MAXIMUM, RevocationSender } from '#proto/revocation/sender.ts';

const times = { minimumDelay: seconds(1), maximumDelay: seconds(2), retries: 1 };
const content = { trigger: 1, flags: 0, options: [] };
const local = new Ipv6Address(0x20010db8, 0, 0, 1);
const start = instant(0);

function mag(number: number): PeerAddress & { readonly remote: Ipv6Address } {
  return { transport: 'ipv6', local, remote: new Ipv6Address(0x20010db8, 1, 0, number) };
}

function senderWith(count: number): RevocationSender<{ about: string }> {
  const sender = new RevocationSender<{ about: string }>();
  for (let i = 0; i < count; i++) sender.send(content, mag(i % 2), { about: `b${i >> 1}` }, times, start);
  return sender;
}

describe('RevocationSender', () => {
  it('withdraws what one MAG was asked about a binding, and no more', () => {
    const sender = senderWith(6);
    expect(sender.cancel('b1', mag(0).remote)).toBe(1);
    expect(sender.cancel('b1', mag(0).remote)).toBe(0);
    expect(sender.pending).toBe(5);
    expect(sender.cancel('b1')).toBe(1);
    const again = sender.expire(times, instant(1000)).map((one) => one.kind === 'retransmitted' && one.output.message);
    expect(again).toMatchObject([{ sequence: 1 }, { sequence: 2 }, { sequence: 5 }, { sequence: 6 }]);
  });

  it('looks at no indication of another binding to withdraw one', () => {
    const sender = senderWith(2000);
    const look = vi.spyOn(Ipv6Address.prototype, 'toString');
    sender.cancel('b7', mag(0).remote);
    sender.cancel('unknown');
    expect(look.mock.calls.length).toBeLessThan(10);
    look.mockRestore();
  });

  it('forgets a binding with its last indication, acknowledged or given up', () => {
    const sender = senderWith(4);
    const acknowledgement = { kind: 'binding-revocation-acknowledgement', status: 0, flags: 0, options: [] } as const;
    const first = sender.asked({ ...acknowledgement, sequence: 1 }, mag(0).remote);
    if (first) sender.settle(first);
    sender.expire(times, instant(1000));
    sender.expire(times, instant(3000));
    expect(sender.pending).toBe(0);
    expect(sender.next()).toBeUndefined();
    expect(sender.cancel('b0') + sender.cancel('b1')).toBe(0);
  });

  it('[RFC 5846 §5.1] gives no two that wait the same sequence number, also when all numbers were used once', () => {
    const sender = senderWith(3);
    for (let i = 0; i < 0x10000; i++) {
      sender.send(content, mag(5), { about: 'another' }, times, start);
      sender.cancel('another');
    }
    const next = sender.send(content, mag(5), { about: 'another' }, times, start)?.message;
    expect(next?.kind === 'binding-revocation-indication' && [1, 2, 3].includes(next.sequence)).toBe(false);
    expect(sender.pending).toBe(4);
  });

  it('refuses an indication beyond the maximum', () => {
    const sender = senderWith(PENDING_REVOCATIONS_MAXIMUM);
    expect(sender.send(content, mag(0), { about: 'one more' }, times, start)).toBeUndefined();
    sender.cancel('b0');
    expect(sender.send(content, mag(0), { about: 'one more' }, times, start)).toBeDefined();
  });
});
