import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { ForwardingRow } from '#cli/show/dataplane.ts';
import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeUdp } from '#wire/udp.ts';
import { type Daemon, eventually, Network, obstacle, root } from '../network.ts';
import { FreeRadius, freeRadiusObstacle, SECRET } from './free-radius.ts';

const why = [obstacle, freeRadiusObstacle].filter((text) => text !== '').join('; ');
const INTERFACE = 'GigabitEthernet0/1/0.3074';
const MN = MacAddress.parse('0024.d78e.21a4') as MacAddress;
const CN = Ipv4Address.parse('198.51.100.1') as Ipv4Address;

describe.skipIf(why !== '')(`accounting with a FreeRADIUS server (${why || 'root, BPF, freeradius'})`, () => {
  let network: Network;
  let radius: FreeRadius;
  let lma: Daemon;
  let startLma: () => Daemon;
  let mag: Daemon;

  const types = () => radius.accounting().map((record) => record.get('Acct-Status-Type'));
  const waiting = async () => (await lma.request<AaaServersView>('show', { query: 'aaa-servers' })).accounting.waiting;
  const row = async () => (await lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' }))[0];

  beforeAll(async () => {
    network = new Network(`mtc${process.pid}`);
    network.ip('lma', 'address', 'add', '203.0.113.115/32', 'dev', 'lo');
    radius = new FreeRadius(join(network.directory, 'radius'), '');
    await radius.start(network.namespace('lma'));
    const file = join(network.directory, 'lma.cfg');
    const server = `radius-server host 203.0.113.115 auth-port 1812 acct-port 1813 timeout 1 retransmit 1 key ${SECRET}\n`;
    const text = readFileSync(join(root, 'examples/lma.cfg'), 'utf8')
      .replace('ipv6 unicast-routing', `radius-server attribute 55 include-in-acct-req\n${server}ipv6 unicast-routing`)
      .replace('  bce lifetime 40000', '  enable aaa accounting\n  bce delete-wait-time 200\n  bce lifetime 40000');
    writeFileSync(file, text);
    startLma = () => network.start('lma', file, 'lma.sock', '--state', join(network.directory, 'state'));
    lma = startLma();
    mag = network.start('mag', join(root, 'examples/mag1.cfg'), 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
  }, 40_000);

  afterAll(async () => {
    await radius?.stop();
    await network?.remove();
  });

  it('tells of the start of the node and of a session', async () => {
    await mag.request('attach', { interface: INTERFACE, mac: MN.toCiscoString() });
    const { hoa, hnps } = await eventually(async () => {
      const found = await row();
      return found?.hoa ? found : undefined;
    });
    await eventually(async () => types().includes('Start'));
    expect(types()).toEqual(['Accounting-On', 'Start']);
    const start = radius.accounting()[1];
    expect(start?.get('User-Name')).toBe('0024.d78e.21a4');
    expect(start?.get('Framed-IP-Address')).toBe(hoa);
    expect(start?.get('Framed-IPv6-Prefix')).toBe(hnps[0]);
    expect(start?.get('PMIP6-Home-LMA-IPv6-Address')).toBe('2001:db8:cafe:1024::101');
    expect(start?.get('Called-Station-Id')).toBe('M1');
    expect(start?.get('NAS-Port-Type')).toBe('Wireless-802.11');
  });

  it('ends the session with what the data plane has counted', async () => {
    const source = Ipv4Address.parse((await row())?.hoa ?? '') as Ipv4Address;
    const payload = encodeUdp({
      source,
      destination: CN,
      sourcePort: 5000,
      destinationPort: 5000,
      payload: new Uint8Array(72),
    });
    const packet = encodeIpv4({ source, destination: CN, protocol: 17, ttl: 64, payload });
    const frame = encodeEthernet({
      destination: MacAddress.pmipv6Mag,
      source: MN,
      tags: [],
      etherType: EtherType.IPV4,
      payload: packet,
    });
    network.transmit(frame, frame, frame);
    // Nobody answers; a packet of 20 + 8 + 72 octets goes to the node each time.
    spawnSync('ip', [
      'netns',
      'exec',
      network.namespace('lma'),
      'ping',
      '-c',
      '2',
      '-i',
      '0.2',
      '-W',
      '1',
      '-s',
      '72',
      `${source}`,
    ]);
    await eventually(async () => {
      const { forwarding } = await lma.request<{ forwarding: ForwardingRow[] }>('show', { query: 'dataplane' });
      return forwarding[0]?.up.packets === 3 && forwarding[0].down.packets >= 2;
    });
    await mag.request('detach', { mac: MN.toCiscoString() });
    await eventually(async () => types().includes('Stop'));
    const stop = radius.accounting().find((record) => record.get('Acct-Status-Type') === 'Stop');
    expect(stop?.get('Acct-Input-Packets')).toBe('3');
    expect(stop?.get('Acct-Input-Octets')).toBe('300');
    // And what the host answers the node, whose packets have no way on.
    expect(Number(stop?.get('Acct-Output-Packets'))).toBeGreaterThanOrEqual(2);
    expect(Number(stop?.get('Acct-Output-Octets'))).toBeGreaterThanOrEqual(200);
    expect(stop?.get('Acct-Input-Gigawords')).toBe('0');
    expect(Number(stop?.get('Acct-Session-Time'))).toBeGreaterThanOrEqual(0);
    expect(stop?.get('Acct-Terminate-Cause')).toBe('User-Request');
  });

  it('loses nothing while the server is down, and says how long each record waited', async () => {
    await radius.stop();
    await mag.request('attach', { interface: INTERFACE, mac: MN.toCiscoString() });
    await eventually(async () => (await row())?.hoa);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await radius.start(network.namespace('lma'));
    await eventually(async () => types().filter((type) => type === 'Start').length === 2);
    expect(Number(radius.accounting().at(-1)?.get('Acct-Delay-Time'))).toBeGreaterThanOrEqual(1);
  }, 20_000);

  it('tells what waited in its order after the daemon and the server were killed and started together, and then of the new run', async () => {
    const session = radius.accounting().at(-1)?.get('Acct-Session-Id');
    const before = types().length;
    await radius.stop();
    await mag.request('detach', { mac: MN.toCiscoString() });
    await eventually(async () => (await waiting()) === 1);
    await mag.request('attach', { interface: INTERFACE, mac: MN.toCiscoString() });
    await eventually(async () => (await waiting()) === 2);
    lma.kill('SIGKILL');
    await lma.ended;
    lma = startLma();
    await Promise.all([lma.ready(), radius.start(network.namespace('lma'))]);
    await eventually(async () => types().length - before >= 4, 20_000);
    const told = radius.accounting().slice(before);
    expect(told.map((record) => record.get('Acct-Status-Type'))).toEqual(['Stop', 'Start', 'Accounting-On', 'Start']);
    const sessions = told.map((record) => record.get('Acct-Session-Id'));
    expect(sessions[0]).toBe(session);
    expect(new Set(sessions).size).toBe(4);
    expect((await row())?.hoa).toBe(told[3]?.get('Framed-IP-Address'));
  }, 40_000);

  it('tells of the end of its sessions and of the node', async () => {
    lma.kill('SIGINT');
    await lma.ended;
    expect(types().slice(-2)).toEqual(['Stop', 'Accounting-Off']);
  });
});
