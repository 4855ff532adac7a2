import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { controlRequest } from '#cli/control-client.ts';
import { preflight } from '#daemon/preflight.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { DaemonProcess } from './node-namespace.ts';

const root = new URL('../../', import.meta.url).pathname;
const prefix = `mta${process.pid}`;
const SERVER = '10.8.25.1';
const RELAY = '10.8.25.15';
const GATEWAY = 'fe80::200:5eff:fe00:5213';
const POOLS = `ip dhcp pool any
  dns-server 192.0.2.53 198.51.100.53
  domain-name example.com
  option 119 hex 076578616d706c6503636f6d00
  option 121 hex 18c63364.c00002fe.00c00002fe
  option 42 ip 192.0.2.123
!
ipv6 dhcp pool any
  dns-server 2001:db8::53 2001:db8::54
  domain-name example.com
!
`;
/** Of another network, and good for years. */
const OLD_LEASE = `lease {
  interface "eth0";
  fixed-address 10.1.2.3;
  option subnet-mask 255.255.255.0;
  option routers 10.1.2.254;
  option dhcp-lease-time 315360000;
  option dhcp-message-type 5;
  option dhcp-server-identifier 10.1.2.254;
  renew 2 2037/01/06 00:00:00;
  rebind 2 2037/01/13 00:00:00;
  expire 2 2037/01/20 00:00:00;
}
`;
type Role = 'lma' | 'mag' | 'mn' | 'mn2';
const ROLES = ['lma', 'mag', 'mn', 'mn2'] as const;

const missing = ['udhcpc', 'rdisc6', 'dhclient', 'dnsmasq', 'ping'].filter((command) => !installed(command));
const obstacle =
  process.geteuid?.() !== 0
    ? 'needs root'
    : [...preflight(), ...missing.map((command) => `needs ${command}`)].join('; ');

