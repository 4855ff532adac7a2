import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { EtherType, encodeEthernet } from '#wire/ethernet.ts';
import { encodeGre } from '#wire/gre.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { encodeUdp } from '#wire/udp.ts';
import { type Daemon, eventually, Network, obstacle } from './network.ts';

const station = MacAddress.parse('00:24:d7:8e:21:a4') as MacAddress;
const ANCHOR = '10.8.24.101';
const GATEWAY = '10.8.25.15';
const CORRESPONDENT = '198.51.100.10';
const GROUP = Ipv4Address.parse('239.1.2.3') as Ipv4Address;

/** Peers that know each other by their IPv4 addresses alone. */
const domain = `ipv6 mobile pmipv6-domain D1
 lma lma1
  ipv4-address ${ANCHOR}
 mag M1
  ipv4-address ${GATEWAY}
 nai any
  service ipv4
  lma lma1
  network home
`;

function anchorText(extra: string): string {
  return `ip local pool home 192.0.2.1 192.0.2.253
!
${domain}!
ipv6 mobile pmipv6-lma lma1 domain D1
 address ipv4 ${ANCHOR}
 ${extra}
 default profile any
 network home
  pool ipv4 home pfxlen 24
  default-router 192.0.2.254
`;
}

function gatewayText(extra: string): string {
  return `interface GigabitEthernet0/1
 linux-interface acc
!
${domain}!
ipv6 mobile pmipv6-mag M1 domain D1
 address ipv4 ${GATEWAY}
 ${extra}
 interface GigabitEthernet0/1
  enable pmipv6 default any
`;
}

const missing = hasTshark() ? obstacle : 'needs tshark';

