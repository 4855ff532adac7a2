import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { type Daemon, eventually, Network, obstacle, root } from '../network.ts';
import { makeCertificates, opensslObstacle } from './certificates.ts';
import { FreeRadius, freeRadiusObstacle } from './free-radius.ts';

const why = [obstacle, freeRadiusObstacle, opensslObstacle].filter((text) => text !== '').join('; ');
const ACCESS = 'GigabitEthernet0/1/0.3074';
const SERVER = '203.0.113.115';
const USERS = `
00-24-d7-8e-21-a4 Cleartext-Password := "cisco"
  Cisco-AVPair = "mn-nai=mn0@example.com",
  Cisco-AVPair += "mn-service=ipv4",
  Cisco-AVPair += "home-lma=lma1",
  Cisco-AVPair += "mn-apn=example_A.com"
`;

describe.skipIf(why !== '')(`RADIUS over TLS (${why || 'root, BPF, freeradius, openssl'})`, () => {
  let network: Network;
  let radius: FreeRadius;
  let mag: Daemon;
  let text: string;

  const attach = () => mag.request('attach', { interface: ACCESS, mac: '0024.d78e.21a4' });
  const bindings = () => mag.request<MagBindingRow[]>('show', { query: 'mag-binding' });
  const bound = () =>
    eventually(async () =>
      (await bindings()).find(({ nai, state }) => nai === 'mn0@example.com' && state === 'ACTIVE'),
    );
  const detached = async () => {
    await mag.request('detach', { mac: '0024.d78e.21a4' });
    await eventually(async () => (await bindings()).length === 0);
  };
  const view = () => mag.request<AaaServersView>('show', { query: 'aaa-servers' });
  const connection = (state: 'up' | 'down') =>
    eventually(async () => {
      const { tls } = (await view()).servers[0] ?? {};
      return tls?.state === state ? tls : undefined;
    }, 20_000);

  beforeAll(async () => {
    network = new Network(`mts${process.pid}`);
    network.ip('mag', 'address', 'add', `${SERVER}/32`, 'dev', 'lo');
    const { directory } = network;
    makeCertificates(directory, ['radius.example.com', 'mag1.example.com']);
    radius = new FreeRadius(join(directory, 'radius'), USERS, directory);
    text = readFileSync(join(root, 'examples/mag1.cfg'), 'utf8')
      .replace(
        'ipv6 unicast-routing',
        `radius-server attribute 31 mac format ietf lower-case
radius server tls1
  address ipv4 ${SERVER}
  tls
  tls ca-certificate ${directory}/ca.pem
  tls certificate ${directory}/mag1.example.com.pem key ${directory}/mag1.example.com.key
  tls match-server-identity hostname radius.example.com
ipv6 unicast-routing`,
      )
      .replace('  lma lma1', '  mn-profile-load-aaa\n  lma lma1')
      .replace(/ {4}enable pmipv6 default .*\n/, '');
    const file = join(directory, 'mag.cfg');
    writeFileSync(file, text);
    const lma = network.start('lma', 'examples/lma.cfg', 'lma.sock');
    mag = network.start('mag', file, 'mag.sock');
    await Promise.all([radius.start(network.namespace('mag')), lma.ready(), mag.ready()]);
  }, 60_000);

  afterAll(async () => {
    await radius?.stop();
    await network?.remove();
  });

  it('[RFC 6614 §2.1] a profile comes from a server over TLS, by the one connection', async () => {
    await connection('up');
    await attach();
    await bound();
    const { servers, stats } = await view();
    expect(servers).toMatchObject([{ address: SERVER, authenticationPort: 2083, accountingPort: 2083, state: 'up' }]);
    expect(stats).toMatchObject({ accepts: 1, badAuthenticators: 0 });
    expect(mag.output).toContain('"code":"radsec-up"');
    await detached();
  }, 30_000);

  it('[RFC 6614 §2.3(1)] when the server ends, nodes are refused at once; when it is back, so is the connection', async () => {
    await radius.stop();
    const { reason } = await connection('down');
    expect(reason).toBeTruthy();
    await attach();
    await eventually(async () => (await view()).stats.noAnswer === 1 || undefined);
    expect(await bindings()).toEqual([]);
    await radius.start(network.namespace('mag'));
    await connection('up');
    await mag.request('attach', { interface: ACCESS, mac: '0024.d78e.21a4' });
    await bound();
    await detached();
  }, 60_000);

  it('[RFC 6614 §2.3(3)] has nothing to do with a server of another name or another authority', async () => {
    await mag.request('reconfigure', {
      text: text.replace('hostname radius.example.com', 'hostname other.example.com'),
    });
    expect((await connection('down')).reason).toContain("does not match certificate's altnames");
    await mag.request('reconfigure', { text: text.replace('/ca.pem', '/other.pem') });
    await eventually(async () => (await view()).servers[0]?.tls?.reason?.includes('certificate'));
    await mag.request('reconfigure', { text: text.replace('/ca.pem', '/missing.pem') });
    await eventually(async () => (await view()).servers[0]?.tls?.reason?.includes('ENOENT'));
    await attach();
    await eventually(async () => (await view()).stats.noAnswer === 2 || undefined);
    expect(await bindings()).toEqual([]);
    await mag.request('reconfigure', { text });
    await connection('up');
  }, 60_000);
});
