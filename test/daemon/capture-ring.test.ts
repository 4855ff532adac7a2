import { describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { Captures } from '#daemon/capture/captures.ts';
import { type CapturedMessage, type CapturedPacket, CaptureRing } from '#daemon/capture/ring.ts';
import { PollLoop } from '#host/poll-loop.ts';

const address = Ipv6Address.parse('2001:db8::1') as Ipv6Address;
const peer = { transport: 'ipv6', local: address, remote: address } as const;
const message = (at: number, ...octets: number[]): CapturedMessage => ({
  kind: 'message',
  at,
  direction: 'sent',
  peer,
  octets: Uint8Array.from(octets),
});
const packet = (at: number, length: number): CapturedPacket => ({
  kind: 'packet',
  at,
  direction: 'received',
  interfaceName: 'core',
  binding: '"mn1"',
  tunnelled: false,
  length,
  octets: new Uint8Array(length),
});
const START = [0, 0] as const;

describe('what is captured', () => {
  it('is the latest, and what made room is counted', () => {
    const ring = new CaptureRing(100_000, true);
    for (let i = 0; i < 5000; i++) ring.add(message(i, i & 255));
    expect(ring.size).toBeLessThanOrEqual(100_000);
    expect(ring.messages).toBe(Math.floor(100_000 / 201));
    expect(ring.lost).toBe(5000 - ring.messages);
    const { found: kept } = ring.read(START, 10_000);
    expect(kept).toHaveLength(ring.messages);
    const first = 5000 - ring.messages;
    expect(kept[0]?.at).toBe(first);
    expect(kept.at(-1)?.at).toBe(4999);
    expect(ring.read([first + 3, 0], 2).found.map(({ at }) => at)).toEqual([first + 3, first + 4]);
  });

  it('is the first, where it is not circular', () => {
    const ring = new CaptureRing(1000, false);
    for (let i = 0; i < 10; i++) ring.add(message(i, i));
    expect(ring.read(START, 10).found.map(({ at }) => at)).toEqual([0, 1, 2, 3]);
    expect(ring.lost).toBe(6);
  });

  it('is in the order of time, and data makes room for signalling', () => {
    const ring = new CaptureRing(10_000, true);
    for (let i = 0; i < 20; i++) {
      ring.add(message(2 * i, i));
      for (let count = 0; count < 10; count++) ring.add(packet(2 * i + 1, 800));
    }
    expect([ring.messages, ring.packets, ring.lost]).toEqual([20, 5, 195]);
    const whole = ring.read(START, 100).found.map(({ at }) => at);
    expect(whole).toEqual([...whole].sort((a, b) => a - b));
    const first = ring.read(START, 19);
    expect([...first.found, ...ring.read(first.next, 3).found].map(({ at }) => at)).toEqual(whole.slice(0, 22));
    for (let i = 0; i < 48; i++) ring.add(message(100 + i, i));
    expect([ring.messages, ring.packets]).toEqual([49, 0]);
  });

  it('is a copy, of messages between start and stop, and read in portions', () => {
    const captures = new Captures(new PollLoop());
    expect(captures.active).toBe(false);
    captures.start('a');
    expect(captures.active).toBe(true);
    const octets = Uint8Array.of(1);
    for (let i = 0; i < 5; i++) captures.add(i, 'received', peer, octets);
    octets[0] = 9;
    captures.stop('a');
    captures.add(6, 'received', peer, octets);
    const first = captures.read('a', START, 3);
    expect(first.found.map(({ octets: of }) => of[0])).toEqual([1, 1, 1]);
    const second = captures.read('a', first.next, 3);
    expect(second.found).toHaveLength(2);
    expect(captures.read('a', second.next, 3).found).toEqual([]);
    expect(captures.view()).toMatchObject([{ name: 'a', active: false, messages: 5, lost: 0, circular: true }]);
    captures.remove('a');
    expect(() => captures.read('a', START, 1)).toThrow('no capture a');
  });

  it('is at most four captures', () => {
    const captures = new Captures(new PollLoop());
    for (const name of ['a', 'b', 'c', 'd']) captures.start(name);
    expect(() => captures.start('e')).toThrow('4 captures already');
    expect(() => captures.configure('a', 1, true)).toThrow('stop it first');
  });
});
