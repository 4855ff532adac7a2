import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { EditReply } from '#daemon/worker-requests.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { anchor, type Daemon, eventually, gateway, Network, obstacle } from './network.ts';

const station = MacAddress.parse('00:24:d7:8e:21:a4') as MacAddress;
const CORRESPONDENT = '198.51.100.10';

const domain = `ipv6 mobile pmipv6-domain D1
 lma lma1
  ipv6-address ${anchor}
 mag M1
  ipv6-address ${gateway}
 nai any
  lma lma1
`;

const anchorText = `ip local pool home 192.0.2.1 192.0.2.253
ipv6 local pool home6 2001:db8:f00d::/48 64
!
${domain}!
ipv6 mobile pmipv6-lma lma1 domain D1
 default profile any
 network home
  pool ipv4 home pfxlen 24
  pool ipv6 home6 pfxlen 48
`;

const gatewayText = `interface GigabitEthernet0/1
 linux-interface acc
interface GigabitEthernet0/2
 linux-interface acc2
 ip address 10.8.51.15 255.255.255.0
!
${domain}!
ipv6 mobile pmipv6-mag M1 domain D1
 interface GigabitEthernet0/1
  enable pmipv6 default any
`;

describe.skipIf(obstacle !== '')(`a change of the configuration under traffic (${obstacle || 'root, BPF'})`, () => {
  let network: Network;
  let lma: Daemon;
  let mag: Daemon;

  beforeAll(async () => {
    network = new Network(`mtr${process.pid}`);
    network.ip('lma', 'address', 'add', `${CORRESPONDENT}/32`, 'dev', 'lo');
    network.ip('mag', 'link', 'add', 'acc2', 'type', 'veth', 'peer', 'name', 'acc2-end');
    for (const [role, text] of [
      ['lma', anchorText],
      ['mag', gatewayText],
    ] as const) {
      writeFileSync(join(network.directory, `${role}.cfg`), text);
    }
    lma = network.start('lma', join(network.directory, 'lma.cfg'), 'lma.sock');
    mag = network.start('mag', join(network.directory, 'mag.cfg'), 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
    network.transmit(encodeLayer2Update(station));
    const [binding] = await eventually(async () => {
      const rows = await lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' });
      return rows.length > 0 ? rows : undefined;
    });
    network.ip('mn', 'link', 'set', 'eth0', 'address', station.toString());
    network.ip('mn', 'address', 'add', `${binding?.hoa}/24`, 'dev', 'eth0');
    network.ip('mn', 'route', 'add', 'default', 'via', `${binding?.defaultRouter}`);
    await eventually(async () => network.run('mn', 'ping', '-c', '1', '-W', '1', CORRESPONDENT) || undefined);
  }, 30_000);
  afterAll(() => network?.remove());

  const configure = async (daemon: Daemon, path: readonly string[], line: string) => {
    const reply = await daemon.request<EditReply>('configure-line', { path, line });
    if (!reply.ok) throw new Error(`${line}: ${reply.error.message}`);
    return reply.path;
  };

  it('loses no packet of a binding that it does not touch: pools, access interfaces, tunnel MTU', async () => {
    const count = 1500;
    const command = [
      'netns',
      'exec',
      network.namespace('mn'),
      'ping',
      '-q',
      '-c',
      `${count}`,
      '-i',
      '0.002',
      '-W',
      '1',
    ];
    const ping = spawn('ip', [...command, CORRESPONDENT]);
    let output = '';
    ping.stdout.on('data', (data) => {
      output += data;
    });
    const ended = new Promise((resolve) => ping.on('exit', resolve));
    const lmaPath = ['ipv6 mobile pmipv6-lma lma1 domain D1'];
    const magPath = ['ipv6 mobile pmipv6-mag M1 domain D1'];
    await configure(lma, [], 'ip local pool more 198.19.0.1 198.19.0.99');
    await configure(lma, [], 'ipv6 local pool more6 2001:db8:beef::/48 64');
    const other = await configure(lma, lmaPath, 'network other');
    await configure(lma, other, 'pool ipv4 more pfxlen 24');
    await configure(lma, other, 'pool ipv6 more6 pfxlen 48');
    await configure(mag, await configure(mag, magPath, 'interface GigabitEthernet0/2'), 'enable pmipv6 default any');
    await configure(mag, magPath, 'tunnel mtu 1360');
    expect(network.ip('lma', 'route')).toContain('198.19.0.0/24 via 192.0.0.8 dev pmip0');
    expect(network.ip('mag', '-brief', 'address', 'show', 'acc2')).toContain('10.8.51.15/24');
    expect(network.ip('mag', 'link', 'show', 'pmip0')).toContain('mtu 1360');
    await configure(mag, magPath, 'no interface GigabitEthernet0/2');
    await configure(mag, magPath, 'no tunnel mtu');
    await configure(lma, lmaPath, 'no network other');
    expect(network.ip('lma', 'route')).not.toContain('198.19.0.0');
    // It is no access link any more, and keeps what "ip address" gives it.
    expect(network.ip('mag', '-brief', 'address', 'show', 'acc2')).toContain('10.8.51.15/24');
    await ended;
    expect(output).toContain(`${count} packets transmitted, ${count} received`);
  }, 30_000);

  const running = async (daemon: Daemon) =>
    (await daemon.request<{ text: string }>('show', { query: 'running-config' })).text;
  const lmaPath = ['ipv6 mobile pmipv6-lma lma1 domain D1'];
  const magPath = ['ipv6 mobile pmipv6-mag M1 domain D1'];
  const alive = () =>
    expect(network.run('mn', 'ping', '-c', '2', '-i', '0.2', '-W', '1', CORRESPONDENT)).toContain('2 received');

  it.each([
    ['a wrong line', () => lma, lmaPath, 'bogus', /"bogus"/],
    ['a value out of range', () => lma, lmaPath, 'bce maximum 4000001', /not in the range 1 to 4000000/],
    [
      'a value that contradicts another',
      () => lma,
      [...lmaPath, 'network home'],
      'mobile-network pool 10.0.0.1 pool-prefix 24 network-prefix 16',
      /is shorter than the pool/,
    ],
    ['an LMA that is in another domain', () => lma, [], 'ipv6 mobile pmipv6-lma lma1 domain D2', /is in domain D1/],
    ['a pool whose end is before its beginning', () => lma, [], 'ip local pool p 192.0.3.9 192.0.3.1', /192\.0\.3\.1/],
  ] as const)('refuses %s, and nothing has changed', async (_what, daemon, path, line, message) => {
    const before = await running(daemon());
    const reply = await daemon().request<EditReply>('configure-line', { path, line });
    expect(reply).toMatchObject({ ok: false, error: { message: expect.stringMatching(message) } });
    expect(await running(daemon())).toBe(before);
    alive();
  });

  it.each([
    [
      'an address twice',
      () => mag,
      ['interface GigabitEthernet0/1'],
      'ip address 10.8.51.15 255.255.255.0',
      /address of interface GigabitEthernet0\/2 too/,
    ],
    [
      'a pool that a network uses',
      () => lma,
      [],
      'no ip local pool home',
      /1 binding keeps its address, which is of no pool any more/,
    ],
    ['a profile that an LMA uses', () => lma, ['ipv6 mobile pmipv6-domain D1'], 'no nai any', /no profile any/],
    [
      'an address that this host does not have',
      () => lma,
      lmaPath,
      'address ipv4 198.51.100.99',
      /on no interface of this host/,
    ],
    [
      'an interface that this host does not have',
      () => mag,
      magPath,
      'interface GigabitEthernet0/9',
      /no Linux interface/,
    ],
  ] as const)(
    'says what it means to configure or remove %s; the binding goes on, and the line can be taken back',
    async (_what, daemon, path, line, message) => {
      const before = await running(daemon());
      const reply = await daemon().request<EditReply>('configure-line', { path, line });
      expect(reply).toMatchObject({ ok: true });
      expect('messages' in reply && reply.messages.join('\n')).toMatch(message);
      alive();
      await daemon().request('reconfigure', { text: before });
      expect(await running(daemon())).toBe(before);
      alive();
    },
  );

  it('what is named before it is defined has its effect once it is', async () => {
    const before = await running(lma);
    const other = await configure(lma, lmaPath, 'network other');
    const reply = await lma.request<EditReply>('configure-line', { path: other, line: 'pool ipv4 later pfxlen 24' });
    expect('messages' in reply && reply.messages.join('\n')).toMatch(/Warning: IPv4 pool later is not defined/);
    expect(await lma.request('show', { query: 'lma-globals' })).toMatchObject([
      { warnings: expect.arrayContaining(['Warning: IPv4 pool later is not defined (ip local pool later …)']) },
    ]);
    expect(network.ip('lma', 'route')).not.toContain('198.19.5.0/24');
    await configure(lma, [], 'ip local pool later 198.19.5.1 198.19.5.99');
    expect(network.ip('lma', 'route')).toContain('198.19.5.0/24 via 192.0.0.8 dev pmip0');
    await lma.request('reconfigure', { text: before });
    alive();
  });

  it('an interface has the addresses that it is given, and no more; an anchor may have one of them', async () => {
    const held = () => network.ip('lma', '-brief', 'address', 'show', 'core');
    const inner = await configure(lma, [], 'interface GigabitEthernet0/9');
    await configure(lma, inner, 'linux-interface core');
    await configure(lma, inner, 'ip address 10.77.0.1 255.255.255.0');
    await configure(lma, inner, 'ipv6 address 2001:db8:77::1/64');
    await configure(lma, inner, `ipv6 address ${anchor}/64`);
    expect(held()).toMatch(/10\.77\.0\.1\/24 .*2001:db8:77::1\/64/);
    const other = await configure(lma, [], 'ipv6 mobile pmipv6-lma lma2 domain D1');
    expect(await lma.request('configure-line', { path: other, line: 'address ipv6 2001:db8:77::1' })).toMatchObject({
      ok: true,
      messages: [],
    });
    await configure(lma, [], 'no ipv6 mobile pmipv6-lma lma2 domain D1');
    const refused = await lma.request<EditReply>('configure-line', { path: inner, line: 'ipv6 address ff02::77/64' });
    expect('messages' in refused && refused.messages.join()).toContain('cannot have the address ff02::77/64');
    await configure(lma, inner, 'no ipv6 address ff02::77/64');
    await configure(lma, inner, 'no ip address 10.77.0.1 255.255.255.0');
    expect(held()).not.toContain('10.77.0.1');
    await configure(lma, [], 'no interface GigabitEthernet0/9');
    expect(held()).not.toContain('2001:db8:77::1');
    // What the host had by itself stays.
    expect(held()).toContain(`${anchor}/64`);
    alive();
  });

  it('a gateway forwards IPv6 unless it is told not to', async () => {
    const forwards = () => network.run('mag', 'sysctl', '-n', 'net.ipv6.conf.all.forwarding').trim();
    expect(forwards()).toBe('1');
    await configure(mag, [], 'no ipv6 unicast-routing');
    expect([forwards(), await running(mag)]).toEqual(['0', expect.stringContaining('no ipv6 unicast-routing\n')]);
    alive();
    await configure(mag, [], 'ipv6 unicast-routing');
    expect(forwards()).toBe('1');
  });

  it('a file with one wrong line changes nothing', async () => {
    const before = await running(lma);
    const text = before.replace('pfxlen 24', 'pfxlen 25').replace('end\n', 'bogus\nend\n');
    await expect(lma.request('reconfigure', { text })).rejects.toMatchObject({ code: 'refused' });
    expect(await running(lma)).toBe(before);
    alive();
  });

  it('a removed domain says how many bindings end; defined anew, it is in force again', async () => {
    const before = await running(lma);
    const reply = await lma.request<EditReply>('configure-line', { path: [], line: 'no ipv6 mobile pmipv6-domain D1' });
    expect('messages' in reply && reply.messages).toEqual(
      expect.arrayContaining(['1 binding of lma1 ended', expect.stringContaining('there is no domain D1')]),
    );
    expect(await lma.request('show', { query: 'lma-globals' })).toEqual([
      expect.objectContaining({ domain: 'D1', domainDefined: false }),
    ]);
    await lma.request('reconfigure', { text: before });
    network.transmit(encodeLayer2Update(station));
    await eventually(async () => {
      const rows = await lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' });
      return rows.some(({ state }) => state === 'active') || undefined;
    });
  });
});
