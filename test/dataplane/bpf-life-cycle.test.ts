import { spawn, spawnSync } from 'node:child_process';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { NodeForwarding } from '#dataplane/desired.ts';
import { BpfMap, MapType, pinObject } from '#host/bpf.ts';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { removeDeadPins } from '#host/bpf-dead-pins.ts';
import { Pins } from '#host/bpf-pins.ts';
import { hasVrfDevices, KERNEL_FEATURES, type KernelFeature, probeKernel } from '#host/kernel-features.ts';
import { close, ifNameToIndex } from '#host/posix.ts';
import { createLink } from '#host/tcx.ts';
import { ALICE, anchored, attached, CORRESPONDENT4, ipv4, NODE_ADDRESS, node, PEER, prefix4 } from './bed.ts';
import { complianceSuite } from './compliance.ts';
import { groupSuite } from './groups.ts';
import { awaitCarrier, ip, type KernelBed, kernelBed, kernelBedMissing, NODE_NAMESPACE } from './kernel-bed.ts';
import { lifeCycleSuite } from './life-cycle.ts';
import { stateOf } from './node-state.ts';
import { tunnelled, udpPacket } from './packets.ts';

const missing = kernelBedMissing();
/** Whether programs are held by pinned links. */
const lasting = !missing && probeKernel().tcx && Pins.of('pmip0')?.lasting === true;
const nightly = process.env.MOORING_NIGHTLY === '1';
const ANCHORED4 = ipv4('192.0.2.1');
const ATTACHED4 = ipv4('203.0.113.1');
/** Without pins nothing can be adopted, which is another life cycle. */
const dispensable = KERNEL_FEATURES.filter((feature) => feature !== 'pins');
const without =
  (...features: KernelFeature[]) =>
  (forwarding?: NodeForwarding) =>
    kernelBed({ without: features, shared: true, ...(forwarding && { forwarding }) });

