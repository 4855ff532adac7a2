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
import { decodeMobilityHeader } from '#wire/mobility/index.ts';
import { LinkType, PcapWriter } from '#wire/pcap.ts';
import { type Daemon, eventually, Network, obstacle } from './network.ts';

const ANCHOR = '10.8.0.101';
const GATEWAY = '10.8.0.15';
const station = MacAddress.parse('00:24:d7:8e:21:a4') as MacAddress;
/** In a frame: Ethernet, IPv4 without options, UDP. */
const ETHER_TYPE_AT = 12;
const PORT_AT = 36;
const HEADERS = 42;
const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const FIELDS = [
  'ip.src',
  'ip.dst',
  'udp.srcport',
  'udp.dstport',
  'mip6.mhtype',
  'mip6.csum',
  'mip6.auth.mobility_spi',
  '_ws.malformed',
];

function lmaConfiguration(authentication: string): string {
  return `
ip local pool V4 192.0.2.1 192.0.2.253
ipv6 local pool V6 2001:db8:f00d::/48 64
ipv6 mobile pmipv6-domain D1
  ${authentication}
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
}

function magConfiguration(authentication: string): string {
  return `
ipv6 mobile pmipv6-domain D1
  ${authentication}
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
}

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

  const start = async (ofLma: string, ofMag: string) => {
    const write = (name: string, text: string) => {
      const file = join(network.directory, name);
      writeFileSync(file, text);
      return file;
    };
    lma = network.start('lma', write('lma.cfg', lmaConfiguration(ofLma)), 'lma.sock');
    mag = network.start('mag', write('mag.cfg', magConfiguration(ofMag)), 'mag.sock');
    await Promise.all([lma.ready(), mag.ready()]);
    network.transmit(encodeLayer2Update(station));
  };
  const active = () => eventually(async () => (await magBindings()).find(({ state }) => state === 'ACTIVE'));

  /** The frames of signalling that passed. */
  const captured = (): Buffer[] => {
    const frames: Buffer[] = [];
    for (const frame = Buffer.alloc(4096); ; ) {
      const length = posix.recv(tap, frame, frame.length, posix.MSG_DONTWAIT);
      if (length < 0)
        return frames.filter((bytes) => bytes[ETHER_TYPE_AT] === 8 && bytes.readUInt16BE(PORT_AT) === 5436);
      frames.push(Buffer.from(frame.subarray(0, Math.max(length, PORT_AT + 2))));
    }
  };

  /** What tshark reads: a row of `FIELDS` for each frame. */
  const dissected = (frames: readonly Uint8Array[]): string[][] => {
    const writer = new PcapWriter(LinkType.ETHERNET);
    const records = frames.map((bytes, at) => writer.record({ at, bytes }));
    const file = join(network.directory, 'core.pcap');
    writeFileSync(file, concatBytes(writer.header(), ...records));
    const fields = FIELDS.flatMap((field) => ['-e', field]);
    const run = spawnSync('tshark', ['-r', file, '-T', 'fields', ...fields], {
      encoding: 'utf8',
    });
    expect(run.status, run.stderr).toBe(0);
    return run.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'));
  };

  it.each([
    ['without authentication', '', ''],
    ['with authentication', 'auth-option spi 67 key ascii key1', '103'],
  ])(
    '[RFC 5844 §4.1.3, §4.2.2.1(1), §4.1.3.2(1)] registers and de-registers a mobile node %s',
    async (_name, authentication, spi) => {
      await start(authentication, authentication);
      const row = await active();
      expect(row).toMatchObject({ nai: station.toCiscoString(), hnps: ['2001:db8:f00d::/64'] });
      expect(await lmaBindings()).toMatchObject([
        { nai: row.nai, hoa: row.hoa, careOfAddresses: [{ peer: 'M1', address: GATEWAY }] },
      ]);
      mag.kill('SIGTERM');
      expect(await mag.ended).toBe(0);
      expect(await lmaBindings()).toMatchObject([{ nai: row.nai, state: 'deleting' }]);
      const frames = captured();
      const messages = frames.map((frame) => decodeMobilityHeader(frame.subarray(HEADERS)));
      const last = messages.flatMap((each) =>
        each.ok && 'options' in each.value ? [each.value.options.at(-1)?.kind] : [],
      );
      expect(last.map((kind) => kind === 'authentication')).toEqual(new Array(4).fill(authentication !== ''));
      if (!hasTshark) return;
      const there = [GATEWAY, ANCHOR, '5436', '5436', '5', '0x0000', spi, ''];
      const back = [ANCHOR, GATEWAY, '5436', '5436', '6', '0x0000', spi, ''];
      expect(dissected(frames)).toEqual([there, back, there, back]);
    },
    30_000,
  );

  it.each([
    ['another key', 'auth-option spi 67 key ascii key2', 'MIPV6_AUTH_FAIL'],
    ['another SPI', 'auth-option spi 68 key ascii key1', 'pbu-not-authentic'],
    ['no authentication', '', 'pbu-not-authentic'],
  ])(
    '[RFC 4285 §5.1] refuses a MAG with %s',
    async (_name, ofMag, expected) => {
      await start('auth-option spi 67 key ascii key1', ofMag);
      await eventually(async () => lma.output.includes(expected) || undefined);
      expect(await lmaBindings()).toEqual([]);
      expect((await magBindings()).filter(({ state }) => state === 'ACTIVE')).toEqual([]);
    },
    30_000,
  );
});
