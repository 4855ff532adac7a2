/** An LMA and a MAG as processes that have IPv4 addresses only, and what tshark makes of their signalling. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { concatBytes } from '#base/bytes.ts';
import { MacAddress } from '#base/mac-address.ts';
import * as posix from '#host/posix.ts';
import type { LmaBindingRow } from '#proto/lma/index.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { LinkType, PcapWriter } from '#wire/pcap.ts';
import { type Daemon, eventually, Network, obstacle } from './network.ts';

const ANCHOR = '10.8.0.101';
const GATEWAY = '10.8.0.15';
const station = MacAddress.parse('00:24:d7:8e:21:a4') as MacAddress;
const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const FIELDS = ['ip.src', 'ip.dst', 'udp.srcport', 'udp.dstport', 'mip6.mhtype', 'mip6.csum', '_ws.malformed'];

const lmaConfiguration = `
ip local pool V4 192.0.2.1 192.0.2.253
ipv6 local pool V6 2001:db8:f00d::/48 64
ipv6 mobile pmipv6-domain D1
  mag M1
    ipv4-address ${GATEWAY}
  nai anyone
    lma lma1
    service dual
    network N
ipv6 mobile pmipv6-lma lma1 domain D1
  address ipv4 ${ANCHOR}
  default profile anyone
  network N
    pool ipv4 V4 pfxlen 24
    pool ipv6 V6 pfxlen 48
`;

const magConfiguration = `
ipv6 mobile pmipv6-domain D1
  lma lma1
    ipv4-address ${ANCHOR}
  nai anyone
    lma lma1
    service dual
ipv6 mobile pmipv6-mag M1 domain D1
  address ipv4 ${GATEWAY}
  interface acc
    enable pmipv6 default anyone
`;

describe.skipIf(obstacle !== '')(`over IPv4 (${obstacle || 'root, BPF'})`, () => {
  let network: Network;
  let lma: Daemon;
  let mag: Daemon;
  let tap: number;
  const magBindings = () => mag.request<MagBindingRow[]>('show', { query: 'mag-binding' });
  const lmaBindings = () => lma.request<LmaBindingRow[]>('show', { query: 'lma-binding' });

  beforeEach(() => {
    network = new Network(`mtd${process.pid}-v4`);
    network.ip('lma', 'address', 'add', `${ANCHOR}/24`, 'dev', 'core');
    network.ip('mag', 'address', 'add', `${GATEWAY}/24`, 'dev', 'core');
    tap = network.within('mag', () => {
      const fd = posix.check('socket', posix.socket(posix.AF_PACKET, posix.SOCK_RAW, 0));
      const name = posix.sockaddrLl(posix.ifNameToIndex('core'), posix.ETH_P_ALL);
      posix.check('bind', posix.bind(fd, name, name.length));
      return fd;
    });
  });
  afterEach(async () => {
    posix.close(tap);
    await network.remove();
  });

  const start = async () => {
    const write = (name: string, text: string) => {
      const file = join(network.directory, name);
      writeFileSync(file, text);
      return file;
    };
    lma = network.start('lma', write('lma.cfg', lmaConfiguration), 'lma.sock');
    mag = network.start('mag', write('mag.cfg', magConfiguration), 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
    network.transmit(encodeLayer2Update(station));
  };
  const active = () => eventually(async () => (await magBindings()).find(({ state }) => state === 'ACTIVE'));

  /** The signalling that passed, as tshark reads it: a row of `FIELDS` for each packet. */
  const dissected = (): string[][] => {
    const writer = new PcapWriter(LinkType.ETHERNET);
    const records: Uint8Array[] = [];
    for (const frame = Buffer.alloc(4096); ; ) {
      const length = posix.recv(tap, frame, frame.length, posix.MSG_DONTWAIT);
      if (length < 0) break;
      records.push(writer.record({ at: records.length, bytes: Uint8Array.from(frame.subarray(0, length)) }));
    }
    const file = join(network.directory, 'core.pcap');
    writeFileSync(file, concatBytes(writer.header(), ...records));
    const fields = FIELDS.flatMap((field) => ['-e', field]);
    const run = spawnSync('tshark', ['-r', file, '-Y', 'udp.port == 5436', '-T', 'fields', ...fields], {
      encoding: 'utf8',
    });
    expect(run.status, run.stderr).toBe(0);
    return run.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'));
  };

  it('[RFC 5844 §4.1.3] registers and de-registers a mobile node', async () => {
    await start();
    const row = await active();
    expect(row).toMatchObject({ nai: station.toCiscoString(), hnps: ['2001:db8:f00d::/64'] });
    expect(await lmaBindings()).toMatchObject([
      { nai: row.nai, hoa: row.hoa, careOfAddresses: [{ peer: 'M1', address: GATEWAY }] },
    ]);
    mag.kill('SIGTERM');
    expect(await mag.ended).toBe(0);
    expect(await lmaBindings()).toMatchObject([{ nai: row.nai, state: 'deleting' }]);
    if (!hasTshark) return;
    const there = [GATEWAY, ANCHOR, '5436', '5436', '5', '0x0000', ''];
    const back = [ANCHOR, GATEWAY, '5436', '5436', '6', '0x0000', ''];
    expect(dissected()).toEqual([there, back, there, back]);
  }, 30_000);
});
