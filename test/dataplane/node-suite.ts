import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import { ArpOperation, decodeArp, encodeArp } from '#wire/arp.ts';
import { EtherType } from '#wire/ethernet.ts';
import { decodeIcmpv6, encodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import {
  ALICE,
  anchored,
  attached,
  attachedBob,
  CORRESPONDENT4,
  CORRESPONDENT6,
  ipv4,
  ipv6,
  mac,
  NODE_ADDRESS,
  node,
  OTHER_PEER,
  PEER,
  prefix4,
} from './bed.ts';
import { forgedSourceSuite } from './forged-sources.ts';
import { fragmentSuite } from './fragments.ts';
import { awaitCarrier, type HostBed, type HostBedOptions, hostBed, ip, NODE_NAMESPACE } from './kernel-bed.ts';
import { neighbourSuite } from './neighbour-suite.ts';
import { stateOf } from './node-state.ts';
import { seen, tunnelled, udpPacket } from './packets.ts';

const ANCHORED4 = ipv4('192.0.2.1');
const ANCHORED6 = ipv6('2001:db8:f00d:1::1234');
const ATTACHED4 = ipv4('203.0.113.1');
const ATTACHED6 = ipv6('2001:db8:beef:1::1234');
const LINK_LOCAL = ipv6('fe80::200:5eff:fe00:5213');
const GATEWAY = ipv4('203.0.113.254');

/** What a data plane does of and to a real node. `survives`: it forwards on when its process is killed. */
export function nodeSuite(make: () => HostDataPlane, { survives = true } = {}): void {
  let bed: HostBed<HostDataPlane>;
  const open = (options?: HostBedOptions) => {
    bed = hostBed(make, options);
  };
  afterEach(() => bed.close());
  const set = (...forwardings: (typeof anchored | typeof attached)[]) =>
    bed.plane.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding })));

  describe('asked for link-layer addresses', () => {
    beforeEach(() => open());
    neighbourSuite(() => bed, survives);
  });

  describe('on the access link', () => {
    beforeEach(() => open());

    it('[RFC 6543 §3, RFC 5844 §3.2.3.2(9)] answers for the default router with the fixed link-layer address, as long as a binding names it', () => {
      const ask = () =>
        bed
          .answers('access', {
            destination: MacAddress.broadcast,
            source: ALICE,
            tags: [],
            etherType: EtherType.ARP,
            payload: encodeArp({
              operation: ArpOperation.REQUEST,
              senderMac: ALICE,
              senderAddress: ATTACHED4,
              targetMac: new MacAddress(0, 0),
              targetAddress: GATEWAY,
            }),
          })
          .filter((frame) => frame.etherType === EtherType.ARP)
          .map((frame) => decodeArp(frame.payload));
      expect(ask()).toEqual([]);
      set(attached, attachedBob);
      expect(ask()).toMatchObject([{ ok: true, value: { senderMac: MacAddress.pmipv6Mag, senderAddress: GATEWAY } }]);
      bed.plane.apply([{ kind: 'clear', forwardingKind: 'access', id: 'attached' }]);
      expect(ask()).toHaveLength(1);
      bed.plane.apply([{ kind: 'clear', forwardingKind: 'access', id: 'attached-bob' }]);
      expect(ask()).toEqual([]);
    });

    it('leaves DHCP of the mobile nodes to the daemon: the kernel does not say that the port is unreachable', () => {
      set(attached);
      const ask = (sourcePort: number, destinationPort: number) =>
        bed
          .answers('access', {
            destination: MacAddress.pmipv6Mag,
            source: ALICE,
            tags: [],
            etherType: EtherType.IPV4,
            payload: udpPacket(ATTACHED4, GATEWAY, { sourcePort, destinationPort }),
          })
          .flatMap((frame) => (frame.etherType === EtherType.IPV4 ? [seen(frame.payload)] : []));
      expect(ask(68, 67)).toEqual([]);
      expect(ask(68, 69)).toMatchObject([{ protocol: 1, source: `${GATEWAY}`, destination: `${ATTACHED4}` }]);
    });

    it('answers for the fixed link-local address with the fixed link-layer address', () => {
      const source = ipv6('fe80::a1');
      const destination = ipv6('ff02::1:ff00:5213');
      const solicitation = encodeIcmpv6(
        {
          kind: 'neighbor-solicitation',
          target: LINK_LOCAL,
          options: [{ kind: 'source-link-layer-address', mac: ALICE }],
        },
        source,
        destination,
      );
      const payload = encodeIpv6({
        source,
        destination,
        hopLimit: 255,
        nextHeader: ICMPV6_PROTOCOL,
        payload: solicitation,
      });
      const answers = bed
        .answers('access', {
          destination: mac('33:33:ff:00:52:13'),
          source: ALICE,
          tags: [],
          etherType: EtherType.IPV6,
          payload,
        })
        .flatMap((frame) => {
          const packet = decodeIpv6(frame.payload);
          if (!packet.ok || packet.value.nextHeader !== ICMPV6_PROTOCOL) return [];
          const message = decodeIcmpv6(packet.value.payload, packet.value.source, packet.value.destination);
          return message.ok && message.value.kind === 'neighbor-advertisement' ? [message.value] : [];
        });
      expect(answers).toMatchObject([{ target: LINK_LOCAL, router: true }]);
      expect(answers[0]?.options).toContainEqual({ kind: 'target-link-layer-address', mac: MacAddress.pmipv6Mag });
    });
  });

  describe('as a router', () => {
    beforeEach(() => open());

    it('answers a packet at the end of its hops, and one that is too big for the tunnel', () => {
      set(anchored);
      const expired = bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT6, ANCHORED6, { hopLimit: 1 }) });
      expect(expired.map(({ to, packet }) => [to, icmp6(packet)])).toMatchObject([['core', { kind: 'time-exceeded' }]]);
      const big = bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT6, ANCHORED6, { size: 1440 }) });
      expect(big.map(({ to, packet }) => [to, icmp6(packet)])).toMatchObject([
        ['core', { kind: 'packet-too-big', mtu: 1452 }],
      ]);
      const big4 = bed.exchange({
        from: 'core',
        packet: udpPacket(CORRESPONDENT4, ANCHORED4, { size: 1440, dontFragment: true }),
      });
      expect(big4).toHaveLength(1);
      const answer = seen(big4[0]?.packet);
      const payload = answer && 'payload' in answer ? answer.payload : new Uint8Array();
      expect([payload[0], payload[1], ((payload[6] ?? 0) << 8) | (payload[7] ?? 0)]).toEqual([3, 4, 1452]);
    });

    it('forwards IPv6, of mobile nodes too, unless the node routes none; IPv4 in any case', () => {
      set(anchored, attached);
      const leaves = () => {
        const [inner6, inner4] = [udpPacket(ANCHORED6, CORRESPONDENT6), udpPacket(ANCHORED4, CORRESPONDENT4)];
        const arrivals = [
          { from: 'core', packet: udpPacket(CORRESPONDENT6, ANCHORED6) },
          { from: 'access', mac: ALICE, packet: udpPacket(ATTACHED6, CORRESPONDENT6) },
          { from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, inner6) },
          { from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED4) },
          { from: 'access', mac: ALICE, packet: udpPacket(ATTACHED4, CORRESPONDENT4) },
          { from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, inner4) },
        ] as const;
        return arrivals.map((arrival) => bed.exchange(arrival).map(({ to }) => to));
      };
      const ipv4Leaves = [['transport'], ['transport'], ['core']];
      expect(leaves()).toEqual([...ipv4Leaves, ...ipv4Leaves]);
      bed.inside(() => bed.plane.reconfigure({ ...node, routesIpv6: false }));
      expect(leaves()).toEqual([[], [], [], ...ipv4Leaves]);
      bed.inside(() => bed.plane.reconfigure(node));
      expect(leaves()).toEqual([...ipv4Leaves, ...ipv4Leaves]);
    });

    fragmentSuite(() => bed);

    it('takes a packet with a tunnel encapsulation limit', () => {
      set(anchored);
      const plain = tunnelled(PEER, NODE_ADDRESS, udpPacket(ANCHORED6, CORRESPONDENT6));
      const options = Uint8Array.of(41, 0, 4, 1, 4, 1, 1, 0); // Next Header, length 0, limit 4, PadN
      const packet = Uint8Array.from([...plain.subarray(0, 40), ...options, ...plain.subarray(40)]);
      packet[6] = 60;
      packet[5] = (plain[5] as number) + 8;
      expect(bed.exchange({ from: 'transport', packet })).toMatchObject([{ to: 'core' }]);
    });

    it('finds the new way to a peer when routes change', () => {
      set(anchored);
      const packet = udpPacket(CORRESPONDENT6, ANCHORED6);
      ip(['-n', NODE_NAMESPACE, 'route', 'del', '2001:db8:cafe::/48']);
      bed.exchange({ from: 'core', packet });
      expect(bed.exchange({ from: 'core', packet })).toEqual([]);
      expect(bed.plane.drops()['peer-unreachable']).toBeGreaterThan(0);
      ip(['-n', NODE_NAMESPACE, 'route', 'add', '2001:db8:cafe::/48', 'via', '2001:db8:100::10']);
      bed.exchange({ from: 'core', packet });
      expect(bed.exchange({ from: 'core', packet }).map(({ to }) => to)).toEqual(['core']);
      const back = tunnelled(PEER, NODE_ADDRESS, udpPacket(ANCHORED6, CORRESPONDENT6));
      const before = bed.plane.counters('anchored')?.upPackets as number;
      bed.exchange({ from: 'core', packet: back });
      expect(bed.plane.counters('anchored')?.upPackets).toBe(before + 1);
    });

    it('[RFC 4443 §2.4(f)] tells who sends very many packets to an address that nobody has a few times only, and sends none of them on', () => {
      set(anchored);
      for (const [source, nobody] of [
        [CORRESPONDENT4, ipv4('192.0.2.99')],
        [CORRESPONDENT6, ipv6('2001:db8:f00d:99::1')],
      ] as const) {
        const packet = udpPacket(source, nobody);
        const before = bed.plane.drops()['no-binding'];
        bed.pour('core', Array(300).fill(packet));
        const departed = bed.exchange({ from: 'core', packet });
        expect(new Set(departed.map(({ to }) => to))).toEqual(new Set(['core']));
        expect(departed.length).toBeGreaterThan(0);
        expect(departed.length).toBeLessThan(30);
        expect(bed.plane.drops()['no-binding']).toBe(before + 301);
      }
    });

    it('needs no neighbour of the kernel for each mobile node: the kernel has room for some thousands', () => {
      set(anchored, attached);
      bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED4) });
      bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT6, ANCHORED6) });
      bed.exchange({ from: 'access', mac: ALICE, packet: udpPacket(ATTACHED4, CORRESPONDENT4) });
      const { stdout } = spawnSync('ip', ['-n', NODE_NAMESPACE, 'neigh', 'show', 'dev', 'pmip0', 'nud', 'all']);
      for (const address of [ANCHORED4, ANCHORED6, CORRESPONDENT4]) expect(`${stdout}`).not.toContain(`${address} `);
    });

    it('takes over from an earlier version, whose routes to the tunnels had no next hop', () => {
      const routes = () =>
        ['-4', '-6'].flatMap((family) =>
          `${spawnSync('ip', ['-n', NODE_NAMESPACE, family, 'route', 'show', 'table', 'main', 'proto', '213']).stdout}`
            .split('\n')
            .filter((line) => line.includes('pmip0'))
            .map((line) => line.trim()),
        );
      const wanted = routes();
      expect(wanted).toHaveLength(2);
      bed.inside(() => bed.plane.close({ keep: true }));
      for (const prefix of ['192.0.2.0/24', '2001:db8:f00d::/48']) {
        ip(['-n', NODE_NAMESPACE, 'route', 'del', prefix, 'dev', 'pmip0']);
        ip(['-n', NODE_NAMESPACE, 'route', 'add', prefix, 'dev', 'pmip0', 'proto', '213']);
      }
      bed.inside(() => bed.plane.start(node));
      expect(routes()).toEqual(wanted);
    });

    it('has its pools for its own, though a link has the same prefix, and leaves the link as it was', () => {
      bed.inside(() => bed.plane.close());
      const onLink = ['192.0.2.254/24', '2001:db8:f00d::254/48'];
      for (const prefix of onLink) ip(['-n', NODE_NAMESPACE, 'addr', 'add', prefix, 'dev', 'inet']);
      awaitCarrier();
      const before = stateOf(NODE_NAMESPACE);
      bed.inside(() => bed.plane.start(node));
      set(anchored);
      for (const packet of [udpPacket(CORRESPONDENT4, ANCHORED4), udpPacket(CORRESPONDENT6, ANCHORED6)])
        expect(bed.exchange({ from: 'core', packet }).map(({ to }) => to)).toEqual(['transport']);
      bed.inside(() => bed.plane.close());
      expect(stateOf(NODE_NAMESPACE)).toEqual(before);
    });

    it('accepts a binding whose peer has no route yet', () => {
      ip(['-n', NODE_NAMESPACE, 'route', 'del', '2001:db8:cafe::/48']);
      expect(
        set({ ...anchored, paths: [{ encapsulation: { kind: 'ip' }, local: NODE_ADDRESS, remote: OTHER_PEER }] })
          .failed,
      ).toEqual([]);
      expect(bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED4) })).toEqual([]);
      expect(bed.plane.drops()['peer-unreachable']).toBe(1);
    });
  });

  describe('start and end', () => {
    it('leaves the node as it was', () => {
      open({ started: false });
      awaitCarrier();
      const before = stateOf(NODE_NAMESPACE);
      bed.inside(() => bed.plane.start(node));
      set(anchored, attached);
      expect(stateOf(NODE_NAMESPACE)).not.toEqual(before);
      bed.inside(() => bed.plane.close());
      expect(stateOf(NODE_NAMESPACE)).toEqual(before);
    });

    it('takes back what it did when it cannot start', () => {
      open({ started: false });
      awaitCarrier();
      const before = stateOf(NODE_NAMESPACE);
      const [first] = node.accessInterfaces;
      const odd = {
        ...node,
        accessInterfaces: [...(first ? [first, { ...first, name: 'GigabitEthernet9', linkName: 'nine' }] : [])],
      };
      expect(() => bed.inside(() => bed.plane.start(odd))).toThrow(
        expect.objectContaining({
          code: 'interface-missing',
          message: expect.stringMatching(/GigabitEthernet9.*nine/),
        }),
      );
      expect(stateOf(NODE_NAMESPACE)).toEqual(before);
    });

    it('becomes another node with its bindings, also where an access link gets another address, and leaves nothing of either', () => {
      open({ started: false });
      awaitCarrier();
      const before = stateOf(NODE_NAMESPACE);
      const [first, second] = node.accessInterfaces;
      if (!first || !second) throw new Error('two access links');
      const moved = { ...first, mac: mac('02:00:5e:00:52:13'), addresses: [prefix4('203.0.113.250/24')] };
      const other = { ...node, accessInterfaces: [moved], localAddresses: [NODE_ADDRESS], tunnelMtu: 1400 };
      bed.inside(() => {
        bed.plane.start(node);
        set(anchored, attached);
        expect(bed.plane.reconfigure(other)).toEqual({ failed: [] });
      });
      expect(ip(['-n', NODE_NAMESPACE, '-brief', 'link', 'show', 'acc'])).toContain('02:00:5e:00:52:13');
      expect(ip(['-n', NODE_NAMESPACE, '-brief', 'address', 'show', 'acc'])).toContain('203.0.113.250/24');
      expect(ip(['-n', NODE_NAMESPACE, 'link', 'show', 'pmip0'])).toContain('mtu 1400');
      expect(ip(['-n', NODE_NAMESPACE, 'rule'])).not.toContain('acc2');
      expect(bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED4) })).toMatchObject([
        { to: 'transport' },
      ]);
      const back = tunnelled(PEER, NODE_ADDRESS, udpPacket(CORRESPONDENT4, ATTACHED4));
      expect(bed.exchange({ from: 'transport', packet: back })).toMatchObject([{ to: 'access', mac: ALICE }]);
      bed.inside(() => {
        expect(bed.plane.reconfigure(node)).toEqual({ failed: [] });
        bed.plane.close();
      });
      expect(stateOf(NODE_NAMESPACE)).toEqual(before);
    });

    it('takes what is for mobile nodes in from the interfaces that are named, and what one sends to another', () => {
      open();
      const other = { ...anchored, id: 'other', homeAddress: ipv4('192.0.2.9'), prefixes: [] };
      set(anchored, other);
      const down = { from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED4) } as const;
      const across = tunnelled(PEER, NODE_ADDRESS, udpPacket(ANCHORED4, ipv4('192.0.2.9')));
      const become = (correspondentInterfaces: string[]) =>
        bed.inside(() => bed.plane.reconfigure({ ...node, correspondentInterfaces }).failed);
      expect(become(['acc9'])).toEqual([]);
      expect(bed.exchange(down).filter(({ to }) => to === 'transport')).toEqual([]);
      expect(bed.exchange({ from: 'transport', packet: across })).toMatchObject([{ to: 'transport' }]);
      expect(become(['acc9', 'inet'])).toEqual([]);
      expect(bed.exchange(down)).toMatchObject([{ to: 'transport' }]);
      expect(bed.inside(() => bed.plane.reconfigure(node)).failed).toEqual([]);
      expect(bed.exchange(down)).toMatchObject([{ to: 'transport' }]);
      expect(ip(['-n', NODE_NAMESPACE, 'route', 'show', 'table', '5214'])).toBe('');
    });

    forgedSourceSuite((options) => {
      open(options);
      return bed;
    });

    it('loses no binding when it cannot go over to a node that would not have had its interface', () => {
      open();
      set(anchored, attached);
      const [, second] = node.accessInterfaces;
      const odd = { ...node, accessInterfaces: second ? [{ ...second, linkName: 'nine' }] : [] };
      expect(() => bed.inside(() => bed.plane.reconfigure(odd))).toThrow(
        expect.objectContaining({ code: 'interface-missing' }),
      );
      const up = { from: 'access', mac: ALICE, packet: udpPacket(ATTACHED4, CORRESPONDENT4) } as const;
      expect(bed.exchange(up)).toMatchObject([{ to: 'transport' }]);
      const inside = udpPacket(CORRESPONDENT4, ATTACHED4);
      const down = { from: 'transport', packet: tunnelled(PEER, NODE_ADDRESS, inside) } as const;
      expect(bed.exchange(down)).toMatchObject([{ to: 'access' }]);
    });

    it('refuses a second data plane in the same namespace', () => {
      open();
      expect(() => bed.inside(() => make().start(node))).toThrow(expect.objectContaining({ code: 'device-busy' }));
      set(anchored);
      expect(bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED4) })).toHaveLength(1);
    });

    it(`${survives ? 'forwards on' : 'loses packets without an answer'} when the process is killed, and the next one takes over`, async () => {
      open({ started: false });
      awaitCarrier();
      const before = stateOf(NODE_NAMESPACE);
      await forwardAndDie(survives ? 'ebpf' : 'user');
      const down = udpPacket(CORRESPONDENT4, ANCHORED4);
      const up = udpPacket(ATTACHED4, CORRESPONDENT4);
      const both = () => [
        bed.exchange({ from: 'core', packet: down }).map(({ to }) => to),
        bed.exchange({ from: 'access', mac: ALICE, packet: up }).map(({ to }) => to),
      ];
      const flows = [['transport'], ['transport']];
      expect(both()).toEqual(survives ? flows : [[], []]);
      bed.inside(() => bed.plane.start(node));
      if (survives) expect(both()).toEqual(flows);
      bed.plane.reconcile();
      // Its sender is told that nobody has the address.
      expect(bed.exchange({ from: 'core', packet: down })).toMatchObject([{ to: 'core' }]);
      expect(ip(['-n', NODE_NAMESPACE, 'route', 'show', 'dev', 'acc'])).toBe('');
      expect(ip(['-n', NODE_NAMESPACE, 'neigh', 'show', 'dev', 'acc', 'nud', 'permanent'])).toBe('');
      expect(set(anchored, attached).failed).toEqual([]);
      expect(both()).toEqual(flows);
      bed.inside(() => bed.plane.close());
      expect(stateOf(NODE_NAMESPACE)).toEqual(before);
    });

    it.each(['ipv6/conf/all/', 'ipv6/conf/acc/', 'ipv6/conf/acc2/'])(
      'leaves the node as it was also when a process was killed as it started, when it had set %s',
      (setting) => {
        open({ started: false });
        awaitCarrier();
        const before = stateOf(NODE_NAMESPACE);
        const script = fileURLToPath(new URL('starting-process.ts', import.meta.url));
        const plane = survives ? 'ebpf' : 'user';
        const command = ['netns', 'exec', NODE_NAMESPACE, process.execPath, script, plane, setting];
        expect(spawnSync('ip', command, { encoding: 'utf8' })).toMatchObject({ stdout: '', stderr: '' });
        expect(stateOf(NODE_NAMESPACE)).not.toEqual(before);
        bed.inside(() => bed.plane.start(node));
        bed.inside(() => bed.plane.close());
        expect(stateOf(NODE_NAMESPACE)).toEqual(before);
      },
    );

    it.runIf(survives)('can leave forwarding to go on', () => {
      open();
      set(anchored);
      bed.inside(() => bed.plane.close({ keep: true }));
      expect(bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED4) })).toMatchObject([
        { to: 'transport' },
      ]);
    });
  });
}

/** A process of the node that had the bindings of the tests, and was killed. */
async function forwardAndDie(plane: 'ebpf' | 'user'): Promise<void> {
  const script = fileURLToPath(new URL('forwarding-process.ts', import.meta.url));
  const child = spawn('ip', ['netns', 'exec', NODE_NAMESPACE, process.execPath, script, plane], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  expect(String(line)).toBe('forwarding\n');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function icmp6(packet: Uint8Array): unknown {
  const outer = decodeIpv6(packet);
  if (!outer.ok) return outer.error;
  const message = decodeIcmpv6(outer.value.payload, outer.value.source, outer.value.destination);
  return message.ok ? message.value : message.error;
}
