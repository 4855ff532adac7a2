/** The examples of further deployments, brought up with real daemons. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { eventually, Network, obstacle, root } from './network.ts';

const station = new MacAddress(0x0200, 0x5e005301);

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

  /** Starts both, and lets the mobile node come; returns what the LMA has. */
  async function bindingBetween(lmaFile: string, magFile: string): Promise<LmaBindingRow> {
    const lma = network.start('lma', example(lmaFile), 'lma.sock');
    const mag = network.start('mag', example(magFile), 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
    network.transmit(encodeLayer2Update(station));
    return eventually(async () => (await lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' }))[0]);
  }

  it('operators: the profile of a mobile node takes it to the anchor of its operator', async () => {
    network.ip('lma', 'address', 'add', '2001:db8:cafe:1024::102/64', 'dev', 'core', 'nodad');
    const binding = await bindingBetween('operators/lma-blue.cfg', 'operators/mag.cfg');
    expect(binding).toMatchObject({ state: 'active', nai: 'scanner7@blue.example', apn: 'internet.blue.example' });
    expect(binding.hnps).toEqual(['2001:db8:f02::/64']);
  }, 60_000);

  it('residential: a home gateway that nobody has listed registers over UDP, by the key of the domain', async () => {
    network.ip('lma', 'address', 'add', '203.0.113.1/24', 'dev', 'core');
    network.ip('mag', 'address', 'add', '203.0.113.15/24', 'dev', 'core');
    const binding = await bindingBetween('residential/lma.cfg', 'residential/mag.cfg');
    expect(binding).toMatchObject({ state: 'active', hoa: '192.0.2.1' });
    expect(binding.careOfAddresses[0]).toMatchObject({ address: '203.0.113.15', transport: 'ipv4-udp' });
  }, 60_000);
});
