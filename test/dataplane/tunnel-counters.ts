/** What a data plane counts of each tunnel, whichever bindings come and go, and of each binding of an anchor. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AnchorForwarding, Forwarding, NodeForwarding } from '#dataplane/desired.ts';
import {
  ALICE,
  anchored,
  attached,
  type Bed,
  CORRESPONDENT4,
  ipv4,
  ipv6,
  NODE_ADDRESS,
  node,
  PEER,
  path,
} from './bed.ts';
import { bindingCounterSuite } from './binding-counters.ts';
import { tunnelled, udpPacket } from './packets.ts';

const ANCHORED4 = ipv4('192.0.2.1');
const ATTACHED4 = ipv4('203.0.113.1');
const forwarding: NodeForwarding = { ...node, maximumBindings: 100 };
const none = { upPackets: 0, upOctets: 0, downPackets: 0, downOctets: 0 };

/** Called by the suite of all data planes. `survives`: what was counted is there under the next process. */
export function tunnelCounterSuite(makeBed: (node?: NodeForwarding) => Bed, survives: boolean): void {
  bindingCounterSuite(makeBed);
  describe('counters of tunnels', () => {
    let bed: Bed;
    const used = new Map<string, Forwarding>();
    beforeAll(() => {
      bed = makeBed(forwarding);
    });
    afterEach(() => {
      for (const { id, kind } of used.values()) clear(id, kind);
      used.clear();
    });
    afterAll(() => bed.close());
    const set = (...forwardings: Forwarding[]) => {
      for (const one of forwardings) used.set(`${one.kind} ${one.id}`, one);
      return bed.plane.apply(forwardings.map((one) => ({ kind: 'set', forwarding: one }))).failed;
    };
    const clear = (id: string, forwardingKind: Forwarding['kind'] = 'anchor') =>
      bed.plane.apply([{ kind: 'clear', forwardingKind, id }]);
    const down = (to: typeof ANCHORED4) => bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, to) });

    it('counts what each tunnel carries for its bindings of a kind, for those too that have left it', () => {
      const other = { ...anchored, id: 'other', homeAddress: ipv4('192.0.2.2'), prefixes: [] };
      set(anchored, other, attached);
      const octets = down(ANCHORED4)[0]?.packet.length as number;
      down(other.homeAddress);
      bed.exchange({ from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, udpPacket(ANCHORED4, CORRESPONDENT4)) });
      bed.exchange({ from: 'access', mac: ALICE, packet: udpPacket(ATTACHED4, CORRESPONDENT4) });
      const carried = () =>
        bed.plane.tunnelCounters().map(({ kind, path: { remote }, upPackets, downPackets, downOctets }) => {
          expect(remote).toEqual(PEER);
          return [kind, upPackets, downPackets, downOctets];
        });
      const both = [
        ['anchor', 1, 2, 2 * (octets - 40)],
        ['access', 1, 0, 0],
      ];
      expect(carried()).toEqual(both);
      clear('other');
      expect(carried()).toEqual(both);
      clear('anchored');
      clear('attached', 'access');
      expect(carried()).toEqual([]);
      set(anchored);
      expect(carried()).toEqual([
        ['anchor', 0, 0, 0],
        ['access', 0, 0, 0],
      ]);
    });

    it('tell many tunnels apart, and are read at once', () => {
      const many = Array.from({ length: 40 }, (_, i): AnchorForwarding => {
        const remote = ipv6(`2001:db8:cafe:1025::${i + 1}`);
        return {
          ...anchored,
          id: `${i}`,
          homeAddress: ipv4(`192.0.2.${i + 1}`),
          prefixes: [],
          paths: [{ ...path, remote }],
        };
      });
      expect(set(...many)).toEqual([]);
      for (const i of [0, 17, 17, 39]) expect(down(ipv4(`192.0.2.${i + 1}`))).toHaveLength(1);
      const carried = bed.plane.tunnelCounters().filter(({ kind }) => kind === 'anchor');
      const byPeer = new Map(carried.map(({ path: { remote }, downPackets }) => [`${remote}`, downPackets]));
      expect([...byPeer.values()].reduce((sum, packets) => sum + packets)).toBe(4);
      expect([1, 18, 40].map((last) => byPeer.get(`${ipv6(`2001:db8:cafe:1025::${last}`)}`))).toEqual([1, 2, 1]);
      expect(bed.plane.tunnelCounters().filter(({ kind }) => kind === 'access')).toMatchObject(many.map(() => none));
    });

    it.runIf(survives)('go on under the next process', () => {
      set(anchored);
      down(ANCHORED4);
      bed.succeed(forwarding);
      down(ANCHORED4);
      set(anchored);
      down(ANCHORED4);
      bed.plane.reconcile();
      expect(bed.plane.tunnelCounters().map(({ downPackets }) => downPackets)).toEqual([3, 0]);
    });
  });
}
