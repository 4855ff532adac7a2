/** What a data plane counts of each binding of an anchor, whichever addresses it has. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnchorForwarding } from '#dataplane/desired.ts';
import { anchored, type Bed, CORRESPONDENT4, CORRESPONDENT6, ipv4, ipv6 } from './bed.ts';
import { udpPacket } from './packets.ts';

const PACKETS = [
  udpPacket(CORRESPONDENT4, ipv4('192.0.2.1')),
  udpPacket(CORRESPONDENT6, ipv6('2001:db8:f00d:1::1234')),
];

/** Called by the suite of all data planes. */
export function bindingCounterSuite(makeBed: () => Bed): void {
  describe('counters of bindings', () => {
    let bed: Bed;
    beforeAll(() => {
      bed = makeBed();
    });
    afterAll(() => bed.close());
    const set = (forwarding: AnchorForwarding) =>
      expect(bed.plane.apply([{ kind: 'set', forwarding }]).failed).toEqual([]);
    const packetsThrough = () =>
      PACKETS.map((packet) => bed.exchange({ from: 'core', packet }).filter(({ to }) => to === 'transport').length);
    const counted = () => bed.plane.counters('anchored')?.downPackets;

    it('are of all its addresses and prefixes together, and of those that it has had', () => {
      set(anchored);
      expect(packetsThrough()).toEqual([1, 1]);
      expect(counted()).toBe(2);
      set({ ...anchored, prefixes: [] });
      expect(packetsThrough()).toEqual([1, 0]);
      expect(counted()).toBe(3);
      set(anchored);
      expect(packetsThrough()).toEqual([1, 1]);
      expect(counted()).toBe(5);
      bed.plane.apply([{ kind: 'clear', forwardingKind: 'anchor', id: 'anchored' }]);
      set(anchored);
      expect(counted()).toBe(0);
    });
  });
}
