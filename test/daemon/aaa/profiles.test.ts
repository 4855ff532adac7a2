import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ControlSession } from '#cli/control-session.ts';
import { monitorText } from '#cli/shell/index.ts';
import { renderMagBindings } from '#cli/show/index.ts';
import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { magRadius } from '../../config/deployment-guide-texts.ts';
import { type Daemon, eventually, Network, obstacle, root } from '../network.ts';
import { FreeRadius, freeRadiusObstacle, SECRET } from './free-radius.ts';

const why = [obstacle, freeRadiusObstacle].filter((text) => text !== '').join('; ');
const INTERFACE = 'GigabitEthernet0/1/0.3074';

/** The attributes that an operator gives a mobile node at its AAA server, for the node that the sample outputs of the guides show. */
const USERS = `
00-24-d7-8e-21-a4 Cleartext-Password := "cisco"
  Cisco-AVPair = "mn-nai=mn0@example.com",
  Cisco-AVPair += "mn-service=ipv4",
  Cisco-AVPair += "home-lma-ipv6-address=2001:db8:cafe:1024::101",
  Cisco-AVPair += "home-lma-ipv4-address=10.8.24.101",
  Cisco-AVPair += "home-lma=lma1",
  Cisco-AVPair += "mn-apn=example.com",
  Cisco-AVPair += "cisco-mpc-protocol-interface=pmipv6"

02-00-00-00-00-01 Cleartext-Password := "cisco"
  Mobile-Node-Identifier = "standard@example.com",
  Service-Selection = "example_A.com",
  PMIP6-Home-LMA-IPv6-Address = 2001:db8:cafe:1024::101,
  MIP6-Feature-Vector = 3298534883328

02-00-00-00-00-07 Cleartext-Password := "cisco"
  Mobile-Node-Identifier = "visiting@example.com",
  Service-Selection = "example_A.com",
  PMIP6-Visited-LMA-IPv6-Address = 2001:db8:cafe:1024::101,
  PMIP6-Visited-HN-Prefix = 2001:db8:f00d:77::/64,
  PMIP6-Visited-Interface-ID = 0:0:0:1,
  MIP6-Feature-Vector = 1099511627776

called@example.com Cleartext-Password := "cisco"
  Cisco-AVPair = "mn-service=ipv4",
  Cisco-AVPair += "mn-apn=example_A.com"

02-00-00-00-00-02 Cleartext-Password := "cisco"
  Cisco-AVPair = "cisco-mpc-protocol-interface=gtpv2"

02-00-00-00-00-04 Cleartext-Password := "cisco"
  Cisco-AVPair = "mn-nai=overridden@example.com",
  Cisco-AVPair += "mn-service=ipv6",
  Cisco-AVPair += "home-lma=lma1",
  Cisco-AVPair += "mn-apn=wrong.example"
`;

/** The guide's gateway; in the namespace the frames of VLAN 3074 come untagged. */
const MAG = `hostname mag1
${magRadius}radius-server attribute 44 include-in-access-req
radius-server retransmit 1
radius-server timeout 1
interface ${INTERFACE}
  no encapsulation dot1Q 3074
  linux-interface acc
ipv6 mobile pmipv6-domain D1
  encap gre-ipv6
  nai mn0@example.com
    gre-encap-key down 5
  nai overridden@example.com
    apn example_A.com
ipv6 mobile pmipv6-mag M1 domain D1
  generate grekey
end
`;
const LMA = readFileSync(join(root, 'examples/lma.cfg'), 'utf8')
  .replace('  replay-protection', '  encap gre-ipv6\n  replay-protection')
  .replace(
    '  nai default',
    `  nai mn0@example.com
    apn example.com
    lma lma1
    service ipv4
    network example_A
    gre-encap-key up 5
    gre-encap-key down 5
  nai default`,
  );
const WITH_DEFAULT = MAG.replace(
  '  nai overridden',
  '  nai default_subscriber_profile_A\n    apn example_A.com\n    lma lma1\n  nai overridden',
).replace(/(M1[\s\S]*?interface \S+ \S+)/, '$1\n    enable pmipv6 default default_subscriber_profile_A');

