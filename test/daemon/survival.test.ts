import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { DataplaneView } from '#cli/show/dataplane.ts';
import type { StateReport } from '#daemon/durable-state.ts';
import { runCrashes } from '#lab/crash/run-crashes.ts';
import { runGatewayCrashes } from '#lab/crash/run-gateway-crashes.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { encodeHeader, FileKind } from '#store/log-format.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { type Daemon, eventually, Network, obstacle, root } from './network.ts';

const FIXED_LINK_LOCAL = 'fe80::200:5eff:fe00:5213';
const PING = ['sh', '-c', 'ping -c 2 -i 0.2 -W 2 "$0" || true'] as const;
const received = (output: string) => output.includes(' 2 received');
const station = (n: number) => new MacAddress(0x0224, 0xd78e2100 + n);

describe.skipIf(obstacle !== '')(`daemons that keep their bindings (${obstacle || 'root, BPF'})`, () => {
  let network: Network;
  let lma: Daemon;
  let mag: Daemon;

  const stateOf = (role: string) => join(network.directory, role);
  const startLma = (file = 'examples/lma.cfg') => network.start('lma', file, 'lma.sock', '--state', stateOf('lma'));
  const startMag = () => network.start('mag', 'examples/mag1.cfg', 'mag.sock', '--state', stateOf('mag'));
  /** Configured to go on in memory. */
  const continuing = () => {
    const file = join(network.directory, 'continues.cfg');
    const text = readFileSync(join(root, 'examples/lma.cfg'), 'utf8');
    writeFileSync(file, `${text}\nipv6 mobile pmipv6-store continue-on-failure\n`);
    return file;
  };
  const lmaBindings = () => lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' });
  const magBindings = () => mag.request<MagBindingRow[]>('show', { query: 'mag-binding' });
  const report = (daemon: Daemon) => daemon.request<StateReport>('show', { query: 'store' });
  const registered = (n: number) =>
    eventually(
      async () =>
        (await magBindings()).find(({ llid, state }) => state === 'ACTIVE' && llid === station(n).toCiscoString()),
      30_000,
    );
  const ofStation1 = async () => (await lmaBindings()).find(({ nai }) => nai === station(1).toCiscoString());
  const forwarded = async (daemon: Daemon) =>
    (await daemon.request<{ forwarding: unknown[] }>('show', { query: 'dataplane' })).forwarding.length;

  beforeAll(async () => {
    network = new Network(`mts${process.pid}`);
    lma = startLma();
    mag = startMag();
    await Promise.all([lma.ready(), mag.ready()]);
    // The kernel of the mobile node answers for it when it is asked whether it is there.
    network.ip('mn', 'link', 'set', 'eth0', 'address', station(1).toString());
    network.transmit(encodeLayer2Update(station(1)));
    const { hoa } = await registered(1);
    network.ip('mn', 'address', 'add', `${hoa}/24`, 'dev', 'eth0');
  }, 60_000);

  afterAll(() => network.remove());

  it('an LMA goes on after kill -9 with every binding, and gives no address to another mobile node', async () => {
    const [before] = await lmaBindings();
    lma.kill('SIGKILL');
    await lma.ended;
    lma = startLma();
    await lma.ready();
    const [after] = await lmaBindings();
    expect(after).toMatchObject({
      id: before?.id,
      nai: before?.nai,
      hoa: before?.hoa,
      hnps: before?.hnps,
      state: 'active',
    });
    expect(await forwarded(lma)).toBe(1);
    expect(await report(lma)).toMatchObject({ problem: null, restored: { bindings: 1, gapMs: null } });
    network.transmit(encodeLayer2Update(station(2)));
    const other = await registered(2);
    expect(other.hoa).not.toBe(before?.hoa);
  }, 60_000);

  it('a MAG goes on after kill -9 with every session, before its mobile nodes say anything', async () => {
    const before = await registered(1);
    mag.kill('SIGKILL');
    await mag.ended;
    mag = startMag();
    await mag.ready();
    expect(await report(mag)).toMatchObject({ restored: { sessions: 2 } });
    const after = await registered(1);
    expect(after).toMatchObject({ nai: before.nai, hoa: before.hoa, hnps: before.hnps });
    expect(await forwarded(mag)).toBeGreaterThan(0);
    await eventually(async () => {
      const { mags } = await mag.request<{ mags: { statistics: { pbuRefreshSent: number } }[] }>('statistics');
      return (mags[0]?.statistics.pbuRefreshSent ?? 0) > 0;
    });
    await registered(1);
  }, 60_000);

  it('traffic flows while both are down, though every host has forgotten the link-layer addresses that it knew, and after the restart', async () => {
    const correspondent = new Correspondent(network);
    const { hoa, hnps } = await registered(1);
    const address6 = `${hnps[0]?.replace(/\/\d+$/, '')}1`;
    network.run('mn', 'sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=0', 'net.ipv6.conf.eth0.accept_ra=0');
    network.ip('mn', 'address', 'add', `${address6}/64`, 'dev', 'eth0', 'nodad');
    network.ip('mn', 'route', 'add', 'default', 'via', '192.0.2.254');
    network.ip('mn', '-6', 'route', 'add', 'default', 'via', `${FIXED_LINK_LOCAL}`, 'dev', 'eth0');
    const flows = () => {
      network.ip('mn', 'neigh', 'flush', 'all');
      correspondent.forget();
      return [
        ...[Correspondent.IPV4, Correspondent.IPV6].map((to) => received(network.run('mn', ...PING, to))),
        ...[`${hoa}`, address6].map((to) => received(correspondent.run(...PING, to))),
      ];
    };
    const all = [true, true, true, true];
    try {
      await eventually(
        async () => (await lma.request<DataplaneView>('show', { query: 'dataplane' })).proxy?.interfaces.length,
      );
      await eventually(async () => flows().every(Boolean) || undefined);
      for (const daemon of [lma, mag]) daemon.kill('SIGKILL');
      await Promise.all([lma.ended, mag.ended]);
      expect(flows()).toEqual(all);
      // Another mobile node of its subnet, which is nobody's on this link.
      network.run('mn', 'sh', '-c', 'ping -c 1 -W 0.2 192.0.2.200 || true');
      expect(network.ip('mn', 'neigh', 'show', '192.0.2.200')).toContain(`${MacAddress.pmipv6Mag}`);
      [lma, mag] = [startLma(), startMag()];
      await Promise.all([lma.ready(), mag.ready()]);
      await registered(1);
      expect(flows()).toEqual(all);
    } finally {
      correspondent.remove();
    }
  }, 90_000);

  it('SIGTERM is a restart: nobody is told anything, and there is no gap', async () => {
    mag.kill('SIGTERM');
    expect(await mag.ended).toBe(0);
    expect(await ofStation1()).toMatchObject({ state: 'active' });
    mag = startMag();
    await mag.ready();
    expect(await report(mag)).toMatchObject({ restored: { gapMs: null } });
    await registered(1);
  }, 60_000);

  it('a store belongs to one daemon; a damaged one is refused and not written', async () => {
    const second = network.start('lma', 'examples/lma.cfg', 'second.sock', '--state', stateOf('lma'));
    expect(await second.ended).toBe(4);
    expect(second.output).toContain('is the store of another process');
    const damaged = stateOf('damaged');
    mkdirSync(damaged);
    writeFileSync(join(damaged, '00000001.log'), 'x'.repeat(500));
    const refused = network.start('lma', 'examples/lma.cfg', 'third.sock', '--state', damaged);
    expect(await refused.ended).toBe(4);
    expect(refused.output).toContain('is not what was written');
    expect(readFileSync(join(damaged, '00000001.log'), 'utf8')).toBe('x'.repeat(500));
  }, 60_000);

  it('SIGINT ends a MAG for good: its mobile nodes are de-registered', async () => {
    mag.kill('SIGINT');
    expect(await mag.ended).toBe(0);
    await eventually(async () => (await ofStation1())?.state === 'deleting');
    mag = startMag();
    await mag.ready();
    expect(await report(mag)).toMatchObject({ restored: { sessions: 0 } });
  }, 60_000);

  it('a full disk: nothing is accepted that would be lost, or it is where the operator allows it, and show says so', async () => {
    lma.kill('SIGKILL');
    await lma.ended;
    const small = stateOf('small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', small]);
    try {
      lma = network.start('lma', 'examples/lma.cfg', 'lma.sock', '--state', join(small, 'state'));
      await lma.ready();
      const filler = join(small, 'filler');
      fill(filler);
      // The last page of the log has room for some more.
      let n = 2;
      const failed = await eventually(async () => {
        network.transmit(encodeLayer2Update(station(++n)));
        const now = await report(lma);
        return now.problem === null ? undefined : now;
      });
      expect(failed.problem).toContain('ENOSPC');
      expect((await magBindings()).map(({ state }) => state)).toContain('INIT');
      expect(network.run('lma', process.execPath, join(root, 'bin/mooring'), ...show('lma', 'globals'))).toContain(
        '% WARNING: the store failed, NO BINDING IS ACCEPTED OR CHANGED',
      );
      await lma.request('reconfigure', {
        text: `${readFileSync(join(root, 'examples/lma.cfg'), 'utf8')}\nipv6 mobile pmipv6-store continue-on-failure\n`,
      });
      await registered(n);
      expect(network.run('lma', process.execPath, join(root, 'bin/mooring'), ...show('lma', 'globals'))).toContain(
        'BINDINGS ARE IN MEMORY ONLY AND WILL BE LOST',
      );
      rmSync(filler);
      await eventually(async () => (await report(lma)).problem === null);
      expect(lma.output).toContain('store-recovered');
      lma.kill('SIGKILL');
      await lma.ended;
      lma = network.start('lma', 'examples/lma.cfg', 'lma.sock', '--state', join(small, 'state'));
      await lma.ready();
      const names = (await lmaBindings()).map(({ nai }) => nai);
      expect(names).toContain(station(n).toCiscoString());
      expect(names).toContain(station(3).toCiscoString());
    } finally {
      lma.kill('SIGKILL');
      await lma.ended;
      execFileSync('umount', ['-l', small]);
    }
  }, 90_000);

  it('a read-only disk: the daemon says so and does not start, or serves from memory where the operator allows it', async () => {
    const disk = stateOf('read-only');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', disk]);
    try {
      lma.kill('SIGKILL');
      await lma.ended;
      const refused = network.start('lma', 'examples/lma.cfg', 'lma.sock', '--state', join(disk, 'state'));
      expect(await refused.ended).toBe(4);
      expect(refused.output).toContain('EROFS');
      lma = network.start('lma', continuing(), 'lma.sock', '--state', join(disk, 'state'));
      await lma.ready();
      expect(network.run('lma', process.execPath, join(root, 'bin/mooring'), ...show('lma', 'globals'))).toContain(
        'BINDINGS ARE IN MEMORY ONLY AND WILL BE LOST',
      );
    } finally {
      lma.kill('SIGKILL');
      await lma.ended;
      execFileSync('umount', ['-l', disk]);
    }
  }, 60_000);

  it('a store of a later version: refused and never written, and served from memory beside it where the operator allows that', async () => {
    const later = stateOf('later');
    mkdirSync(later);
    const log = join(later, '00000001.log');
    const octets = encodeHeader({ kind: FileKind.LOG, number: 1, validBefore: 0 });
    octets.writeUInt16BE(99, 8);
    octets.writeUInt32BE(crc32(octets.subarray(0, 28)), 28);
    writeFileSync(log, octets);
    const refused = network.start('lma', 'examples/lma.cfg', 'lma.sock', '--state', later);
    expect(await refused.ended).toBe(4);
    expect(refused.output).toContain('has format 99, and this version of mooring knows none after');
    lma = network.start('lma', continuing(), 'lma.sock', '--state', later);
    await lma.ready();
    expect((await report(lma)).problem).toContain('has format 99');
    expect(network.run('lma', process.execPath, join(root, 'bin/mooring'), ...show('lma', 'globals'))).toContain(
      'BINDINGS ARE IN MEMORY ONLY AND WILL BE LOST',
    );
    network.transmit(encodeLayer2Update(station(300)));
    await registered(300);
    lma.kill('SIGKILL');
    await lma.ended;
    expect(readdirSync(later).filter((name) => /log|base/.test(name))).toEqual(['00000001.log']);
    expect(readFileSync(log).equals(octets)).toBe(true);
  }, 60_000);

  it('what an LMA that is not configured any more has left waits for it, and its addresses stay whose they are', async () => {
    lma.kill('SIGKILL');
    await lma.ended;
    const nai = station(200).toCiscoString();
    const binding = async () => (await lmaBindings()).find((row) => row.nai === nai);
    lma = startLma();
    await lma.ready();
    network.transmit(encodeLayer2Update(station(200)));
    const { hoa } = await registered(200);
    lma.kill('SIGKILL');
    await lma.ended;
    const without = join(network.directory, 'without.cfg');
    writeFileSync(without, 'hostname nobody\n');
    lma = startLma(without);
    await lma.ready();
    await eventually(async () => lma.output.includes('records-unclaimed'));
    await lma.request('reconfigure', { text: readFileSync(join(root, 'examples/lma.cfg'), 'utf8') });
    expect(await binding()).toMatchObject({ hoa });
    lma.kill('SIGKILL');
    await lma.ended;
  }, 60_000);

  function show(role: string, what: string): string[] {
    return ['show', 'ipv6', 'mobile', 'pmipv6', role, what, '--control', join(network.directory, `${role}.sock`)];
  }
});

