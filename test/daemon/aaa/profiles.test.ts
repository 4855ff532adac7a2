import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ControlSession } from '#cli/control-session.ts';
import { monitorText } from '#cli/shell/index.ts';
import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
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
  Cisco-AVPair += "mn-apn=example_A.com",
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

02-00-00-00-00-02 Cleartext-Password := "cisco"
  Cisco-AVPair = "cisco-mpc-protocol-interface=gtpv2"

02-00-00-00-00-04 Cleartext-Password := "cisco"
  Cisco-AVPair = "mn-nai=overridden@example.com",
  Cisco-AVPair += "mn-service=ipv6",
  Cisco-AVPair += "home-lma=lma1",
  Cisco-AVPair += "mn-apn=wrong.example"
`;

const MAG = `hostname mag1
aaa new-model
aaa group server radius CAR-AAA
  server 203.0.113.115 auth-port 1812 acct-port 1813
aaa authentication login default none
aaa authorization ipmobile default group CAR-AAA
aaa session-id common
radius-server attribute 6 on-for-login-auth
radius-server attribute 32 include-in-access-req
radius-server attribute 44 include-in-access-req
radius-server attribute 55 access-request include
radius-server attribute 31 mac format ietf lower-case
radius-server attribute 31 send nas-port-detail mac-only
radius-server retransmit 1
radius-server timeout 1
radius-server host 203.0.113.115 auth-port 1812 acct-port 1813 key ${SECRET}
ipv6 unicast-routing
interface ${INTERFACE}
  linux-interface acc
ipv6 mobile pmipv6-domain D1
  replay-protection timestamp window 200
  mn-profile-load-aaa
  lma lma1
    ipv6-address 2001:db8:cafe:1024::101
  nai overridden@example.com
    apn example_A.com
ipv6 mobile pmipv6-mag M1 domain D1
  role 3GPP
  address ipv6 2001:db8:cafe:1025::15
  interface ${INTERFACE}
end
`;
const WITH_DEFAULT = MAG.replace(
  '  nai overridden',
  '  nai default_subscriber_profile_A\n    apn example_A.com\n    lma lma1\n  nai overridden',
).replace(/(M1[\s\S]*interface \S+)/, '$1\n    enable pmipv6 default default_subscriber_profile_A');

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
    const lma = network.start('lma', join(root, 'examples/lma.cfg'), 'lma.sock');
    await lma.ready();
    const file = join(network.directory, 'mag.cfg');
    writeFileSync(file, MAG);
    mag = network.start('mag', file, 'mag.sock');
    await mag.ready();
  }, 40_000);

  afterAll(async () => {
    await radius?.stop();
    await network?.remove();
  });

  it("gives the node of the guides what Cisco's attribute pairs say", async () => {
    await attach('0024.d78e.21a4');
    const row = await bound('mn0@example.com');
    expect(row).toMatchObject({
      interface: INTERFACE,
      hoa: '192.0.2.1',
      att: 4,
      llid: '0024.d78e.21a4',
      hnps: [],
      lma: 'lma1',
      apn: 'example_A.com',
    });
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
    expect(stats).toMatchObject({ accepts: 5, rejects: 2, noAnswer: 1, retransmissions: 1, badAuthenticators: 0 });
  });
});