describe.skipIf(why !== '')(`profiles of a FreeRADIUS server (${why || 'root, BPF, freeradius'})`, () => {
  let network: Network;
  let radius: FreeRadius;
  let mag: Daemon;

  const bindings = () => mag.request<MagBindingRow[]>('show', { query: 'mag-binding' });
  const attach = (mac: string) => mag.request('attach', { interface: INTERFACE, mac });
  const bound = (nai: string) =>
    eventually(async () => (await bindings()).find((row) => row.nai === nai && row.state === 'ACTIVE'));
  const stats = async () =>
    (await mag.request<{ stats: Record<string, number> }[]>('show', { query: 'mag-stats' }))[0]?.stats;

  beforeAll(async () => {
    network = new Network(`mtr${process.pid}`);
    network.ip('mag', 'address', 'add', '203.0.113.115/32', 'dev', 'lo');
    radius = new FreeRadius(join(network.directory, 'radius'), USERS);
    await radius.start(network.namespace('mag'));
    const write = (name: string, text: string) => {
      const file = join(network.directory, name);
      writeFileSync(file, text);
      return file;
    };
    const lma = network.start('lma', write('lma.cfg', LMA), 'lma.sock');
    mag = network.start('mag', write('mag.cfg', MAG), 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
  }, 40_000);

  afterAll(async () => {
    await radius?.stop();
    await network?.remove();
  });

  it("has the guide's attributes yield the binding of the guide's sample", async () => {
    await attach('0024.d78e.21a4');
    const row = await bound('mn0@example.com');
    expect(row.apn).toBe('example.com');
    expect(renderMagBindings([row])).toBe(`
Total number of bindings: 1
-----
[Binding][MN]: Domain: D1, Nai: mn0@example.com
  [Binding][MN]: State: ACTIVE
  [Binding][MN]: Interface: GigabitEthernet0/1/0.3074
  [Binding][MN]: Hoa: 192.0.2.1, att: 4, llid: 0024.d78e.21a4
  [Binding][MN]: HNP: 0
  [Binding][MN][LMA]: Id: lma1
  [Binding][MN][LMA]: lifetime: 3600
  [Binding][MN][GREKEY]: Upstream: 5, Downstream: 5
`);
  });

  it('tells the exchange while "debug radius" is on, without passwords', async () => {
    const backend = await ControlSession.open(mag.control);
    let shown = '';
    backend.onEvent = (event) => {
      shown += monitorText(event);
    };
    await backend.ask({ request: 'monitor', on: true });
    await backend.ask({ request: 'debug', flags: ['radius'], on: true });
    await attach('0200.0000.0001');
    await eventually(async () => shown.includes('Access-Accept') || undefined);
    expect(shown).toMatch(/: RADIUS: Send Access-Request to 203\.0\.113\.115:1812 id \d+, len \d+\n/);
    expect(shown).toMatch(/: RADIUS: {2}User-Name {11}\[1\] 17 "02-00-00-00-00-01"\n/);
    expect(shown).toMatch(/: RADIUS: {2}User-Password {7}\[2\] 16 \*\n/);
    expect(shown).toMatch(/: RADIUS: Received from id \d+ 203\.0\.113\.115:1812, Access-Accept, len \d+\n/);
    await backend.ask({ request: 'debug', on: false });
    backend.close();
  });

  it('[RFC 6572 §5.2] asks with the attributes that the configuration has sent', () => {
    const request = radius.output.slice(radius.output.indexOf('Received Access-Request'));
    for (const line of [
      'User-Name = "00-24-d7-8e-21-a4"',
      'Calling-Station-Id = "00-24-d7-8e-21-a4"',
      'Service-Type = Login-User',
      'NAS-Identifier = "mag1"',
      'NAS-Port-Type = Wireless-802.11',
      'NAS-IPv6-Address = 2001:db8:cafe:1025::15',
      'Event-Timestamp = "',
      'Acct-Session-Id = "',
      'Message-Authenticator = 0x',
      'Cisco-AVPair = "client-mac-address=0024.d78e.21a4"',
      'MIP6-Feature-Vector = ',
      'NAS-Port-Id = "GigabitEthernet0/1/0.3074"',
    ]) {
      expect(request).toContain(line);
    }
  });

  it('[RFC 6572 §4] gives a node what the attributes of RFC 6572 say', async () => {
    await attach('0200.0000.0001');
    const row = await bound('standard@example.com');
    expect(row.hoa).not.toBeNull();
    expect(row.hnps).toHaveLength(1);
  });

  it('[RFC 6572 §4.9] gives a visiting node what the attributes of the visited network say, and says what has no effect', async () => {
    await attach('0200.0000.0007');
    const row = await bound('visiting@example.com');
    expect(row).toMatchObject({
      hnps: ['2001:db8:f00d:77::/64'],
      profileWithoutEffect: ['PMIP6-Visited-Interface-ID'],
    });
    expect(mag.output).toContain('"code":"profile-without-effect"');
  });

  it('has a nai command override single parameters', async () => {
    await attach('0200.0000.0004');
    const row = await bound('overridden@example.com');
    expect(row).toMatchObject({ apn: 'example_A.com', hoa: null });
    expect(row.hnps).toHaveLength(1);
  });

  it('asks for the name that a node has for its DHCP client identifier, and tells of the address that it asks for', async () => {
    const name = Buffer.from('\0called@example.com').toString('hex');
    const words = ['-i', 'eth0', '-q', '-n', '-f', '-r', '192.0.2.200', '-C', '-x', `0x3d:${name}`, '-s', '/bin/true'];
    network.run('mn', 'udhcpc', ...words);
    const row = await bound('called@example.com');
    expect(row).toMatchObject({ apn: 'example_A.com', hnps: [] });
    const request = radius.output.slice(radius.output.indexOf('User-Name = "called@example.com"'));
    expect(request).toMatch(/^.*Framed-IP-Address = 192\.0\.2\.200$/m);
  });

  it('refuses a node that is not of Proxy Mobile IPv6, and one that the server does not know, and logs each once', async () => {
    await attach('0200.0000.0002');
    await attach('0200.0000.0003');
    await eventually(
      async () => (await stats())?.attachedWithoutProfile === 1 && (await stats())?.profilesRefused === 1,
    );
    await eventually(async () => mag.output.includes('cisco-mpc-protocol-interface is gtpv2, not pmipv6'));
    expect(mag.output.match(/"code":"no-profile"/g)).toHaveLength(2);
    expect((await bindings()).map(({ nai }) => nai)).not.toContain('0200.0000.0003');
  });

  it('asks the next server where the first does not answer, and leaves that alone for the dead time', async () => {
    const text = MAG.replace('server 203.0.113.115', 'server 203.0.113.116\n  server 203.0.113.115').replace(
      'radius-server retransmit 1\n',
      `radius-server retransmit 0\nradius-server deadtime 1\nradius-server host 203.0.113.116 key ${SECRET}\n`,
    );
    await mag.request('reconfigure', { text });
    const again = async () => {
      await mag.request('detach', { mac: '0200.0000.0001' });
      await eventually(async () => !(await bindings()).some(({ nai }) => nai === 'standard@example.com'));
      const before = Date.now();
      await attach('0200.0000.0001');
      await bound('standard@example.com');
      return Date.now() - before;
    };
    expect(await again()).toBeGreaterThan(950);
    const { servers, stats } = await mag.request<AaaServersView>('show', { query: 'aaa-servers' });
    expect(servers.map(({ address, state }) => `${address} ${state}`)).toEqual([
      '203.0.113.116 dead',
      '203.0.113.115 up',
    ]);
    expect(stats).toMatchObject({ failovers: 1, serversDied: 1 });
    await again();
    expect((await mag.request<AaaServersView>('show', { query: 'aaa-servers' })).stats).toMatchObject({
      failovers: 1,
      timeouts: 1,
    });
  }, 20_000);

  it('gives the default profile of the interface to a node that the server does not know', async () => {
    await mag.request('reconfigure', { text: WITH_DEFAULT });
    await attach('0200.0000.0005');
    await bound('0200.0000.0005');
  });

  it('gives it too when the server does not answer in time', async () => {
    await radius.stop();
    const before = Date.now();
    await attach('0200.0000.0006');
    await bound('0200.0000.0006');
    expect(Date.now() - before).toBeGreaterThan(1900);
    const { servers, stats } = await mag.request<AaaServersView>('show', { query: 'aaa-servers' });
    expect(servers).toMatchObject([{ address: '203.0.113.115', authenticationPort: 1812, state: 'up', waiting: 0 }]);
    expect(stats).toMatchObject({ accepts: 8, rejects: 2, noAnswer: 1, retransmissions: 1, badAuthenticators: 0 });
  });
});