describe.skipIf(missing !== '')(`an LMA and a MAG over IPv4 (${missing || 'root, BPF, tshark'})`, () => {
  let network: Network;

  afterEach(() => network.remove());

  it.each([
    {
      what: 'GRE with the keys of both (RFC 5845)',
      lma: 'encap gre-ipv4\n generate grekey',
      mag: 'encap gre-ipv4\n generate grekey',
      filter: 'ip proto 47',
      fields: ['-e', 'gre.key'],
      seen: /^0x[0-9a-f]{8}$/,
      keys: 2,
    },
    {
      what: 'UDP (RFC 5844 §4)',
      lma: 'encap udptunnel',
      mag: 'encap udptunnel',
      filter: 'udp port 5437',
      fields: ['-e', 'udp.dstport'],
      seen: /^5437$/,
      keys: 1,
    },
    {
      what: 'GRE in user space, and notice it by its first data packet',
      lma: 'encap gre-ipv4',
      mag: 'encap gre-ipv4',
      filter: 'ip proto 47',
      fields: ['-e', 'gre.proto'],
      seen: /^0x0800$/,
      keys: 1,
      inUserSpace: true,
    },
  ])(
    'carry the packets of a mobile node in $what',
    async (row) => {
      const { lma, mag, filter, fields, seen, keys, inUserSpace } = row;
      network = new Network(`mtt${process.pid}`);
      const options = inUserSpace ? ['--data-plane', 'user'] : [];
      const anchor = await start('lma', anchorText(lma), options);
      const gateway = await start('mag', gatewayText(mag), options);
      network.transmit(inUserSpace ? dataFrame() : encodeLayer2Update(station));
      const [binding] = await eventually(async () => {
        const rows = await anchor.request<LmaBindingRow[]>('show', { query: 'lma-binding' });
        return rows.length > 0 ? rows : undefined;
      });
      network.ip('mn', 'link', 'set', 'eth0', 'address', station.toString());
      network.ip('mn', 'address', 'add', `${binding?.hoa}/24`, 'dev', 'eth0');
      network.ip('mn', 'route', 'add', 'default', 'via', '192.0.2.254');
      const captured = capture('mag', 'core', filter, fields, 6);
      await captured.started;
      // More than is captured: tshark says that it captures before it does.
      expect(network.run('mn', 'ping', '-c', '6', '-i', '0.2', '-W', '2', CORRESPONDENT)).toContain('6 received');
      const values = await captured.values;
      expect(values).toHaveLength(6);
      for (const value of values) expect(value).toMatch(seen);
      expect(new Set(values).size).toBe(keys);
      if (keys === 2) await expectOfGroup(gateway);
    },
    60_000,
  );

  /** What the LMA sends to a group with the downlink key of the mobile node. */
  async function expectOfGroup(gateway: Daemon): Promise<void> {
    const [row] = await gateway.request<MagBindingRow[]>('show', { query: 'mag-binding' });
    const captured = capture('mn', 'eth0', `ip dst ${GROUP}`, ['-e', 'eth.dst', '-e', 'ip.ttl'], 1);
    await captured.started;
    network.transmitFrom('lma', 'core', groupFrame(coreMac(), row?.greKeyDownstream as number));
    expect(await captured.values).toEqual([`${station}\t63`]);
  }

  function coreMac(): MacAddress {
    const [link] = JSON.parse(network.ip('mag', '-json', 'link', 'show', 'core')) as [{ address: string }];
    return MacAddress.parse(link.address) as MacAddress;
  }

  async function start(role: 'lma' | 'mag', text: string, options: readonly string[]): Promise<Daemon> {
    network.ip(role, 'address', 'add', `${role === 'lma' ? ANCHOR : GATEWAY}/16`, 'dev', 'core');
    if (role === 'lma') network.ip('lma', 'address', 'add', `${CORRESPONDENT}/32`, 'dev', 'lo');
    const file = join(network.directory, `${role}.cfg`);
    writeFileSync(file, text);
    const daemon = network.start(role, file, `${role}.sock`, ...options);
    await daemon.ready();
    return daemon;
  }

  /** What tshark reads of so many packets. */
  function capture(role: 'mag' | 'mn', device: string, filter: string, fields: readonly string[], count: number) {
    const command = [
      'netns',
      'exec',
      network.namespace(role),
      'tshark',
      '-l',
      '-n',
      '-i',
      device,
      '-f',
      filter,
      '-c',
      `${count}`,
    ];
    const tshark = spawn('ip', [...command, '-T', 'fields', ...fields], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let messages = '';
    tshark.stdout.on('data', (data) => {
      output += data;
    });
    tshark.stderr.on('data', (data) => {
      messages += data;
    });
    const values = new Promise<string[]>((resolve) => {
      const timer = setTimeout(() => tshark.kill(), 15_000);
      tshark.on('exit', () => {
        clearTimeout(timer);
        resolve(output.trim().split('\n'));
      });
    });
    const started = eventually(async () => messages.includes('Capturing') || undefined).then(() => sleep(300));
    return { started, values };
  }
});

/** Of the station, from an address that it had elsewhere. */
function dataFrame(): Uint8Array {
  const source = Ipv4Address.parse('192.0.2.77') as Ipv4Address;
  const destination = Ipv4Address.parse(CORRESPONDENT) as Ipv4Address;
  const datagram = { source, destination, sourcePort: 5000, destinationPort: 5000, payload: new Uint8Array(8) };
  const payload = encodeIpv4({ source, destination, protocol: 17, ttl: 64, payload: encodeUdp(datagram) });
  const ends = { destination: MacAddress.pmipv6Mag, source: station };
  return encodeEthernet({ ...ends, tags: [], etherType: EtherType.IPV4, payload });
}

/** From the LMA to the gateway of that link-layer address, in GRE. */
function groupFrame(destination: MacAddress, key: number): Uint8Array {
  const ends = { source: Ipv4Address.parse(CORRESPONDENT) as Ipv4Address, destination: GROUP };
  const datagram = encodeUdp({ ...ends, sourcePort: 5000, destinationPort: 5000, payload: new Uint8Array(8) });
  const inner = encodeIpv4({ ...ends, protocol: 17, ttl: 64, payload: datagram });
  const gre = encodeGre({ protocol: EtherType.IPV4, checksum: false, sequence: undefined, key, payload: inner });
  const outer = {
    source: Ipv4Address.parse(ANCHOR) as Ipv4Address,
    destination: Ipv4Address.parse(GATEWAY) as Ipv4Address,
  };
  const payload = encodeIpv4({ ...outer, protocol: 47, ttl: 64, payload: gre });
  return encodeEthernet({ destination, source: station, tags: [], etherType: EtherType.IPV4, payload });
}

function hasTshark(): boolean {
  try {
    execFileSync('tshark', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
