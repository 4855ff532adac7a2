/** Traffic classes of tunnel packets and of what is in them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Path } from '#dataplane/desired.ts';
import { ALICE, type Arrival, anchored, attached, type Bed, NODE_ADDRESS4, PEER4, path } from './bed.ts';
import { FAMILIES, mirrored, tunnelPacket } from './encapsulations.ts';
import { seen, udpPacket } from './packets.ts';

const PATHS: readonly { readonly over: string; readonly path: Path }[] = [
  { over: 'IPv6', path },
  { over: 'IPv4', path: { ...path, local: NODE_ADDRESS4, remote: PEER4 } },
  {
    over: 'UDP',
    path: {
      local: NODE_ADDRESS4,
      remote: PEER4,
      encapsulation: { kind: 'udp', localPort: 5437, remotePort: 5437, tlvHeader: false },
    },
  },
];
const MARKS = [0, 2, 1, 3];
/** RFC 6040 §4.2, Figure 4. Rows: inner Not-ECT, ECT(0), ECT(1), CE; columns: outer likewise. 'drop' is the one that may not go on. */
const RESULTS = [
  [0, 0, 0, 'drop'],
  [2, 2, 1, 3],
  [1, 1, 1, 3],
  [3, 3, 3, 3],
] as const;

/** Called by the suite of all data planes. */
export function congestionSuite(makeBed: () => Bed): void {
  describe.each(PATHS)('traffic classes over $over', ({ path: used }) => {
    let bed: Bed;
    beforeAll(() => {
      bed = makeBed();
      const changes = [anchored, attached].map((forwarding) => ({
        kind: 'set' as const,
        forwarding: { ...forwarding, paths: [used] as const },
      }));
      expect(bed.plane.apply(changes).failed).toEqual([]);
    });
    afterAll(() => bed.close());

    describe.each(FAMILIES)('of IPv$family', ({ far, anchoredAddress, attachedAddress }) => {
      const classOf = (arrival: Arrival) => {
        const departed = bed.exchange(arrival);
        expect(departed.length).toBeLessThanOrEqual(1);
        const left = seen(departed[0]?.packet);
        return left && 'trafficClass' in left ? left.trafficClass : 'drop';
      };
      const AT = [
        { at: 'the anchor', source: anchoredAddress, destination: far },
        { at: 'the gateway', source: far, destination: attachedAddress },
      ] as { at: string; source: typeof far; destination: typeof far }[];

      it.each(AT)(
        '[RFC 6040 §4.2, RFC 5844 §3.1.4, §4.1.4.2, RFC 5213 §5.6.3(2)] are combined where they leave the tunnel at $at: the codepoint of the packet inside is kept, the marks of both',
        ({ source, destination }) => {
          const before = bed.plane.drops()['tunnel-congested'];
          const combined = MARKS.map((inner) =>
            MARKS.map((outer) => {
              const packet = udpPacket(source, destination, { trafficClass: 0xb8 | inner });
              const result = classOf({
                from: 'transport',
                packet: tunnelPacket(mirrored(used), packet, { trafficClass: 0x28 | outer }),
              });
              return result === 'drop' ? result : result & ~0xb8;
            }),
          );
          expect(combined).toEqual(RESULTS);
          expect(bed.plane.drops()['tunnel-congested']).toBe(before + 1);
        },
      );

      it('[RFC 5213 §5.6.3(1), RFC 6040 §4.1] are copied to the outside where they enter it, at both ends', () => {
        const ways: ((trafficClass: number) => Arrival)[] = [
          (trafficClass) => ({
            from: 'core',
            packet: udpPacket(far, anchoredAddress as typeof far, { trafficClass }),
          }),
          (trafficClass) => ({
            from: 'access',
            mac: ALICE,
            packet: udpPacket(attachedAddress as typeof far, far, { trafficClass }),
          }),
        ];
        const classes = MARKS.map((mark) => 0xb8 | mark);
        for (const arrive of ways) expect(classes.map((one) => classOf(arrive(one)))).toEqual(classes);
      });
    });
  });
}
