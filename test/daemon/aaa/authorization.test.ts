import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import { type Daemon, eventually, Network, obstacle, root } from '../network.ts';
import { FreeRadius, freeRadiusObstacle, SECRET } from './free-radius.ts';

const why = [obstacle, freeRadiusObstacle].filter((text) => text !== '').join('; ');
const INTERFACE = 'GigabitEthernet0/1/0.3074';
const SERVER = '203.0.113.115';

/** As the attributes of RFC 6572, and as those that every server has. */
const USERS = `
0200.0000.0001 Auth-Type := Accept
  PMIP6-Home-IPv4-HoA = 192.0.2.77/32,
  PMIP6-Home-HN-Prefix = 2001:db8:f00d:77::/64,
  Session-Timeout = 3000,
  Acct-Interim-Interval = 1,
  Class = "gold"

0200.0000.0002 Auth-Type := Accept
  Framed-IP-Address = 192.0.2.88,
  MIP6-Feature-Vector = 281474976710656

0200.0000.0003 Auth-Type := Reject

0200.0000.0004 Auth-Type := Accept
  Framed-IP-Address = 192.0.2.77

0200.0000.0005 Auth-Type := Accept
`.replace('281474976710656', String(0x0001_0100_0000_0000));

const AAA = `radius-server host ${SERVER} auth-port 1812 acct-port 1813 key ${SECRET}
radius-server timeout 1
radius-server retransmit 0
`;

describe.skipIf(why !== '')(`sessions that a FreeRADIUS server authorizes (${why || 'root, BPF, freeradius'})`, () => {
  let network: Network;
  let radius: FreeRadius;
  let lma: Daemon;
  let mag: Daemon;
  let lmaFile: string;

  const startLma = () => network.start('lma', lmaFile, 'lma.sock', '--state', join(network.directory, 'state'));
  const attach = (mac: string) => mag.request('attach', { interface: INTERFACE, mac });
  const bindings = () => lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' });
  const bound = (nai: string) => eventually(async () => (await bindings()).find((row) => row.nai === nai));
  const stats = async () =>
    (await lma.request<{ stats: Record<string, number> }[]>('show', { query: 'lma-stats' }))[0]?.stats;

  beforeAll(async () => {
    network = new Network(`mtz${process.pid}`);
    network.ip('lma', 'address', 'add', `${SERVER}/32`, 'dev', 'lo');
    const example = (name: string) => readFileSync(join(root, 'examples', name), 'utf8');
    lmaFile = join(network.directory, 'lma.cfg');
    writeFileSync(
      lmaFile,
      example('lma.cfg')
        .replace('ipv6 unicast-routing', AAA)
        .replace('  bce lifetime', '  enable aaa authorization\n  enable aaa accounting\n  bce lifetime'),
    );
    radius = new FreeRadius(join(network.directory, 'radius'), USERS);
    await radius.start(network.namespace('lma'));
    lma = startLma();
    mag = network.start('mag', join(root, 'examples/mag1.cfg'), 'mag.sock', '--state', 'memory');
    await Promise.all([lma.ready(), mag.ready()]);
  }, 40_000);

  afterAll(async () => {
    await radius?.stop();
    await network?.remove();
  });

  it('[RFC 6572 §6.2] asks with the attributes of the table, and gives the addresses of the answer', async () => {
    await attach('0200.0000.0001');
    expect(await bound('0200.0000.0001')).toMatchObject({
      hoa: '192.0.2.77',
      hnps: ['2001:db8:f00d:77::/64'],
      lifetime: 3000,
    });
    const request = radius.output.slice(radius.output.indexOf('Received Access-Request'));
    for (const line of [
      'User-Name = "0200.0000.0001"',
      'Service-Type = Authorize-Only',
      'NAS-Identifier = "lma"',
      'NAS-Port-Type = Wireless-802.11',
      'NAS-IPv6-Address = 2001:db8:cafe:1024::101',
      'Calling-Station-Id = "0200.0000.0001"',
      'Mobile-Node-Identifier = 0x',
      'Service-Selection = "example_A.com"',
      'PMIP6-Home-LMA-IPv6-Address = 2001:db8:cafe:1024::101',
      'PMIP6-Home-HN-Prefix = ::/128',
      'PMIP6-Home-IPv4-HoA = 0.0.0.0/32',
      'MIP6-Feature-Vector = ',
      'Message-Authenticator = 0x',
    ]) {
      expect(request).toContain(line);
    }
    expect(request.slice(0, request.indexOf('Access-Accept'))).not.toContain('User-Password');
  });

  it('has what the server says in the accounting of the session', async () => {
    const records = await eventually(async () => {
      const found = radius.accounting();
      return found.filter((each) => each.get('Acct-Status-Type') === 'Interim-Update').length > 1 ? found : undefined;
    });
    const start = records.find((each) => each.get('Acct-Status-Type') === 'Start');
    expect(start?.get('Class')).toMatch(/gold|0x676f6c64/);
    // `aaa session-id common`, which is the default.
    expect(radius.output).toContain(`Acct-Session-Id = "${start?.get('Acct-Session-Id')}"`);
    expect(start?.get('Acct-Session-Id')).toMatch(/-a\d+$/);
  });

  it('refuses the service that is not authorized, the node that is not, and an address that is another node has', async () => {
    for (const mac of ['0200.0000.0002', '0200.0000.0003', '0200.0000.0004']) await attach(mac);
    // The MAG asks for the other family alone where one is refused.
    expect(await bound('0200.0000.0002')).toMatchObject({ hoa: '192.0.2.88', hnps: [] });
    await eventually(
      async () => (await stats())?.authorizationsRejected === 1 && (await stats())?.fixedAddressTaken === 1,
    );
    expect((await bindings()).map(({ nai }) => nai).sort()).toEqual(['0200.0000.0001', '0200.0000.0002']);
  });

  it('refuses first registrations while the server does not answer, and nobody else', async () => {
    await radius.stop();
    await attach('0200.0000.0005');
    await eventually(async () => (await stats())?.authorizationsUnanswered === 1);
    expect((await bindings()).map(({ nai }) => nai)).not.toContain('0200.0000.0005');
    expect(mag.output).toContain('INSUFFICIENT_RESOURCES');
    lma.kill('SIGTERM');
    await lma.ended;
    lma = startLma();
    await lma.ready();
    expect(await bound('0200.0000.0001')).toMatchObject({ hoa: '192.0.2.77' });
    await radius.start(network.namespace('lma'));
    await attach('0200.0000.0005');
    expect((await bound('0200.0000.0005')).hoa).not.toBe('192.0.2.77');
  }, 30_000);
});
