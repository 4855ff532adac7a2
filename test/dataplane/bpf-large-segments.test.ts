import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { MacAddress } from '#base/mac-address.ts';
import type { AccessForwarding, Forwarding, Path } from '#dataplane/desired.ts';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { ALICE, BOB, ipv4, ipv6, mac, node, prefix4, prefix6 } from './bed.ts';
import { mirrored, TUNNELS } from './encapsulations.ts';
import { ip, kernelBedMissing } from './kernel-bed.ts';

const missing = kernelBedMissing();
const STREAM = fileURLToPath(new URL('../../src/lab/bench/dataplane-stream.ts', import.meta.url));
const NODES = ['alice', 'bob', 'mag', 'lma'] as const;
/** Of this process, so that two runs on one machine do not meet. */
const PREFIX = `mtls${process.pid}`;
const MAG = ipv6('2001:db8:cafe::15');
const LMA = ipv6('2001:db8:cafe::101');
const MAG4 = ipv4('198.18.0.15');
const LMA4 = ipv4('198.18.0.101');
const PORT = 5001;
/** Far above what comes through when each large segment is lost and sent again in small ones. */
const ENOUGH_BITS_PER_SECOND = 3e8;
/** Far above what comes through when each large segment is lost. */
const ENOUGH_SEGMENTED = 1e7;

/** alice ── mag ── bob, and the anchor behind the gateway: what one sends the other goes through the tunnel twice. */
describe.skipIf(missing)(`large TCP segments between two mobile nodes${missing ? ` (${missing})` : ''}`, () => {
  const planes: [namespace: string, plane: BpfDataPlane][] = [];
  let server: ChildProcess;

  beforeAll(async () => {
    removeNamespaces();
    ip(['-batch', '-'], CREATION);
    for (const name of NODES) ip(['-n', `${PREFIX}-${name}`, '-batch', '-'], CONFIGURATION[name].join('\n'));
    start('mag', { ...node, pools: { ipv4: [], ipv6: [] }, localAddresses: [MAG, MAG4] });
    const pools = { ipv4: [prefix4('192.0.2.0/24')], ipv6: [prefix6('2001:db8:f00d::/48')] };
    start('lma', { ...node, accessInterfaces: [], pools, localAddresses: [LMA, LMA4] });
    server = spawn('ip', ['netns', 'exec', `${PREFIX}-bob`, process.execPath, STREAM, 'serve', String(PORT)]);
    await once(server.stdout as NonNullable<typeof server.stdout>, 'data');
  });
  afterAll(() => {
    server?.kill('SIGKILL');
    for (const [namespace, plane] of planes) inNetworkNamespace(namespace, () => plane.close());
    removeNamespaces();
  });

  function start(name: string, forwarding: typeof node): void {
    const plane = new BpfDataPlane();
    const namespace = `/run/netns/${PREFIX}-${name}`;
    inNetworkNamespace(namespace, () => plane.start(forwarding));
    planes.push([namespace, plane]);
  }

  function carry(path: Path): void {
    const bindings = [accessBinding('alice', ALICE, 1, path), accessBinding('bob', BOB, 2, path)];
    const anchors = bindings.map((binding) => ({ ...binding, kind: 'anchor', paths: [mirrored(path)] }) as Forwarding);
    for (const [i, forwardings] of [bindings, anchors].entries()) {
      const [, plane] = planes[i] as (typeof planes)[number];
      const { failed } = plane.apply(forwardings.map((forwarding) => ({ kind: 'set', forwarding })));
      expect(failed).toEqual([]);
    }
  }

  const families = [
    { family: 'IPv4', local: '192.0.2.1', remote: '192.0.2.2' },
    { family: 'IPv6', local: '2001:db8:f00d:1::1', remote: '2001:db8:f00d:2::1' },
  ];
  const isTlv = ({ encapsulation }: Path) => encapsulation.kind === 'udp' && encapsulation.tlvHeader;
  const between = ({ encapsulation, ends: { local } }: (typeof TUNNELS)[number]): Path =>
    local instanceof Ipv6Address
      ? { encapsulation, local: MAG, remote: LMA }
      : { encapsulation, local: MAG4, remote: LMA4 };
  /** No NAT is between the two. */
  const direct = TUNNELS.filter(({ name }) => !name.includes('NAT'));
  const whole = direct.filter((tunnel) => !isTlv(between(tunnel)));

  it.each(whole.flatMap((tunnel) => families.map((family) => ({ ...tunnel, ...family }))))(
    '$family in $name passes the anchor whole',
    ({ local, remote, ...tunnel }) => {
      carry(between(tunnel));
      const [, anchor] = planes[1] as (typeof planes)[number];
      const before = counted(anchor);
      const { bitsPerSecond, errors } = drain(local, remote);
      expect(bitsPerSecond, errors).toBeGreaterThan(ENOUGH_BITS_PER_SECOND);
      for (const [, plane] of planes)
        expect(plane.drops()).toMatchObject({ 'encapsulation-failed': 0, 'decapsulation-failed': 0 });
      const after = counted(anchor);
      expect((after.octets - before.octets) / (after.packets - before.packets)).toBeGreaterThan(2000);
    },
  );

  const inTlv = direct.filter((tunnel) => isTlv(between(tunnel)));

  it.each(inTlv.flatMap((tunnel) => families.map((family) => ({ ...tunnel, ...family }))))(
    '$family in $name is cut into segments by the daemon, as each says its length',
    async ({ local, remote, ...tunnel }) => {
      carry(between(tunnel));
      const stop = serveSlowPaths(planes.map(([, plane]) => plane));
      const { bitsPerSecond, errors } = await drainMeanwhile(local, remote).finally(stop);
      expect(bitsPerSecond, errors).toBeGreaterThan(ENOUGH_SEGMENTED);
      for (const [, plane] of planes) expect(plane.drops()).toMatchObject({ malformed: 0, 'slow-path-unexpected': 0 });
    },
  );
});

