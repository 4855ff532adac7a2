/** The examples of further deployments, brought up with real daemons. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { type Daemon, eventually, Network, obstacle, root } from './network.ts';

/** Of operator blue, as its profile says; the other one is nobody's. */
const SCANNER = new MacAddress(0x0200, 0x5e005301);
const VISITOR = new MacAddress(0x0200, 0x5e005302);
/** Behind each anchor. */
const SERVERS = ['2001:db8:5e::1', '198.18.0.1'] as const;

describe.skipIf(obstacle !== '')(`the examples (${obstacle || 'root, BPF'})`, () => {
  let network: Network;

  beforeEach(() => {
    network = new Network(`mtsc${process.pid}`);
  });
  afterEach(() => network.remove());

  /** The file with the interfaces of the test's network. */
  function example(path: string): string {
    const text = readFileSync(join(root, 'examples', path), 'utf8');
    const file = join(network.directory, path.replace('/', '-'));
    writeFileSync(
      file,
      text
        .replaceAll('linux-interface wan', 'linux-interface core')
        .replaceAll('linux-interface wlan0', 'linux-interface acc'),
    );
    return file;
  }

  /** Starts an anchor, with servers behind it. */
  async function anchor(path: string): Promise<Daemon> {
    const lma = network.start('lma', example(path), `${path.replace('/', '-')}.sock`);
    await lma.ready();
    for (const address of SERVERS) network.ip('lma', 'address', 'replace', address, 'dev', 'lo');
    return lma;
  }

  /** Lets a mobile node come; returns what the anchor has of it. */
  async function bindingAt(lma: Daemon, station: MacAddress): Promise<LmaBindingRow> {
    network.ip('mn', 'link', 'set', 'eth0', 'address', `${station}`);
    network.transmit(encodeLayer2Update(station));
    return eventually(async () => (await lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' }))[0]);
  }

  /** With the addresses that router advertisements and the gateway's DHCP give it. */
  async function reachesItsServer({ hoa }: LmaBindingRow, router: string): Promise<void> {
    for (const value of ['1', '0']) network.run('mn', 'sysctl', '-qw', `net.ipv6.conf.eth0.disable_ipv6=${value}`);
    network.ip('mn', 'address', 'replace', `${hoa}/25`, 'dev', 'eth0');
    network.ip('mn', 'route', 'replace', 'default', 'via', router, 'dev', 'eth0', 'onlink');
    for (const server of SERVERS) await eventually(async () => answers(server) || undefined);
  }

  function answers(server: string): boolean {
    try {
      return network.run('mn', 'ping', '-c', '1', '-W', '1', server).includes(' 0% packet loss');
    } catch {
      return false;
    }
  }

  it('operators: the profile of a mobile node takes it to the anchor of its operator, and its packets with it', async () => {
    network.ip('lma', 'address', 'add', '2001:db8:cafe:1024::102/64', 'dev', 'core', 'nodad');
    const mag = network.start('mag', example('operators/mag.cfg'), 'mag.sock');
    const blue = await anchor('operators/lma-blue.cfg');
    await mag.ready();
    const scanner = await bindingAt(blue, SCANNER);
    expect(scanner).toMatchObject({ state: 'active', nai: 'scanner7@blue.example', apn: 'internet.blue.example' });
    expect(scanner.hnps).toEqual(['2001:db8:f02::/64']);
    await reachesItsServer(scanner, '198.51.100.254');
    // The other operator has another machine; here it comes when the first one has gone.
    blue.kill('SIGINT');
    await blue.ended;
    const visitor = await bindingAt(await anchor('operators/lma-red.cfg'), VISITOR);
    expect(visitor).toMatchObject({ state: 'active', apn: 'internet.red.example', hnps: ['2001:db8:f01::/64'] });
    await reachesItsServer(visitor, '198.51.100.126');
  }, 90_000);

  it('residential: a home gateway that nobody has listed registers over UDP, by the key of the domain, and carries packets', async () => {
    network.ip('lma', 'address', 'add', '203.0.113.1/24', 'dev', 'core');
    network.ip('mag', 'address', 'add', '203.0.113.15/24', 'dev', 'core');
    const mag = network.start('mag', example('residential/mag.cfg'), 'mag.sock');
    const lma = await anchor('residential/lma.cfg');
    await mag.ready();
    const binding = await bindingAt(lma, SCANNER);
    expect(binding).toMatchObject({ state: 'active', hoa: '192.0.2.1' });
    expect(binding.careOfAddresses[0]).toMatchObject({ address: '203.0.113.15', transport: 'ipv4-udp' });
    await reachesItsServer(binding, '192.0.2.254');
  }, 90_000);
});