describe.skipIf(obstacle !== '')(`clients that others wrote (${obstacle || 'root, BPF, DHCP clients'})`, () => {
  let directory: string;
  let lma: DaemonProcess;
  let mag: DaemonProcess;

  const bindings = async () => {
    const rows = await controlRequest(join(directory, 'mag.sock'), { request: 'show', query: 'mag-binding' });
    return (rows as MagBindingRow[]).filter(({ state }) => state === 'ACTIVE');
  };
  const binding = async () => (await bindings())[0];
  const accessCounters = async () => {
    const rows = await controlRequest(join(directory, 'mag.sock'), { request: 'show', query: 'mag-stats' });
    return (rows as { access: Record<string, number> }[])[0]?.access ?? {};
  };
  const startMag = async (change: (text: string) => string) => {
    const file = join(directory, 'mag.cfg');
    writeFileSync(file, change(readFileSync(join(root, 'examples/mag1.cfg'), 'utf8')));
    mag = start('mag', file, join(directory, 'mag.sock'));
    await mag.says('"code":"started"');
  };

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'mooring-clients-'));
    for (const role of ROLES) {
      run('ip', 'netns', 'add', name(role));
      ip(role, 'link', 'set', 'lo', 'up');
    }
    ip('lma', 'link', 'add', 'core', 'type', 'veth', 'peer', 'name', 'core', 'netns', name('mag'));
    ip('mag', 'link', 'add', 'acc', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name('mn'));
    for (const role of ['lma', 'mag'] as const) ip(role, 'link', 'set', 'core', 'up');
    ip('mag', 'link', 'set', 'acc', 'up');
    ip('lma', 'address', 'add', '2001:db8:cafe:1024::101/64', 'dev', 'core', 'nodad');
    ip('mag', 'address', 'add', '2001:db8:cafe:1025::15/64', 'dev', 'core', 'nodad');
    ip('lma', 'address', 'add', `${SERVER}/24`, 'dev', 'core');
    ip('mag', 'address', 'add', `${RELAY}/24`, 'dev', 'core');
    ip('lma', 'route', 'add', '2001:db8:cafe:1025::/64', 'dev', 'core');
    ip('mag', 'route', 'add', '2001:db8:cafe:1024::/64', 'dev', 'core');
    lma = start('lma', 'examples/lma.cfg', join(directory, 'lma.sock'));
    await lma.says('"code":"started"');
    await startMag((text) => text.replace('ip dhcp pool pmipv6_dummy_pool\n!\n', POOLS));
    ip('mn', 'link', 'set', 'eth0', 'up');
  }, 40_000);

  afterAll(async () => {
    for (const daemon of [lma, mag]) {
      daemon?.kill('SIGKILL');
      await daemon?.ended;
    }
    for (const role of ROLES) run('ip', 'netns', 'delete', name(role));
    rmSync(directory, { recursive: true });
  });

  it('[RFC 5844 §3.4.3] udhcpc is told address, router, MTU, name servers, domain and what "option" says', async () => {
    const told = udhcpc();
    const row = await binding();
    expect(row?.hoa).toBeDefined();
    expect(told).toMatchObject({
      interface: 'eth0',
      ip: row?.hoa,
      router: '192.0.2.254',
      serverid: '192.0.2.254',
      mtu: '1452',
      dns: '192.0.2.53 198.51.100.53',
      domain: 'example.com',
      search: 'example.com',
      ntpsrv: '192.0.2.123',
      staticroutes: '198.51.100.0/24 192.0.2.254 0.0.0.0/0 192.0.2.254',
    });
  }, 20_000);

  it('[RFC 3442, RFC 2131 §4.3.2] dhclient, which wants the address of another network again, is told its own, and classless routes', async () => {
    writeFileSync(join(directory, 'leases4'), OLD_LEASE);
    const log = join(directory, 'dhclient4');
    const script = scriptFor(log, 'reason', 'new_ip_address', 'new_routers', 'new_classless_routes');
    const settings = join(directory, 'dhclient.conf');
    writeFileSync(
      settings,
      'option classless-routes code 121 = array of unsigned integer 8;\nrequest subnet-mask, routers, classless-routes;\n',
    );
    const files = ['-lf', join(directory, 'leases4'), '-pf', join(directory, 'pid4'), '-cf', settings, '-sf', script];
    const client = spawn('ip', ['netns', 'exec', name('mn'), 'dhclient', '-4', '-1', '-d', '-q', ...files, 'eth0'], {
      stdio: 'ignore',
    });
    try {
      await eventually(async () => existsSync(log) && readFileSync(log, 'utf8').includes('new_classless'));
    } finally {
      client.kill('SIGKILL');
    }
    const said = readFileSync(log, 'utf8');
    expect(said).toContain(`new_ip_address=${(await binding())?.hoa}`);
    expect(said).not.toContain('new_ip_address=10.1.2.3');
    expect((await accessCounters()).dhcpNaksSent).toBe(1);
    expect(said).toContain('new_classless_routes=24 198 51 100 192 0 2 254 0 192 0 2 254');
  }, 20_000);

  it('[RFC 4862 §5.5.3] the kernel makes an address of the prefix, a default route and the MTU of the advertisement', async () => {
    const row = await eventually(binding);
    const prefixOfNode = row.hnps[0]?.replace(/::\/64$/, ':') ?? '?';
    await eventually(async () =>
      ip('mn', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'global').includes(prefixOfNode),
    );
    expect(ip('mn', '-6', 'route', 'show', 'default')).toContain(`via ${GATEWAY}`);
    expect(within('mn', 'cat', '/proc/sys/net/ipv6/conf/eth0/mtu').trim()).toBe('1452');
    await eventually(async () => !ip('mn', '-6', 'address', 'show', 'dev', 'eth0').includes('tentative'));
  }, 20_000);

  it('[RFC 5213 §6.12] the kernel gives address and default route up when the LMA ends the binding, and has them again when it is back', async () => {
    const monitor = spawn('ip', ['-n', name('mn'), '-6', 'monitor', 'address', 'route'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let seen = '';
    monitor.stdout.on('data', (chunk) => (seen += chunk));
    try {
      await eventually(async () => {
        ip('mn', 'address', 'replace', '2001:db8:ffff::1/128', 'dev', 'lo');
        return seen.includes('2001:db8:ffff::1');
      });
      await controlRequest(join(directory, 'lma.sock'), { request: 'clear-bindings' });
      await eventually(
        async () => /^\d+: eth0 .*deprecated/m.test(seen) && seen.includes(`Deleted default via ${GATEWAY}`),
      );
      const isBack = () =>
        ip('mn', '-6', 'route', 'show', 'default').includes(`via ${GATEWAY}`) && globalAddress('mn') !== undefined;
      await eventually(
        async () => isBack() || (within('mn', 'sh', '-c', 'ping -6 -c 1 -W 1 ff02::2%eth0 || :') && isBack()),
      );
    } finally {
      monitor.kill();
    }
  }, 40_000);

  it('[RFC 5213 §6.10.3] two nodes of one link know nothing of the prefix of the other, and reach each other with and without the anchor', async () => {
    ip('mn', 'link', 'add', 'second', 'link', 'eth0', 'type', 'macvlan', 'mode', 'private');
    ip('mn', 'link', 'set', 'second', 'netns', name('mn2'), 'name', 'eth0');
    ip('mn2', 'link', 'set', 'eth0', 'up');
    const [first, second] = await Promise.all([
      eventually(async () => globalAddress('mn')),
      eventually(async () => globalAddress('mn2')),
    ]);
    const rows = await eventually(async () => (await bindings()).length === 2 && bindings());
    expect(new Set([first, second].map(prefixOf))).toEqual(new Set(rows.map(({ hnps }) => hnps[0])));
    for (const [role, address] of [
      ['mn', second],
      ['mn2', first],
    ] as const) {
      expect(ip(role, '-6', 'route', 'show')).not.toContain(prefixOf(address));
      expect(prefixOf(globalAddress(role) ?? '')).not.toBe(prefixOf(address));
    }
    const throughTheCore = () => {
      const sent = () => Number(within('mag', 'cat', '/sys/class/net/core/statistics/tx_packets'));
      const before = sent();
      within('mn', 'ping', '-6', '-c', '20', '-i', '0.05', '-W', '2', second);
      return sent() - before;
    };
    expect(throughTheCore()).toBeGreaterThanOrEqual(40);
    const path = ['ipv6 mobile pmipv6-mag M1 domain D1'];
    await controlRequest(join(directory, 'mag.sock'), { request: 'configure-line', path, line: 'local-routing-mag' });
    expect(throughTheCore()).toBeLessThan(20);
    await controlRequest(join(directory, 'mag.sock'), {
      request: 'configure-line',
      path,
      line: 'no local-routing-mag',
    });
    ip('mn2', 'link', 'delete', 'eth0');
  }, 40_000);

  it('[RFC 5213 §6.9.5(6), §6.9.5(7)] the kernel is told another MTU when the transport network or the access link has another', async () => {
    const mtu = () => within('mn', 'cat', '/proc/sys/net/ipv6/conf/eth0/mtu').trim();
    const set = (link: string, octets: number) => ip('mag', 'link', 'set', link, 'mtu', `${octets}`);
    set('core', 1400);
    await eventually(async () => mtu() === '1352');
    set('acc', 1300);
    await eventually(async () => mtu() === '1300');
    set('acc', 1500);
    set('core', 1500);
    await eventually(async () => mtu() === '1452');
  }, 40_000);

  it('[RFC 8106 §5.1] rdisc6 finds name servers and domain in the advertisement, and the O flag', () => {
    const said = within('mn', 'rdisc6', '-1', 'eth0');
    expect(said).toMatch(/Stateful other conf\.\s+:\s+Yes/);
    expect(said).toMatch(/Recursive DNS server\s+: 2001:db8::53/);
    expect(said).toMatch(/Recursive DNS server\s+: 2001:db8::54/);
    expect(said).toMatch(/DNS search list\s+: example\.com/);
    expect(said).toContain(`from ${GATEWAY}`);
  });

  it('[RFC 8415 §18.3.6] dhclient -6 -S is told name servers and domain', () => {
    const log = join(directory, 'dhcpv6');
    const script = scriptFor(log, 'new_dhcp6_name_servers', 'new_dhcp6_domain_search');
    const files = [
      '-lf',
      join(directory, 'leases6'),
      '-pf',
      join(directory, 'pid6'),
      '-cf',
      emptyFile(directory),
      '-sf',
      script,
    ];
    within('mn', 'timeout', '15', 'dhclient', '-6', '-S', '-1', '-d', ...files, 'eth0');
    const said = readFileSync(log, 'utf8');
    expect(said).toContain('new_dhcp6_name_servers=2001:db8::53 2001:db8::54');
    expect(said).toContain('new_dhcp6_domain_search=example.com');
  }, 20_000);

  it("[RFC 4862 §5.4.3] the gateway's link-local address is defended against a node that wants it", async () => {
    ip('mn', 'address', 'add', `${GATEWAY}/64`, 'dev', 'eth0');
    await eventually(async () => ip('mn', '-6', 'address', 'show', 'dev', 'eth0').includes('dadfailed'));
    ip('mn', 'address', 'delete', `${GATEWAY}/64`, 'dev', 'eth0');
  }, 20_000);

  it('[RFC 5213 §6.13] a node is found by its multicast groups whose link-local address nobody could guess', async () => {
    mag.kill('SIGTERM');
    expect(await mag.ended).toBe(0);
    ip('mn', 'link', 'set', 'eth0', 'down');
    ip('mn', 'link', 'set', 'eth0', 'addrgenmode', 'random');
    ip('mn', 'address', 'flush', 'dev', 'eth0');
    ip('mn', 'link', 'set', 'eth0', 'up');
    const linkLocal = await eventually(async () => {
      const text = ip('mn', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'link');
      return !text.includes('tentative') && /inet6 (fe80:\S+)\/64/.exec(text)?.[1];
    });
    await startMag((text) =>
      text.replace(/poll interval 3600 timeout 10 retries 10/, 'poll interval 1 timeout 1 retries 2'),
    );
    const control = join(directory, 'mag.sock');
    const mac = within('mn', 'cat', '/sys/class/net/eth0/address').trim();
    const at = 'GigabitEthernet0/1/0.3074';
    await eventually(async () => {
      await controlRequest(control, { request: 'attach', interface: at, mac }).catch(() => undefined);
      return binding();
    });
    // One more than a node is asked that does not answer.
    await eventually(async () => ((await accessCounters()).probesSent ?? 0) > 3);
    expect(await binding()).toBeDefined();
    expect((await accessCounters()).detachedByNoAnswer).toBe(0);
    const state = JSON.stringify(await controlRequest(control, { request: 'state' }));
    expect(state).toContain(`"linkLocal":"${linkLocal}"`);
  }, 40_000);

  it('[RFC 5844 §3.4.2] a DHCP server of another make is relayed to, which gives the address of the LMA', async () => {
    const { hoa } = await eventually(binding);
    mag.kill('SIGTERM');
    expect(await mag.ended).toBe(0);
    await startMag((text) =>
      text
        .replace('  linux-interface acc\n', `  linux-interface acc\n  ip helper-address ${SERVER}\n`)
        .replace('  address ipv6', `  address ipv4 ${RELAY}\n  address ipv6`),
    );
    const mac = within('mn', 'cat', '/sys/class/net/eth0/address').trim();
    const server = dnsmasq(directory, `--dhcp-host=${mac},${hoa}`);
    try {
      const told = udhcpc();
      expect(told).toMatchObject({ ip: hoa, serverid: '192.0.2.254', dns: '203.0.113.53', mtu: '1400' });
      expect(await accessCounters()).toMatchObject({
        dhcpRelayedToClient: 2,
        dhcpOffersSent: 0,
        dhcpForeignAddress: 0,
      });
    } finally {
      server.kill('SIGKILL');
    }
  }, 40_000);

  /** What the kernel made of the prefix of its node. */
  function globalAddress(role: Role): string | undefined {
    const text = ip(role, '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'global');
    return /tentative|deprecated/.test(text) ? undefined : /inet6 (\S+)\/64/.exec(text)?.[1];
  }

  /** Runs udhcpc until it has a lease, and returns what it tells its script. */
  function udhcpc(): Record<string, string> {
    const log = join(directory, 'udhcpc');
    rmSync(log, { force: true });
    const more = ['mtu', 'dns', 'domain', 'search', 'staticroutes', 'ntpsrv'];
    const script = scriptFor(log, 'interface', 'ip', 'router', 'serverid', ...more);
    const asked = more.flatMap((option) => ['-O', option]);
    within('mn', 'udhcpc', '-i', 'eth0', '-f', '-q', '-n', '-t', '8', '-T', '1', ...asked, '-s', script);
    const lines = readFileSync(log, 'utf8').split('\n');
    return Object.fromEntries(
      lines.filter((line) => line.includes('=')).map((line) => line.split('=') as [string, string]),
    );
  }

  /** A script for a DHCP client: each time it writes the variables that are set. */
  function scriptFor(log: string, ...variables: string[]): string {
    const file = `${log}.sh`;
    const lines = variables.map((one) => `[ -n "$${one}" ] && echo "${one}=$${one}" >> ${log}`);
    writeFileSync(file, `#!/bin/sh\n${lines.join('\n')}\nexit 0\n`);
    chmodSync(file, 0o755);
    return file;
  }
});

/** As a binding has it, of an address that was made in it. */
function prefixOf(address: string): string {
  return `${new Ipv6Prefix(Ipv6Address.parse(address) as Ipv6Address, 64).network}`;
}

/** A file without a line, for a program that would read the system's configuration. */
function emptyFile(directory: string): string {
  const file = join(directory, 'empty');
  writeFileSync(file, '');
  return file;
}

function dnsmasq(directory: string, ...more: string[]): ChildProcess {
  const settings = [
    '--no-daemon',
    `--conf-file=${emptyFile(directory)}`,
    '--port=0',
    '--interface=core',
    '--bind-interfaces',
    '--dhcp-authoritative',
    `--dhcp-leasefile=${join(directory, 'dnsmasq.leases')}`,
    '--dhcp-range=192.0.2.0,static,255.255.255.0',
    '--dhcp-option=3,192.0.2.254',
    '--dhcp-option=6,203.0.113.53',
    '--dhcp-option=26,1400',
  ];
  return spawn('ip', ['netns', 'exec', name('lma'), 'dnsmasq', ...settings, ...more], { stdio: 'ignore' });
}

function start(role: Role, file: string, control: string): DaemonProcess {
  const command = [process.execPath, join(root, 'bin/mooring'), 'run', file, '--control', control];
  return new DaemonProcess(spawn('ip', ['netns', 'exec', name(role), ...command], { cwd: root }));
}

function name(role: Role): string {
  return `${prefix}-${role}`;
}

function ip(role: Role, ...words: string[]): string {
  return run('ip', '-n', name(role), ...words);
}

function within(role: Role, ...command: string[]): string {
  return run('ip', 'netns', 'exec', name(role), ...command);
}

function run(command: string, ...words: string[]): string {
  return execFileSync(command, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function installed(command: string): boolean {
  return ['/usr/sbin', '/usr/bin', '/sbin', '/bin'].some((folder) => existsSync(join(folder, command)));
}

async function eventually<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 15_000; ; await sleep(50)) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error('it did not happen in time');
  }
}
