import { spawnSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DomainView } from '#proto/aaa/domain-loader.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import { type Daemon, eventually, Network, obstacle, root } from '../network.ts';
import { FreeRadius, freeRadiusObstacle, SECRET } from './free-radius.ts';

const why = [obstacle, freeRadiusObstacle].filter((text) => text !== '').join('; ');
const INTERFACE = 'GigabitEthernet0/1/0.3074';
const SERVER = '203.0.113.115';

const users = (...changed: string[]) => `
D1 Cleartext-Password := "cisco"
  Session-Timeout = 1,
  ${[
    'cisco-mpc-protocol-interface=pmipv6',
    'pmip6-domain-identifier=D1',
    'lma-identifier=lma1',
    'home-lma-ipv6-address=2001:db8:cafe:1024::101',
    'mag-identifier=M1',
    'mag-v6-address=2001:db8:cafe:1025::15',
    'pmip6-replay-protection=timestamp',
    'pmip6-spi-value=67',
    'pmip6-spi-key=key1',
    ...changed,
  ]
    .map((pair) => `Cisco-AVPair += "${pair}"`)
    .join(',\n  ')}
`;
const AAA = `radius-server host ${SERVER} auth-port 1812 acct-port 1813 key ${SECRET}
radius-server timeout 1
radius-server retransmit 0
ipv6 mobile pmipv6-domain D1 load-aaa
`;
const example = (name: string) => readFileSync(join(root, 'examples', name), 'utf8');
/** Nothing of the domain but the profiles, and the LMA has no address but that of the server. */
const LMA = example('lma.cfg')
  .replace('ipv6 unicast-routing', AAA)
  .replace(/ {2}replay-protection[\s\S]*?(?= {2}nai)/, '')
  .replace('  address ipv6 2001:db8:cafe:1024::101\n', '');
const MAG = example('mag1.cfg')
  .replace('ipv6 unicast-routing', AAA)
  .replace(/ {2}replay-protection[\s\S]*?(?= {2}nai)/, '')
  .replace('  address ipv6 2001:db8:cafe:1025::15\n', '');