describe.skipIf(missing)(`adoption in the kernel${missing ? ` (${missing})` : ''}`, () => {
  let bed: KernelBed;
  afterEach(() => bed.close());
  const set = (...forwardings: (typeof anchored | typeof attached)[]) =>
    bed.plane.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding }))).failed;
  const down = () => bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, ANCHORED4) });
  const up = () => bed.exchange({ from: 'access', mac: ALICE, packet: udpPacket(ATTACHED4, CORRESPONDENT4) });
  const toAlice = () =>
    bed.exchange({
      from: 'transport',
      packet: tunnelled(PEER, NODE_ADDRESS, udpPacket(CORRESPONDENT4, ATTACHED4)),
    });
  const pins = () => bed.inside(() => Pins.of('pmip0')) as Pins;

  it('makes room for more bindings than the earlier process had room for, with those that are there', () => {
    bed = kernelBed();
    set(anchored, attached);
    expect(down()).toHaveLength(1);
    bed.succeed({ ...node, maximumBindings: 500 });
    expect(down()).toHaveLength(1);
    set(anchored, attached);
    expect(bed.plane.counters('anchored')?.downPackets).toBe(2);
    expect(bed.plane.reconcile()).toMatchObject({ removed: 0, repaired: 0 });
    const many = Array.from({ length: 200 }, (_, i) => ({
      ...anchored,
      id: `mn${i}`,
      homeAddress: ipv4(`192.0.2.${i + 10}`),
      prefixes: [],
    }));
    expect(set(...many)).toEqual([]);
  });

  /** All is set anew in maps that no program had before, and from then on these forward and count. */
  const expectChargeTaken = () => {
    set(anchored, attached);
    expect(bed.plane.counters('anchored')?.downPackets).toBe(0);
    expect(bed.plane.reconcile()).toMatchObject({ failed: [] });
    for (const way of [down, up, toAlice]) expect(way()).toHaveLength(1);
    expect(bed.plane.counters('anchored')?.downPackets).toBe(1);
    expect(bed.plane.audit()).toMatchObject({ missing: 0, different: 0, extra: 0, unclaimed: 0 });
  };

  it('leaves programs of another layout of maps in charge until all that they forwarded has been set anew', () => {
    bed = kernelBed();
    set(anchored, attached);
    setLayout(pins(), 999);
    const map = pins().get('map-paths') as number;
    pins().put('map-of-that-layout', map);
    close(map);
    bed.succeed(node);
    expect(pins().names()).not.toContain('map-of-that-layout');
    expect(down()).toHaveLength(1);
    expect(up()).toHaveLength(1);
    expectChargeTaken();
    bed.succeed(node);
    expect(down()).toHaveLength(1);
  });

  it.each([
    ['the next process is killed before that', () => bed.succeed(node)],
    ['the next process goes over to another node', () => bed.inside(() => bed.plane.reconfigure(node))],
    [
      'the next process goes over to another node with room for more',
      () => bed.inside(() => bed.plane.reconfigure({ ...node, maximumBindings: 500 })),
    ],
  ])('leaves them in charge also where %s', (_, change) => {
    bed = kernelBed();
    set(anchored, attached);
    setLayout(pins(), 999);
    bed.succeed(node);
    change();
    for (const way of [down, up, toAlice]) expect(way()).toHaveLength(1);
    expectChargeTaken();
  });

  it('begins anew, without adoption, where nothing can be pinned', () => {
    bed = kernelBed({ without: ['pins'] });
    set(anchored, attached);
    bed.succeed(node);
    expect(down()).toHaveLength(1);
    expect(up()).toHaveLength(1);
    // A neighbour and a route for each of the two addresses are on the access link still, and the gateway's address there.
    expect(bed.plane.audit()).toMatchObject({ matching: 0, unclaimed: 5, extra: 0 });
    set(anchored);
    expect(bed.plane.reconcile().removed).toBeGreaterThan(0);
    expect(down()).toHaveLength(1);
    expect(up()).toEqual([]);
  });

  it.each<[string, KernelFeature[]]>([
    ['', []],
    [' where nothing can be pinned', ['pins']],
  ])('sets nothing on access links anew that is right already%s', async (_, features) => {
    bed = kernelBed({ without: features });
    set(attached);
    bed.succeed(node);
    const monitor = spawn('ip', ['-n', NODE_NAMESPACE, 'monitor', 'route', 'neigh', 'address']);
    try {
      let told = '';
      monitor.stdout.on('data', (octets) => {
        told += octets;
      });
      const tellMark = async (mark: string) => {
        await vi.waitFor(
          () => {
            for (const what of ['add', 'del']) ip(['-n', NODE_NAMESPACE, 'route', what, mark, 'dev', 'core']);
            expect(told).toContain(mark);
          },
          { timeout: 15_000, interval: 100 },
        );
      };
      await tellMark('198.51.100.201');
      set(attached);
      await tellMark('198.51.100.202');
      expect(told).not.toContain(`${ATTACHED4}`);
      expect(told.split('\n').filter((line) => line.includes('proto 213') || line.includes('PERMANENT'))).toEqual([]);
    } finally {
      monitor.kill();
    }
    expect(toAlice()).toHaveLength(1);
  });

  it.each(dispensable.filter((feature) => feature !== 'decapL3'))(
    'exchanges programs without a gap when the next process does without %s, and the other way',
    (feature) => {
      bed = kernelBed();
      set(anchored, attached);
      bed.inside(() => bed.plane.close({ keep: true }));
      const next = new BpfDataPlane({ without: [feature] });
      bed.inside(() => next.start(node));
      for (const way of [down, up, toAlice]) expect(way()).toHaveLength(1);
      bed.inside(() => next.close({ keep: true }));
      bed.succeed(node);
      for (const way of [down, up, toAlice]) expect(way()).toHaveLength(1);
      set(anchored, attached);
      expect(bed.plane.counters('anchored')?.downPackets).toBe(2);
    },
  );

  it('sees what others took away or changed, and repairs it', () => {
    bed = kernelBed();
    set(anchored, attached);
    const whole = bed.plane.audit();
    expect(whole).toMatchObject({ missing: 0, different: 0, extra: 0 });
    ip(['-n', NODE_NAMESPACE, 'route', 'del', '203.0.113.1', 'dev', 'acc']);
    ip([
      '-n',
      NODE_NAMESPACE,
      'neigh',
      'replace',
      '203.0.113.1',
      'lladdr',
      '02:00:00:00:00:99',
      'dev',
      'acc',
      'nud',
      'permanent',
      'proto',
      '213',
    ]);
    ip(['-n', NODE_NAMESPACE, 'route', 'add', '203.0.113.77', 'dev', 'acc', 'proto', '213']);
    expect(bed.plane.audit()).toMatchObject({
      missing: 1,
      different: 1,
      extra: 1,
      examples: [
        expect.stringContaining('route 203.0.113.1'),
        expect.stringContaining('neighbour 203.0.113.1'),
        expect.stringContaining('route 203.0.113.77'),
      ],
    });
    expect(toAlice().filter(({ to }) => to === 'access')).toEqual([]);
    expect(bed.plane.reconcile()).toMatchObject({ removed: 1, repaired: 2, failed: [] });
    expect(bed.plane.audit()).toEqual(whole);
    expect(toAlice()).toHaveLength(1);
  });

  it('repairs what others took away from a gateway also before all of its bindings have shown themselves', () => {
    bed = kernelBed();
    set(attached);
    bed.succeed(node);
    set(attached);
    expect(bed.plane.reconcile(['anchor'])).toMatchObject({ removed: 0, failed: [] });
    ip(['-n', NODE_NAMESPACE, 'route', 'del', '203.0.113.1', 'dev', 'acc']);
    expect(toAlice().filter(({ to }) => to === 'access')).toEqual([]);
    expect(bed.plane.reconcile([])).toMatchObject({ removed: 0, repaired: 1, failed: [] });
    expect(toAlice()).toHaveLength(1);
  });

  it('holds to the former node when it cannot go over to another', () => {
    bed = kernelBed();
    awaitCarrier();
    set(anchored, attached);
    const state = stateOf(NODE_NAMESPACE);
    const [first] = node.accessInterfaces;
    const odd = {
      ...node,
      pools: { ...node.pools, ipv4: [prefix4('198.19.0.0/24')] },
      accessInterfaces: first ? [{ ...first, linkName: 'nine' }] : [],
    };
    expect(() => bed.plane.reconfigure(odd)).toThrow(expect.objectContaining({ code: 'interface-missing' }));
    expect(stateOf(NODE_NAMESPACE)).toEqual(state);
    for (const way of [down, up, toAlice]) expect(way()).toHaveLength(1);
  });

  it('serves the bindings that come after it could not go over to another node with room for more', () => {
    bed = kernelBed();
    set(anchored, attached);
    const [first] = node.accessInterfaces;
    const odd = { ...node, maximumBindings: 500, accessInterfaces: first ? [{ ...first, linkName: 'nine' }] : [] };
    expect(() => bed.inside(() => bed.plane.reconfigure(odd))).toThrow(
      expect.objectContaining({ code: 'interface-missing' }),
    );
    const home = ipv4('192.0.2.9');
    expect(set({ ...anchored, id: 'later', homeAddress: home, prefixes: [] })).toEqual([]);
    for (const way of [down, up, toAlice]) expect(way()).toHaveLength(1);
    expect(bed.exchange({ from: 'core', packet: udpPacket(CORRESPONDENT4, home) })).toMatchObject([
      { to: 'transport' },
    ]);
    expect(bed.plane.counters('later')?.downPackets).toBe(1);
  });

  it('gives an access interface back that the next node does not have, and everything in the end, whoever took it', () => {
    bed = kernelBed({ started: false });
    awaitCarrier();
    const before = stateOf(NODE_NAMESPACE);
    bed.inside(() => bed.plane.start(node));
    set(anchored, attached);
    bed.succeed({ ...node, accessInterfaces: node.accessInterfaces.slice(0, 1) });
    const macOf = (link: string) => ip(['-n', NODE_NAMESPACE, '-brief', 'link', 'show', link]).split(/\s+/)[2];
    expect(before.links).toContainEqual(expect.stringContaining(`${macOf('acc2')}`));
    expect(before.links).not.toContainEqual(expect.stringContaining(`${macOf('acc')}`));
    bed.inside(() => bed.plane.close());
    expect(stateOf(NODE_NAMESPACE)).toEqual(before);
    expect(pins().names()).toEqual([]);
  });

  it.skipIf(!lasting)(
    'removes what others pinned whose namespaces are gone, and nothing of those that are there',
    async () => {
      bed = kernelBed();
      const { directory } = pins();
      removeDeadPins();
      expect(existsSync(directory)).toBe(true);
      bed.abandon();
      await vi.waitFor(
        () => {
          removeDeadPins();
          expect(existsSync(directory)).toBe(false);
        },
        { timeout: 20_000, interval: 50 },
      );
      bed = kernelBed({ started: false });
    },
  );

  it.skipIf(!lasting)('takes off a program whose pin had not got its name yet when a process was killed', () => {
    bed = kernelBed();
    ip(['-n', NODE_NAMESPACE, 'link', 'add', 'spare', 'type', 'veth', 'peer', 'name', 'spare-far']);
    try {
      bed.inside(() => {
        const index = ifNameToIndex('spare');
        const link = createLink(index, 'egress', bed.plane.programs.encap);
        pinObject(join(pins().directory, `link-${index}-egress-new`), link);
        close(link);
      });
      const unnamed = () =>
        pins()
          .names()
          .filter((name) => name.endsWith('-new'));
      expect(unnamed()).toHaveLength(1);
      bed.succeed(node);
      expect(unnamed()).toEqual([]);
    } finally {
      ip(['-n', NODE_NAMESPACE, 'link', 'del', 'spare']);
    }
  });

  it.each([{ features: ['tcx'] }, { features: ['tcx', 'netnsCookie'] }] as const)(
    'takes nothing over from a namespace that is gone, and whose number this one has got, on a kernel without $features',
    ({ features }) => {
      bed = kernelBed({ without: features, started: false });
      ip(['netns', 'exec', NODE_NAMESPACE, 'sysctl', '-qw', 'net.ipv4.conf.acc.rp_filter=2']);
      bed.inside(() => bed.plane.start(node));
      set(anchored, attached);
      const { directory } = pins();
      bed.abandon();
      bed = kernelBed({ without: features, started: false });
      awaitCarrier();
      const before = stateOf(NODE_NAMESPACE);
      if (pins().directory !== directory) renameSync(directory, pins().directory);
      bed.inside(() => bed.plane.start(node));
      expect(bed.plane.audit()).toMatchObject({ unclaimed: 0, extra: 0 });
      expect(down().map(({ to }) => to)).toEqual(['core']);
      bed.inside(() => bed.plane.close());
      expect(stateOf(NODE_NAMESPACE)).toEqual(before);
    },
  );

  it('serves an interface that replaced one of its name', () => {
    bed = kernelBed();
    set(anchored, attached);
    ip(['-n', NODE_NAMESPACE, 'link', 'del', 'acc']);
    ip(['-n', NODE_NAMESPACE, 'link', 'add', 'acc', 'type', 'veth', 'peer', 'name', 'acc-far']);
    ip(['-n', NODE_NAMESPACE, 'link', 'set', 'acc-far', 'up']);
    expect(bed.plane.audit().missing).toBeGreaterThan(2);
    expect(bed.inside(() => bed.plane.reconfigure(node)).failed).toEqual([]);
    expect(bed.plane.audit()).toMatchObject({ missing: 0, different: 0, extra: 0, examples: [] });
  });
});

