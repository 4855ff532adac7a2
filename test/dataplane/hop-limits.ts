/** Packets that have passed as many routers as they may. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeIcmpv4 } from '#wire/icmpv4.ts';
import { decodeIcmpv6 } from '#wire/icmpv6.ts';
import { decodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6 } from '#wire/ipv6.ts';
import {
  ALICE,
  type Arrival,
  anchored,
  attached,
  type Bed,
  type Departed,
  isOfNode,
  NODE_ADDRESS,
  PEER,
} from './bed.ts';
import { FAMILIES } from './encapsulations.ts';
import { tunnelled, udpPacket } from './packets.ts';

/** Called by the suite of all data planes. */
export function hopLimitSuite(makeBed: () => Bed): void {
  describe('hop limits', () => {
    let bed: Bed;
    beforeAll(() => {
      bed = makeBed();
      const forwardings = [anchored, attached];
      expect(bed.plane.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding }))).failed).toEqual([]);
    });
    afterAll(() => bed.close());

    describe.each(FAMILIES)('of IPv$family', ({ far, anchoredAddress, attachedAddress }) => {
      const outOfTunnel = (packet: Uint8Array) =>
        ({ from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, packet) }) as const;
      const WAYS: {
        way: string;
        source: typeof far;
        destination: typeof far;
        arrive: (packet: Uint8Array) => Arrival;
        told: Partial<Departed>;
      }[] = [
        {
          way: 'for a mobile node, at its anchor',
          source: far,
          destination: anchoredAddress as typeof far,
          arrive: (packet) => ({ from: 'core', packet }),
          told: { to: 'core' },
        },
        {
          way: 'of a mobile node, at its anchor',
          source: anchoredAddress as typeof far,
          destination: far,
          arrive: outOfTunnel,
          told: { to: 'transport' },
        },
        {
          way: 'of a mobile node, at its gateway',
          source: attachedAddress as typeof far,
          destination: far,
          arrive: (packet) => ({ from: 'access', mac: ALICE, packet }),
          told: { to: 'access', mac: ALICE },
        },
        {
          way: 'for a mobile node, at its gateway',
          source: far,
          destination: attachedAddress as typeof far,
          arrive: outOfTunnel,
          told: { to: 'core' },
        },
      ];

      it.each(WAYS)('[RFC 4443 §3.3] tell the source of a packet $way that it ended here', (one) => {
        const { source, destination, arrive, told } = one;
        const packet = udpPacket(source, destination, { hopLimit: 1 });
        const departed = bed.exchange(arrive(packet));
        expect(departed).toMatchObject([told]);
        const error = departed[0]?.packet as Uint8Array;
        const { to, quoted, isOfNode } = timeExceeded(told.to === 'transport' ? error.subarray(40) : error);
        expect([to, isOfNode]).toEqual([`${source}`, true]);
        // All of it, as it came but for what the last router may have taken.
        expect(quoted.length).toBe(packet.length);
        expect(Buffer.from(quoted.subarray(12))).toEqual(Buffer.from(packet.subarray(12)));
      });
    });
  });
}

/** Its checksums are verified. */
function timeExceeded(packet: Uint8Array): { to: string; isOfNode: boolean; quoted: Uint8Array } {
  if ((packet[0] as number) >>> 4 === 4) {
    const four = decodeIpv4(packet);
    if (!four.ok) throw new Error(four.error.rule);
    const { source, destination, payload } = four.value;
    const icmp = decodeIcmpv4(payload);
    if (!icmp.ok || icmp.value.kind !== 'time-exceeded') throw new Error('no time exceeded');
    expect(icmp.value.code).toBe(0);
    return { to: `${destination}`, isOfNode: isOfNode(source), quoted: icmp.value.packet };
  }
  const six = decodeIpv6(packet);
  if (!six.ok) throw new Error(six.error.rule);
  const { source, destination, payload } = six.value;
  const icmp = decodeIcmpv6(payload, source, destination);
  if (!icmp.ok || icmp.value.kind !== 'time-exceeded') throw new Error('no time exceeded');
  expect(icmp.value.code).toBe(0);
  return { to: `${destination}`, isOfNode: isOfNode(source), quoted: icmp.value.packet };
}
