import { describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { Captures } from '#daemon/capture/captures.ts';
import { CaptureRing } from '#daemon/capture/ring.ts';

const address = Ipv6Address.parse('2001:db8::1') as Ipv6Address;
const peer = { transport: 'ipv6', local: address, remote: address } as const;

describe('what is captured', () => {
  it('is the latest, and what made room is counted', () => {
    const ring = new CaptureRing(100_000, true);
    for (let i = 0; i < 5000; i++) ring.add(i, 'sent', peer, Uint8Array.of(i & 255));
    expect(ring.size).toBeLessThanOrEqual(100_000);
    expect(ring.count).toBe(Math.floor(100_000 / 201));
    expect(ring.lost).toBe(5000 - ring.count);
    const kept = ring.read(0, 10_000);
    expect(kept).toHaveLength(ring.count);
    expect(kept[0]?.at).toBe(ring.first);
    expect(kept.at(-1)?.at).toBe(4999);
    expect(ring.read(ring.first + 3, 2).map(({ at }) => at)).toEqual([ring.first + 3, ring.first + 4]);
  });

  it('is the first, where it is not circular', () => {
    const ring = new CaptureRing(1000, false);
    for (let i = 0; i < 10; i++) ring.add(i, 'sent', peer, Uint8Array.of(i));
    expect(ring.read(0, 10).map(({ at }) => at)).toEqual([0, 1, 2, 3]);
    expect(ring.lost).toBe(6);
  });

  it('is a copy, of messages between start and stop, and read in portions', () => {
    const captures = new Captures();
    expect(captures.active).toBe(false);
    captures.start('a');
    expect(captures.active).toBe(true);
    const octets = Uint8Array.of(1);
    for (let i = 0; i < 5; i++) captures.add(i, 'received', peer, octets);
    octets[0] = 9;
    captures.stop('a');
    captures.add(6, 'received', peer, octets);
    const first = captures.read('a', 0, 3);
    expect(first.messages.map(({ octets: of }) => of[0])).toEqual([1, 1, 1]);
    expect(captures.read('a', first.next, 3).messages).toHaveLength(2);
    expect(captures.read('a', 5, 3).messages).toEqual([]);
    expect(captures.view()).toMatchObject([{ name: 'a', active: false, messages: 5, lost: 0, circular: true }]);
    captures.remove('a');
    expect(() => captures.read('a', 0, 1)).toThrow('no capture a');
  });

  it('is at most four captures', () => {
    const captures = new Captures();
    for (const name of ['a', 'b', 'c', 'd']) captures.start(name);
    expect(() => captures.start('e')).toThrow('4 captures already');
    expect(() => captures.configure('a', 1, true)).toThrow('stop it first');
  });
});
