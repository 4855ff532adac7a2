import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MacAddress } from '#base/mac-address.ts';
import type { AccessForwarding, Path } from '#dataplane/desired.ts';
import { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { ALICE, BOB, ipv4, ipv6, mac, node, prefix4, prefix6 } from './bed.ts';
import { ip, kernelBedMissing } from './kernel-bed.ts';

const missing = kernelBedMissing();
const STREAM = fileURLToPath(new URL('../../src/lab/bench/dataplane-stream.ts', import.meta.url));
const NODES = ['alice', 'bob', 'mag', 'lma'] as const;
/** Of this process, so that two runs on one machine do not meet. */
const PREFIX = `mtls${process.pid}`;
const MAG = ipv6('2001:db8:cafe::15');
const LMA = ipv6('2001:db8:cafe::101');
const up: Path = { encapsulation: { kind: 'ip' }, local: MAG, remote: LMA };
const down: Path = { encapsulation: { kind: 'ip' }, local: LMA, remote: MAG };
const PORT = 5001;
/** Far above what comes through when each large segment is lost and sent again in small ones. */
const ENOUGH_BITS_PER_SECOND = 3e8;

/** alice ── mag ── bob, and the anchor behind the gateway: what one sends the other goes through the tunnel twice. */
describe.skipIf(missing)(`large TCP segments between two mobile nodes${missing ? ` (${missing})` : ''}`, () => {
  const planes: [namespace: string, plane: BpfDataPlane][] = [];
  let server: ChildProcess;

  beforeAll(async () => {
    removeNamespaces();
    ip(['-batch', '-'], CREATION);
    for (const name of NODES) ip(['-n', `${PREFIX}-${name}`, '-batch', '-'], CONFIGURATION[name].join('\n'));
    start('mag', { ...node, pools: { ipv4: [], ipv6: [] }, localAddresses: [MAG] }, [
      { kind: 'set', forwarding: accessBinding('alice', ALICE, 1) },
      { kind: 'set', forwarding: accessBinding('bob', BOB, 2) },
    ]);
    const pools = { ipv4: [prefix4('192.0.2.0/24')], ipv6: [prefix6('2001:db8:f00d::/48')] };
    start('lma', { ...node, accessInterfaces: [], pools, localAddresses: [LMA] }, [
      { kind: 'set', forwarding: { ...accessBinding('alice', ALICE, 1), kind: 'anchor', paths: [down] } },
      { kind: 'set', forwarding: { ...accessBinding('bob', BOB, 2), kind: 'anchor', paths: [down] } },
    ]);
    server = spawn('ip', ['netns', 'exec', `${PREFIX}-bob`, process.execPath, STREAM, 'serve', String(PORT)]);
    await once(server.stdout as NonNullable<typeof server.stdout>, 'data');
  });
  afterAll(() => {
    server?.kill('SIGKILL');
    for (const [namespace, plane] of planes) inNetworkNamespace(namespace, () => plane.close());
    removeNamespaces();
  });

  function start(name: string, forwarding: typeof node, changes: Parameters<BpfDataPlane['apply']>[0]): void {
    const plane = new BpfDataPlane();
    const namespace = `/run/netns/${PREFIX}-${name}`;
    inNetworkNamespace(namespace, () => plane.start(forwarding));
    planes.push([namespace, plane]);
    expect(plane.apply(changes).failed).toEqual([]);
  }

  it.each([
    ['IPv4', '192.0.2.1', '192.0.2.2'],
    ['IPv6', '2001:db8:f00d:1::1', '2001:db8:f00d:2::1'],
  ])('%s passes the anchor whole', (_family, local, remote) => {
    const drain = spawnSync(
      'ip',
      ['netns', 'exec', `${PREFIX}-alice`, process.execPath, STREAM, 'drain', local, remote, String(PORT), '0.5'],
      {
        encoding: 'utf8',
        timeout: 10_000,
      },
    );
    expect(Number(drain.stdout), drain.stderr).toBeGreaterThan(ENOUGH_BITS_PER_SECOND);
    for (const [, plane] of planes)
      expect(plane.drops()).toMatchObject({ 'encapsulation-failed': 0, 'decapsulation-failed': 0 });
    const [, anchor] = planes[1] as (typeof planes)[number];
    const { downPackets, downOctets } = anchor.counters('alice') as NonNullable<ReturnType<typeof anchor.counters>>;
    expect(downOctets / downPackets).toBeGreaterThan(2000);
  });
});

function accessBinding(id: string, station: MacAddress, number: number): AccessForwarding {
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
    paths: [up],
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
  mag: ['link set acc up', 'link set acc2 up', 'link set core up', `addr add ${MAG}/64 dev core nodad`],
  lma: [`link set core address ${mac('02:00:00:00:00:ee')}`, 'link set core up', `addr add ${LMA}/64 dev core nodad`],
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