/** As the packet worker does, but in turns with the test; gives what ends it. */
function serveSlowPaths(planes: readonly BpfDataPlane[]): () => void {
  let serving = true;
  const serve = () => {
    if (!serving) return;
    for (const plane of planes) for (const fd of plane.slowPathFds()) plane.handleSlowPath(fd);
    setImmediate(serve);
  };
  serve();
  return () => {
    serving = false;
  };
}

async function drainMeanwhile(local: string, remote: string): Promise<{ bitsPerSecond: number; errors: string }> {
  const [command, ...options] = drainCommand(local, remote);
  const child = spawn(command, options);
  let output = '';
  let errors = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  child.stderr.on('data', (text) => {
    errors += text;
  });
  await once(child, 'close');
  return { bitsPerSecond: Number(output), errors };
}

function counted(anchor: BpfDataPlane): { packets: number; octets: number } {
  const counters = anchor.counters('alice') as NonNullable<ReturnType<typeof anchor.counters>>;
  return { packets: counters.downPackets, octets: counters.downOctets };
}

function drain(local: string, remote: string): { bitsPerSecond: number; errors: string } {
  const [command, ...options] = drainCommand(local, remote);
  const done = spawnSync(command, options, { encoding: 'utf8', timeout: 10_000 });
  return { bitsPerSecond: Number(done.stdout), errors: done.stderr };
}

function drainCommand(local: string, remote: string): [string, ...string[]] {
  const stream = [STREAM, 'drain', local, remote, String(PORT), '0.5'];
  return ['ip', 'netns', 'exec', `${PREFIX}-alice`, process.execPath, ...stream];
}

function accessBinding(id: string, station: MacAddress, number: number, path: Path): AccessForwarding {
  return {
    kind: 'access',
    id,
    customer: 0,
    interface: node.accessInterfaces[number - 1]?.name as string,
    mac: station,
    homeAddress: ipv4(`192.0.2.${number}`),
    homePrefixLength: 24,
    defaultRouter: ipv4('192.0.2.254'),
    prefixes: [prefix6(`2001:db8:f00d:${number}::/64`)],
    paths: [path],
  };
}

function removeNamespaces(): void {
  for (const name of NODES) spawnSync('ip', ['netns', 'del', `${PREFIX}-${name}`], { stdio: 'ignore' });
}

const CREATION = `${NODES.map((name) => `netns add ${PREFIX}-${name}`).join('\n')}
link add name eth0 netns ${PREFIX}-alice type veth peer name acc netns ${PREFIX}-mag
link add name eth0 netns ${PREFIX}-bob type veth peer name acc2 netns ${PREFIX}-mag
link add name core netns ${PREFIX}-mag type veth peer name core netns ${PREFIX}-lma`;

const CONFIGURATION: Record<(typeof NODES)[number], string[]> = {
  alice: mobileNode(ALICE, 1),
  bob: mobileNode(BOB, 2),
  mag: [
    'link set acc up',
    'link set acc2 up',
    'link set core up',
    `addr add ${MAG}/64 dev core nodad`,
    `addr add ${MAG4}/24 dev core`,
  ],
  lma: [
    `link set core address ${mac('02:00:00:00:00:ee')}`,
    'link set core up',
    `addr add ${LMA}/64 dev core nodad`,
    `addr add ${LMA4}/24 dev core`,
  ],
};

function mobileNode(station: MacAddress, number: number): string[] {
  return [
    `link set eth0 address ${station}`,
    'link set eth0 up',
    `addr add 192.0.2.${number}/32 dev eth0`,
    `addr add 2001:db8:f00d:${number}::1/64 dev eth0 nodad`,
    'route add 192.0.2.254 dev eth0',
    'route add default via 192.0.2.254',
    'route add default via fe80::200:5eff:fe00:5213 dev eth0',
  ];
}
