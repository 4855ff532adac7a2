/** Traffic classes of tunnel packets and of what is in them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Path } from '#dataplane/desired.ts';
import { decapsulate, type TunnelPacket } from '#dataplane/encapsulation.ts';
import { readIpHeader } from '#dataplane/ip-packet.ts';
import {
  ALICE,
  type Arrival,
  anchored,
  attached,
  type Bed,
  NODE_ADDRESS4,
  node,
  PEER4,
  path,
  STRANGER4,
} from './bed.ts';
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

    describe.each(FAMILIES)('of IPv$family', ({ family, far, anchoredAddress, attachedAddress }) => {
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

      const ways: ((trafficClass: number, size?: number) => Arrival)[] = [
        (trafficClass, size = 4) => ({
          from: 'core',
          packet: udpPacket(far, anchoredAddress as typeof far, { trafficClass, size }),
        }),
        (trafficClass, size = 4) => ({
          from: 'access',
          mac: ALICE,
          packet: udpPacket(attachedAddress as typeof far, far, { trafficClass, size }),
        }),
      ];
      const classes = MARKS.map((mark) => 0xb8 | mark);

      it('[RFC 5213 §5.6.3(1), RFC 6040 §4.1] are copied to the outside where they enter it, at both ends', () => {
        for (const arrive of ways) expect(classes.map((one) => classOf(arrive(one)))).toEqual(classes);
      });

      it('[RFC 6040 §4.1, §4.3] are shown outside without ECN in tunnels in compatibility mode, and kept inside, at both ends', () => {
        const end = family === 4 ? used.remote : used.local;
        const changed = { ...node, ecnCompatibility: [end], tunnelMtu: 1200 };
        bed.inside(() => expect(bed.plane.reconfigure(changed).failed).toEqual([]));
        const outsideAndInside = (arrival: Arrival) =>
          bed.exchange(arrival).map(({ packet }) => {
            const { trafficClass, inner } = decapsulate(packet) as TunnelPacket;
            return [trafficClass, readIpHeader(inner)?.trafficClass];
          });
        for (const arrive of ways) {
          for (const one of classes) expect(outsideAndInside(arrive(one))).toEqual([[0xb8, one]]);
          // Longer than the tunnel carries: cut, or of IPv6 its tunnel packet may be.
          const inPieces = outsideAndInside(arrive(0xba, 1228));
          expect(inPieces).toEqual(inPieces.map(() => [0xb8, 0xba]));
          expect(inPieces).toHaveLength(family === 4 ? 2 : 1);
        }
        bed.inside(() => bed.plane.reconfigure({ ...node, ecnCompatibility: [STRANGER4] }));
        for (const arrive of ways) expect(classes.map((one) => classOf(arrive(one)))).toEqual(classes);
      });
    });
  });
}
