/** A node that is the anchor of a mobile node and, for another anchor or for itself, its gateway. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeForwarding } from '#dataplane/desired.ts';
import {
  ALICE,
  anchored,
  attached,
  type Bed,
  CORRESPONDENT4,
  CORRESPONDENT6,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  node,
  PEER,
} from './bed.ts';
import { seen, tunnelled, udpPacket } from './packets.ts';

const FAMILIES = [
  { family: 4, mobile: ipv4('192.0.2.1'), far: CORRESPONDENT4 },
  { family: 6, mobile: ipv6('2001:db8:f00d:1::1'), far: CORRESPONDENT6 },
] as const;
const here = { ...attached, homeAddress: ipv4('192.0.2.1'), prefixes: anchored.prefixes };

/** Called by the suite of all data planes. */
export function anchorAndGatewaySuite(makeBed: (node?: NodeForwarding) => Bed): void {
  describe.each([
    ['all interfaces lead to correspondent nodes', node],
    ['one interface does', { ...node, correspondentInterfaces: ['inet'] }],
  ] as const)('a mobile node both anchored and attached here, where %s', (_, forwarding) => {
    let bed: Bed;
    beforeAll(() => {
      bed = makeBed(forwarding);
      const { failed } = bed.plane.apply([anchored, here].map((one) => ({ kind: 'set', forwarding: one })));
      expect(failed).toEqual([]);
    });
    afterAll(() => bed.close());

    it.each(FAMILIES)(
      '[RFC 5213 §6.10.5(1)] gets the IPv$family packet that has come through the tunnel, which does not go round until its hops have ended',
      ({ far, mobile }) => {
        const packet = tunnelled(PEER, NODE_ADDRESS, udpPacket(far, mobile));
        const departed = bed.exchange({ from: 'transport', packet });
        expect(departed.map(({ to, mac, packet }) => [to, mac, seen(packet)])).toMatchObject([
          ['access', ALICE, { source: `${far}`, destination: `${mobile}`, hopLimit: 63 }],
        ]);
      },
    );
  });
}
