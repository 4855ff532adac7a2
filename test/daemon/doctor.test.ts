import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import type { DoctorReport } from '#cli/doctor/report.ts';
import { preflight } from '#daemon/preflight.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import * as posix from '#host/posix.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { encodeIcmpv6, ICMPV6_PROTOCOL } from '#wire/icmpv6.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { NodeNamespace } from './node-namespace.ts';

const root = new URL('../../', import.meta.url).pathname;
const obstacle = process.geteuid?.() === 0 ? preflight().join('; ') : 'needs root';
const name = `mtx${process.pid}`;
const NOBODY = 65534;

describe.skipIf(obstacle !== '')(`mooring doctor (${obstacle || 'root, BPF'})`, () => {
  let directory: string;
  let control: string;
  let namespace: NodeNamespace;

  const run = (words: readonly string[]) => {
    const all = ['netns', 'exec', name, process.execPath, 'bin/mooring', 'doctor', '--control', control, ...words];
    return spawnSync('ip', all, { cwd: root, encoding: 'utf8' });
  };
  const report = (...words: string[]): DoctorReport & { status: number | null } => {
    const { stdout, stderr, status } = run(['--json', ...words]);
    if (stdout === '') throw new Error(stderr);
    return { ...(JSON.parse(stdout) as DoctorReport), status };
  };
  /** `check severity` of each finding. */
  const marks = (found: DoctorReport) => found.findings.map(({ check, severity }) => `${check} ${severity}`);
  const texts = (found: DoctorReport, check: string) =>
    found.findings.filter((finding) => finding.check === check).map(({ text }) => text);
  const written = (file: string, change: (text: string) => string): string => {
    const path = join(directory, file);
    writeFileSync(path, change(readFileSync(join(root, 'examples', file), 'utf8')));
    return path;
  };

  /** Holds a socket in the namespace while `action` runs. */
  function holding<T>(type: number, protocol: number, port: number, action: () => T): T {
    const fd = inNetworkNamespace(`/run/netns/${name}`, () => {
      const socket = posix.check('socket', posix.socket(posix.AF_INET6, type, protocol));
      const address = posix.sockaddrIn6(Ipv6Address.unspecified, port);
      posix.check('bind', posix.bind(socket, address, address.length));
      return socket;
    });
    try {
      return action();
    } finally {
      posix.close(fd);
    }
  }

  /** A router at the other end of `core`. */
  function advertiseRouter(): void {
    const source = Ipv6Address.parse('fe80::1') as Ipv6Address;
    const destination = Ipv6Address.parse('ff02::1') as Ipv6Address;
    const payload = encodeIcmpv6(
      {
        kind: 'router-advertisement',
        hopLimit: 64,
        managed: false,
        otherConfig: false,
        routerLifetime: seconds(1800),
        reachableTime: milliseconds(0),
        retransTimer: milliseconds(0),
        options: [],
      },
      source,
      destination,
    );
    const packet = encodeIpv6({ hopLimit: 255, nextHeader: ICMPV6_PROTOCOL, source, destination, payload });
    const frame = encodeEthernet({
      destination: MacAddress.parse('33:33:00:00:00:01') as MacAddress,
      source: MacAddress.parse('02:00:00:00:00:01') as MacAddress,
      tags: [],
      etherType: EtherType.IPV6,
      payload: packet,
    });
    inNetworkNamespace(`/run/netns/${name}`, () => {
      const fd = posix.check('socket', posix.socket(posix.AF_PACKET, posix.SOCK_RAW, 0));
      posix.check('bind', posix.bind(fd, posix.sockaddrLl(posix.ifNameToIndex('core-end'), 0), 20));
      posix.check('send', posix.send(fd, frame, frame.length, 0));
      posix.close(fd);
    });
  }

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'mooring-doctor-'));
    control = join(directory, 'mag.sock');
    namespace = new NodeNamespace(name, '2001:db8:cafe:1025::15/64');
    namespace.ip('route', 'add', '2001:db8:cafe:1024::/64', 'dev', 'core');
  });
  afterAll(() => {
    namespace.remove();
    rmSync(directory, { recursive: true });
  });

  it('finds a machine and a configuration that fit', () => {
    const found = report(
      written('mag1.cfg', (text) => text.replace(/^ipv6 mobile pmipv6-domain D1$/m, '$&\n  signalling ipsec')),
    );
    expect(texts(found, 'data-plane')[1]).toContain('batch');
    expect(marks(found).filter((mark) => !mark.startsWith('clock'))).toEqual([
      'rights ok',
      'data-plane ok',
      'data-plane ok',
      'data-plane ok',
      'forwarding ok',
      'kernel-settings ok',
      'configuration ok',
      'peers ok',
      'transport-mtu ok',
      'ports ok',
      'protection ok',
    ]);
    expect(found).toMatchObject({ errors: 0, status: 0 });
  }, 60_000);

  it('looks for the route to an LMA in a VRF in the table of that', () => {
    const inVrf = (text: string) =>
      text
        .replace(/^ipv6 mobile pmipv6-mag .*$/m, '$&\n  lma lma1 D1\n    vrfid red')
        .replace(/^/, 'vrf definition red\n');
    const file = written('mag1.cfg', inVrf);
    const [text] = texts(report(file), 'peers');
    expect(text).toContain('there is no route to lma1 (2001:db8:cafe:1024::101) in VRF red (table ');
    const table = /table (\d+)/.exec(text ?? '')?.[1] ?? '';
    namespace.ip('-6', 'route', 'add', '2001:db8:cafe:1024::/64', 'dev', 'core', 'table', table);
    expect(texts(report(file), 'peers')).toEqual(['there are routes to all peers (1)']);
  });

  it('names each thing that is wrong, with what to do, and ends with status 1', () => {
    namespace.ip('link', 'set', 'core', 'mtu', '1400');
    namespace.ip('-6', 'route', 'delete', '2001:db8:cafe:1024::/64', 'dev', 'core');
    namespace.ip('link', 'set', 'acc', 'name', 'other');
    try {
      const found = report('examples/mag1.cfg');
      expect(found.status).toBe(1);
      for (const mark of ['configuration error', 'peers warning', 'transport-mtu warning', 'protection warning'])
        expect(marks(found)).toContain(mark);
      expect(texts(found, 'configuration')[0]).toContain('no Linux interface acc');
      expect(texts(found, 'peers')).toEqual(['there is no route to lma1 (2001:db8:cafe:1024::101)']);
      expect(texts(found, 'transport-mtu')[0]).toContain('core carries 1400 octets');
      for (const { severity, advice } of found.findings) if (severity !== 'ok') expect(advice).toBeTruthy();
      const { stdout } = run(['examples/mag1.cfg']);
      expect(stdout).toMatch(/^error {4}configuration {4}\S/m);
      expect(stdout).toMatch(/^ {26}-> \S/m);
      expect(stdout).toMatch(/\n\n1 error, \d warnings\n$/);
    } finally {
      namespace.ip('link', 'set', 'other', 'name', 'acc');
      namespace.ip('link', 'set', 'acc', 'up');
      namespace.ip('link', 'set', 'core', 'mtu', '1500');
      namespace.ip('route', 'add', '2001:db8:cafe:1024::/64', 'dev', 'core');
    }
  }, 60_000);

  it('finds who else has the ports, or reads the Mobility Header', () => {
    expect(holding(posix.SOCK_DGRAM, 0, 5436, () => marks(report()))).toContain('ports error');
    expect(holding(posix.SOCK_DGRAM, 0, 5437, () => marks(report()))).toContain('ports warning');
    const raw = holding(posix.SOCK_RAW, posix.IPPROTO_MH, 0, () => texts(report(), 'ports'));
    expect(raw).toEqual([expect.stringContaining('Mobility Header')]);
  }, 60_000);

  it('finds who else has the port that DHCP is relayed from', () => {
    const relay = written('mag1.cfg', (text) =>
      text
        .replace(/linux-interface acc$/m, '$&\n  ip helper-address 198.51.100.1')
        .replace(/address ipv6 .*:15$/m, '$&\n  address ipv4 10.8.25.15'),
    );
    namespace.ip('address', 'add', '10.8.25.15/24', 'dev', 'core');
    const found = holding(posix.SOCK_DGRAM, 0, 67, () => texts(report(relay), 'ports'));
    namespace.ip('address', 'delete', '10.8.25.15/24', 'dev', 'core');
    expect(found).toEqual([expect.stringContaining('UDP port 67 of 10.8.25.15, that of the DHCP relay')]);
  }, 60_000);

  it('finds a default route that forwarding would lose', () => {
    const before = texts(report(), 'kernel-settings');
    advertiseRouter();
    const after = report();
    namespace.ip('-6', 'route', 'flush', 'proto', 'ra');
    expect(before).toHaveLength(1);
    expect(marks(after)).toContain('kernel-settings warning');
    expect(texts(after, 'kernel-settings')[0]).toContain('default route on core');
  }, 60_000);

  it('calls an LMA that serves anybody an error', () => {
    const learning = written('lma.cfg', (text) =>
      text.replace(/^ipv6 mobile pmipv6-lma .*$/m, '$&\n  dynamic mag learning'),
    );
    expect(marks(report(learning)).filter((mark) => mark.startsWith('protection'))).toEqual([
      'protection error',
      'protection warning',
    ]);
  }, 60_000);

  it('says what an ordinary user lacks', () => {
    const plain = spawnSync(process.execPath, ['bin/mooring', 'doctor', '--json', '--control', control], {
      cwd: root,
      encoding: 'utf8',
      uid: NOBODY,
      gid: NOBODY,
    });
    const found = JSON.parse(plain.stdout) as DoctorReport;
    expect(marks(found)).toEqual(expect.arrayContaining(['rights error', 'data-plane warning']));
    expect(texts(found, 'rights')[0]).toContain('CAP_NET_ADMIN');
    expect(plain.status).toBe(1);
  }, 60_000);

  it('takes the configuration of the running daemon, and its ports for its own', async () => {
    const daemon = namespace.start('examples/mag1.cfg', control);
    await daemon.says('"code":"started"');
    const found = report();
    namespace.ip('route', 'add', '203.0.113.77', 'dev', 'acc', 'proto', '213');
    const disturbed = report();
    daemon.kill('SIGTERM');
    await daemon.ended;
    expect(marks(found)).toEqual(
      expect.arrayContaining(['configuration ok', 'ports ok', 'protection warning', 'forwarding ok']),
    );
    expect(texts(disturbed, 'forwarding')[0]).toContain('1 are of no binding: extra: route 203.0.113.77');
    expect(texts(found, 'ports')[0]).toContain(control);
  }, 60_000);

  it('says of a node whose domain only an AAA server knows that it waits for that', () => {
    const aaa = 'radius-server host 203.0.113.115 key aaacisco\nipv6 mobile pmipv6-domain D1 load-aaa\n';
    const found = report(written('mag1.cfg', (text) => text.replace('ipv6 unicast-routing', aaa)));
    expect(marks(found)).toContain('configuration warning');
    expect(texts(found, 'configuration')).toEqual([expect.stringContaining('MAG M1 waits until domain D1 is loaded')]);
  }, 60_000);

  it('does not examine a configuration with errors', () => {
    const { status, stderr } = run([written('mag1.cfg', (text) => text.replace('interface', 'interfacce'))]);
    expect(status).toBe(1);
    expect(stderr).toContain('has errors');
  }, 60_000);
});