/** What the life cycle does not depend on has the whole suite by night. */
const switchedOff = nightly ? dispensable : dispensable.filter((feature) => feature !== 'decapL3');

describe.skipIf(missing).each(switchedOff)('the data plane in the kernel without %s', (feature) => {
  const suite = nightly ? complianceSuite : lifeCycleSuite;
  suite(without(feature));
  if (nightly) groupSuite(without(feature));
});

describe.skipIf(missing)('what a kernel has', () => {
  it('is tried, and can be left alone', () => {
    expect(Object.keys(probeKernel()).sort()).toEqual([...KERNEL_FEATURES].sort());
    const bed = without(...dispensable)();
    expect(ip(['netns', 'exec', NODE_NAMESPACE, 'tc', 'filter', 'show', 'dev', 'pmip0', 'egress'])).toContain('encap');
    // Whether such a device can be made.
    const made = spawnSync('ip', ['-n', NODE_NAMESPACE, 'link', 'add', 'blue', 'type', 'vrf', 'table', '9']);
    expect(bed.inside(hasVrfDevices)).toBe(made.status === 0);
    bed.close();
  });
});

function setLayout(pins: Pins, layout: number): void {
  const spec = { name: 'state', type: MapType.ARRAY, keySize: 4, valueSize: 1 << 18, maximumEntries: 1 };
  const map = new BpfMap(spec, 1, pins.get('node-state') as number);
  map.key.writeUInt32LE(0);
  map.lookup();
  map.value.writeUInt32LE(layout, 0);
  map.update();
  map.close();
}