/** A host on a link of the LMA, on whose subnet the pools lie. */
class Correspondent {
  static readonly IPV4 = '192.0.3.10';
  static readonly IPV6 = '2001:db8:f000::10';
  readonly #namespace: string;

  constructor(network: Network) {
    this.#namespace = `${network.namespace('lma')}-cn`;
    execFileSync('ip', ['netns', 'add', this.#namespace]);
    const ofLma = (...words: string[]) => network.ip('lma', ...words);
    ofLma('link', 'add', 'inet', 'type', 'veth', 'peer', 'name', 'inet', 'netns', this.#namespace);
    for (const ip of [ofLma, (...words: string[]) => this.run('ip', ...words)]) ip('link', 'set', 'inet', 'up');
    for (const address of ['192.0.3.1/23', '2001:db8:f000::1/36'])
      ofLma('address', 'add', address, 'dev', 'inet', 'nodad');
    for (const address of [`${Correspondent.IPV4}/23`, `${Correspondent.IPV6}/36`])
      this.run('ip', 'address', 'add', address, 'dev', 'inet', 'nodad');
  }

  run(...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.#namespace, ...command], { encoding: 'utf8', stdio: 'pipe' });
  }

  forget(): void {
    this.run('ip', 'neigh', 'flush', 'all');
  }

  remove(): void {
    execFileSync('ip', ['netns', 'delete', this.#namespace]);
  }
}

/** Until no octet has room. */
function fill(path: string): void {
  for (const size of [4096, 1]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}

describe.skipIf(obstacle !== '')(`an LMA that is killed under load (${obstacle || 'root, BPF'})`, () => {
  it('loses nothing that it accepted, and gives no address twice', async () => {
    const report = await runCrashes(3, () => {});
    expect(report).toMatchObject({ lost: 0, cutShort: 0, givenTwice: 0 });
    expect(report.accepted).toBeGreaterThan(100);
  }, 120_000);

  it.skipIf(process.env.MOORING_NIGHTLY === undefined)(
    'and so does a MAG, with the leases of its mobile nodes',
    async () => {
      const report = await runGatewayCrashes(20, () => {});
      expect(report).toMatchObject({ lost: 0, givenTwice: 0 });
      expect(report.accepted).toBeGreaterThan(200);
    },
    600_000,
  );
});