describe.skipIf(why !== '')(`domains of a FreeRADIUS server (${why || 'root, BPF, freeradius'})`, () => {
  let network: Network;
  let radius: FreeRadius;
  let lma: Daemon;
  let mag: Daemon;
  let lmaFile: string;

  const view = async (daemon: Daemon) => (await daemon.request<DomainView[]>('show', { query: 'aaa-domains' }))[0];
  const loaded = (daemon: Daemon) => eventually(async () => (await view(daemon))?.state === 'loaded');
  const globals = async (of: 'lma' | 'mag') =>
    (
      await (of === 'lma' ? lma : mag).request<{ settings: Record<string, unknown>; domainFromAaa: DomainView }[]>(
        'show',
        {
          query: `${of}-globals`,
        },
      )
    )[0];
  const startLma = () => network.start('lma', lmaFile, 'lma.sock', '--state', join(network.directory, 'state'));
  const binding = async () => (await lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' }))[0];
  async function serve(text: string): Promise<void> {
    await radius?.stop();
    radius = new FreeRadius(join(network.directory, 'radius'), text);
    await radius.start(network.namespace('lma'));
  }

  beforeAll(async () => {
    network = new Network(`mta${process.pid}`);
    network.ip('lma', 'address', 'add', `${SERVER}/24`, 'dev', 'core');
    network.ip('mag', 'address', 'add', '203.0.113.116/24', 'dev', 'core');
    const write = (name: string, text: string) => {
      const file = join(network.directory, name);
      writeFileSync(file, text);
      return file;
    };
    lmaFile = write('lma.cfg', LMA);
    lma = startLma();
    mag = network.start('mag', write('mag.cfg', MAG), 'mag.sock', '--state', 'memory');
    await Promise.all([lma.ready(), mag.ready()]);
  }, 40_000);

  afterAll(async () => {
    await radius?.stop();
    await network?.remove();
  });

  it('waits for a server that is not there yet, asks again, and says so', async () => {
    const waiting = await eventually(async () => {
      const found = await view(lma);
      return found && found.attempts > 1 && found.problem ? found : undefined;
    });
    expect(waiting).toMatchObject({ domain: 'D1', state: 'waiting', problem: 'no AAA server answered in time' });
    expect((await globals('lma'))?.domainFromAaa).toMatchObject({ state: 'waiting' });
    expect(await lma.request('show', { query: 'lma-stats' })).toEqual([]);
    expect(lma.output).toContain('LMA lma1 waits until domain D1 is loaded from AAA');
  });

  it('runs with what the server says, keys and addresses among it', async () => {
    await serve(users('pmip6-timestamp-window=200'));
    await Promise.all([loaded(lma), loaded(mag)]);
    expect((await globals('lma'))?.settings).toMatchObject({ authentication: true, timestampWindowSeconds: 200 });
    expect((await globals('mag'))?.settings).toMatchObject({ authentication: true, timestampWindowSeconds: 200 });
    await mag.request('attach', { interface: INTERFACE, mac: '0024.d78e.21a4' });
    const row = await eventually(binding);
    expect(row).toMatchObject({ peer: 'M1', hoa: '192.0.2.1' });
    const { text } = await lma.request<{ text: string }>('show', { query: 'running-config' });
    expect(text).toContain('ipv6 mobile pmipv6-domain D1 load-aaa');
    for (const not of ['key1', 'lma lma1\n  ipv6-address', 'mag M1']) expect(text).not.toContain(not);
    expect(lma.output).not.toContain('key1');
  }, 30_000);

  it('has the doctor and "mooring ipsec-policy" know what the server says, and print no key', async () => {
    const mooring = (...words: string[]) =>
      spawnSync(
        'ip',
        ['netns', 'exec', network.namespace('mag'), process.execPath, join(root, 'bin/mooring'), ...words],
        {
          encoding: 'utf8',
        },
      );
    const policy = mooring('ipsec-policy', '--control', mag.control);
    expect(policy.stdout).toContain('remote_addrs = 2001:db8:cafe:1024::101');
    const doctor = mooring('doctor', '--control', mag.control);
    expect(doctor.stdout).toMatch(/this machine has the addresses and interfaces of MAG M1/);
    expect(doctor.stdout).toContain('there are routes to all peers (1)');
    expect(doctor.stdout).toContain('the signalling with every peer is protected, as the configuration says');
    expect(doctor.stdout).not.toContain('waits until domain');
    for (const { stdout, stderr } of [policy, doctor]) expect(stdout + stderr).not.toContain('key1');
    const alone = mooring('ipsec-policy', join(network.directory, 'mag.cfg'));
    expect(alone.stderr).toContain('its domain is loaded from AAA: ask the node that runs');
  }, 30_000);

  it('puts a changed answer into force as a difference, and what is typed holds against it', async () => {
    const before = await binding();
    await serve(users('pmip6-timestamp-window=100'));
    await eventually(async () => (await globals('lma'))?.settings.timestampWindowSeconds === 100);
    await lma.request('configure-line', {
      path: ['ipv6 mobile pmipv6-domain D1'],
      line: 'replay-protection timestamp window 77',
    });
    expect((await globals('lma'))?.settings).toMatchObject({ authentication: true, timestampWindowSeconds: 77 });
    expect(await binding()).toMatchObject({ id: before?.id, hoa: before?.hoa });
  }, 30_000);

  it('has the last answer after a restart without the server, readable for its owner alone', async () => {
    await radius.stop();
    lma.kill('SIGTERM');
    await lma.ended;
    lma = startLma();
    await lma.ready();
    expect((await globals('lma'))?.settings).toMatchObject({ authentication: true, timestampWindowSeconds: 100 });
    expect(await view(lma)).toMatchObject({ state: 'kept' });
    expect(await binding()).toMatchObject({ peer: 'M1', hoa: '192.0.2.1' });
    expect(statSync(join(network.directory, 'state', 'aaa-domains')).mode & 0o777).toBe(0o600);
  }, 30_000);
});
