import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import type { Path } from '#dataplane/desired.ts';
import type { BpfDataPlane } from '#host/bpf-data-plane.ts';
import { TUNNELS } from './encapsulations.ts';
import { ip, kernelBedMissing } from './kernel-bed.ts';
import { withoutOffloads } from './large-segment.ts';
import { FAMILIES, LMA, LMA4, MAG, MAG4, TwoMobileNodes } from './two-mobile-nodes.ts';

const missing = kernelBedMissing();
const STREAM = fileURLToPath(new URL('tcp-stream.ts', import.meta.url));
/** Of this process, so that two runs on one machine do not meet. */
const PREFIX = `mtls${process.pid}`;
const PORT = 5001;
/** Far above what comes through when each large segment is lost and sent again in small ones. */
const ENOUGH_BITS_PER_SECOND = 3e8;
/** Far above what comes through when each large segment is lost. */
const ENOUGH_SEGMENTED = 1e7;
/** Packets that the stack may see of a whole stream, of which it would forward some forty thousand. */
const FEW = 100;
/** Of those that are carried, where a packet with a shorter last segment is the stack's to bring to where it is cut on its way in. */
const UNEVEN_SHARE = 0.1;

/** What one sends the other goes through the tunnel twice. */
describe.skipIf(missing)(`large TCP segments between two mobile nodes${missing ? ` (${missing})` : ''}`, () => {
  let bed: TwoMobileNodes;
  let server: ChildProcess;

  beforeAll(async () => {
    bed = new TwoMobileNodes(PREFIX);
    server = spawn('ip', ['netns', 'exec', bed.namespace('bob'), process.execPath, STREAM, 'serve', String(PORT)]);
    await once(server.stdout as NonNullable<typeof server.stdout>, 'data');
  });
  afterAll(() => {
    server?.kill('SIGKILL');
    bed?.remove();
  });
  const planes = () => [bed.mag, bed.lma];

  const between = ({ encapsulation, ends: { local } }: (typeof TUNNELS)[number]): Path =>
    local instanceof Ipv6Address
      ? { encapsulation, local: MAG, remote: LMA }
      : { encapsulation, local: MAG4, remote: LMA4 };
  /** No NAT is between the two. */
  const direct = TUNNELS.filter(({ encapsulation: of }) => of.kind !== 'udp' || of.remotePort === of.localPort);

  it.each(direct.flatMap((tunnel) => FAMILIES.map((family) => ({ ...tunnel, ...family }))))(
    '$family in $name passes the anchor whole',
    ({ alice, bob, ...tunnel }) => {
      bed.carry(between(tunnel));
      const anchor = bed.lma;
      const before = counted(anchor);
      const { bitsPerSecond, errors } = drain(alice, bob);
      expect(bitsPerSecond, errors).toBeGreaterThan(ENOUGH_BITS_PER_SECOND);
      for (const plane of planes())
        expect(plane.drops()).toMatchObject({ 'encapsulation-failed': 0, 'decapsulation-failed': 0 });
      const after = counted(anchor);
      expect((after.octets - before.octets) / (after.packets - before.packets)).toBeGreaterThan(2000);
    },
  );

  const named = (name: string) => between(TUNNELS.find((tunnel) => tunnel.name === name) as (typeof TUNNELS)[number]);

  it.each([
    ['IPv6', 'GRE with keys over IPv4'],
    ['UDP', 'GRE over IPv6'],
    ['UDP with the TLV header', 'UDP'],
  ])('come through where one has a tunnel of %s and the other one of %s', async (one, other) => {
    bed.carry(named(one), 'alice');
    bed.carry(named(other), 'bob');
    const stop = bed.serveSlowPaths();
    const { alice, bob } = FAMILIES[0];
    const { bitsPerSecond, errors } = await drainMeanwhile(alice, bob).finally(stop);
    expect(bitsPerSecond, errors).toBeGreaterThan(ENOUGH_SEGMENTED);
    for (const plane of planes())
      expect(plane.drops()).toMatchObject({ 'encapsulation-failed': 0, 'decapsulation-failed': 0, malformed: 0 });
  });

  it.each([
    ['IPv6', 0, 0],
    ['IPv6', 1, 0],
    ['GRE with keys over IPv4', 1, 0],
    ['UDP', 0, 0],
    ['UDP with the TLV header', 0, UNEVEN_SHARE],
  ] as const)('come out of a tunnel of %s past the stack, and are cut behind it (%i)', (name, family, share) => {
    bed.reconfigure({ express: true });
    withoutOffloads(bed.namespace('mag'), 'acc');
    bed.carry(named(name));
    const { alice, bob } = FAMILIES[family];
    const [before, carriedBefore] = [forwarded(), counted(bed.lma).packets];
    const { bitsPerSecond, errors } = drain(alice, bob);
    expect(bitsPerSecond, errors).toBeGreaterThan(ENOUGH_BITS_PER_SECOND);
    const carried = counted(bed.lma).packets - carriedBefore;
    expect(forwarded() - before).toBeLessThan(FEW + share * carried);
  });

  /** Packets that the stack of the gateway has forwarded. */
  const forwarded = () =>
    ['IpForwDatagrams', 'Ip6OutForwDatagrams']
      .map((name) =>
        /\d+/.exec(ip(['netns', 'exec', bed.namespace('mag'), 'nstat', '-asz', name]).split(name)[1] ?? ''),
      )
      .reduce((sum, found) => sum + Number(found), 0);
});

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
