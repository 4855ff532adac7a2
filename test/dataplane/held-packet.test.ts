import { describe, expect, it } from 'vitest';
import { readU16, writeU16 } from '#base/bytes.ts';
import { heldPacketToForward } from '#dataplane/held-packet.ts';
import { foldChecksum, pseudoHeaderSum, pseudoHeaderSumIpv4 } from '#wire/checksum.ts';
import { CORRESPONDENT4, CORRESPONDENT6, ipv4, ipv6 } from './bed.ts';
import { udpPacket } from './packets.ts';

const HOME4 = ipv4('203.0.113.1');
const HOME6 = ipv6('2001:db8:beef:1::1234');
const UDP = 17;

const FAMILIES = [
  {
    name: 'IPv4',
    packet: () => udpPacket(HOME4, CORRESPONDENT4),
    header: 20,
    pseudo: (length: number) => pseudoHeaderSumIpv4(HOME4, CORRESPONDENT4, length, UDP),
  },
  {
    name: 'IPv6',
    packet: () => udpPacket(HOME6, CORRESPONDENT6),
    header: 40,
    pseudo: (length: number) => pseudoHeaderSum(HOME6, CORRESPONDENT6, length, UDP),
  },
] as const;

describe.each(FAMILIES)('an $name packet that waited', ({ packet, header, pseudo }) => {
  const checksumAt = header + 6;

  it('gets the transport checksum that its sender left to a network card', () => {
    const whole = packet();
    const unfinished = packet();
    writeU16(unfinished, checksumAt, ~foldChecksum(pseudo(unfinished.length - header)) & 0xffff);
    const forwarded = heldPacketToForward(unfinished) as Uint8Array;
    expect(readU16(forwarded, checksumAt)).toBe(readU16(whole, checksumAt));
    expect(forwarded).toEqual(heldPacketToForward(whole));
  });

  it('keeps a checksum that is wrong, so that its receiver sees the damage', () => {
    const damaged = packet();
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] as number) ^ 1;
    const forwarded = heldPacketToForward(damaged) as Uint8Array;
    expect(forwarded.subarray(header)).toEqual(damaged.subarray(header));
  });

  it('is not changed itself', () => {
    const before = packet();
    const held = before.slice();
    heldPacketToForward(held);
    expect(held).toEqual(before);
  });
});

it('does not go on when it is none, or is cut anywhere in its transport header: it is left as it is', () => {
  expect(heldPacketToForward(new Uint8Array(0))).toBeUndefined();
  const packet = udpPacket(HOME4, CORRESPONDENT4);
  for (let length = 0; length < 28; length++) {
    const forwarded = heldPacketToForward(packet.slice(0, length));
    expect(forwarded?.length).toBe(length < 20 ? undefined : length);
  }
});
