/** What leaves the loaded programs in each encapsulation, read by tshark. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { concatBytes } from '#base/bytes.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { LinkType, PcapWriter } from '#wire/pcap.ts';
import { anchored, CORRESPONDENT4, CORRESPONDENT6, ipv4, ipv6, node } from './bed.ts';
import { TUNNELS } from './encapsulations.ts';
import { type KernelBed, kernelBed, kernelBedMissing, NODE_NAMESPACE } from './kernel-bed.ts';
import { FIRST_AND_LAST as FLAGS, largeSegment, withoutOffloads } from './large-segment.ts';
import { udpPacket } from './packets.ts';

const SCRIPT = fileURLToPath(new URL('../../tools/tshark/pmipv6-tlv.lua', import.meta.url));
const FIELDS = [
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'gre.key',
  'udp.dstport',
  'ip.checksum.status',
  'udp.checksum.status',
  'pmipv6_tlv.next_header',
  'tcp.checksum.status',
  'tcp.len',
  'tcp.seq_raw',
  'tcp.flags',
  'tcp.payload',
  'frame.len',
  '_ws.malformed',
  '_ws.expert.severity',
] as const;
type Row = Record<(typeof FIELDS)[number], string>;
const ERROR = '8388608';
const GOOD = '1';
const INNER_PORT = 6000;
/** Octets of data in each segment, and in large ones; behind the TLV header also in those that segments divide evenly, and in the largest. */
const SEGMENT = 1300;
const LARGE = [5000];
const LARGE_IN_TLV = [...LARGE, 5200, 61_100, 64_000];

type Case = (typeof TUNNELS)[number] & (typeof flows)[number];

const missing = spawnSync('tshark', ['--version']).status === 0 ? kernelBedMissing() : 'needs tshark';
const flows = [
  { family: 4, source: CORRESPONDENT4, destination: ipv4('192.0.2.1') },
  { family: 6, source: CORRESPONDENT6, destination: ipv6('2001:db8:f00d:1::1234') },
] as const;

describe.skipIf(missing)(`tshark reads what leaves${missing ? ` (${missing})` : ''}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'mooring-tshark-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('[RFC 5845 §7.2, §7.1] in every encapsulation with right addresses, keys, ports and checksums', () => {
    const cases = TUNNELS.flatMap((tunnel) => flows.map((flow) => ({ ...tunnel, ...flow })));
    for (const isTlv of [false, true]) {
      const some = cases.filter((one) => isTlv === isWithTlv(one));
      const rows = dissected(join(directory, `${isTlv}.pcap`), departed(some), isTlv ? 'pmipv6-tlv' : 'ip');
      expect(rows).toHaveLength(some.length);
      for (const [i, { name, family, ends, encapsulation, source, destination }] of some.entries()) {
        const row = rows[i] as Row;
        const title = `IPv${family} in ${name}`;
        const outer = ends.local instanceof Ipv6Address ? 6 : 4;
        const sources = { 4: [] as string[], 6: [] as string[] };
        const destinations = { 4: [] as string[], 6: [] as string[] };
        sources[outer].push(`${ends.local}`);
        destinations[outer].push(`${ends.remote}`);
        sources[family].push(`${source}`);
        destinations[family].push(`${destination}`);
        const gre =
          encapsulation.kind === 'gre' ? encapsulation : encapsulation.kind === 'udp' ? encapsulation.gre : undefined;
        const ports = encapsulation.kind === 'udp' ? [encapsulation.remotePort, INNER_PORT] : [INNER_PORT];
        expect(row, title).toMatchObject({
          'ip.src': sources[4].join('|'),
          'ip.dst': destinations[4].join('|'),
          'ipv6.src': sources[6].join('|'),
          'ipv6.dst': destinations[6].join('|'),
          'gre.key': gre?.keys ? `0x${gre.keys.send.toString(16).padStart(8, '0')}` : '',
          'udp.dstport': ports.join('|'),
          'ip.checksum.status': sources[4].map(() => GOOD).join('|'),
          'pmipv6_tlv.next_header': isTlv ? `${gre ? 47 : family === 4 ? 4 : 41}` : '',
          '_ws.malformed': '',
        });
        expect(row['udp.checksum.status'].split('|').at(-1), title).toBe(GOOD);
        expect(row['udp.checksum.status'].split('|'), title).not.toContain('0');
        expect(row['_ws.expert.severity'].split('|'), title).not.toContain(ERROR);
      }
    }
  });

  it.each([
    ['in every encapsulation', TUNNELS, node],
    ['past the stack', TUNNELS.filter(isWithTlv), { ...node, correspondentInterfaces: ['inet'], express: true }],
  ] as const)(
    'the segments of a large one %s, cut on the way out, in order with right checksums and lengths',
    (_, tunnels, forwarding) => {
      const cases = tunnels.flatMap((tunnel) => flows.map((flow) => ({ ...tunnel, ...flow })));
      const bed = kernelBed({ forwarding });
      const left = (() => {
        try {
          withoutOffloads(NODE_NAMESPACE, 'core');
          return cases.flatMap((one) => {
            carry(bed, one);
            return (isWithTlv(one) ? LARGE_IN_TLV : LARGE).map((octets) => {
              const large = largeSegment(one.source, one.destination, octets, FLAGS.all);
              const packets = bed.exchangeLarge(large, SEGMENT).map(({ packet }) => packet);
              return { one, packets, data: large.subarray(-octets) };
            });
          });
        } finally {
          bed.close();
        }
      })();
      for (const isTlv of [false, true]) {
        const some = left.filter(({ one }) => isTlv === isWithTlv(one));
        const packets = some.flatMap((each) => each.packets);
        if (some.length === 0) continue;
        const rows = dissected(join(directory, `large-${isTlv}.pcap`), packets, isTlv ? 'pmipv6-tlv' : 'ip');
        for (const { one, packets, data } of some) {
          const title = `${data.length} octets, IPv${one.family} in ${one.name}`;
          const own = rows.splice(0, packets.length);
          const count = Math.ceil(data.length / SEGMENT);
          expect(own, title).toHaveLength(count);
          expect(own.map((row) => row['tcp.payload']).join(''), title).toBe(Buffer.from(data).toString('hex'));
          for (const [i, row] of own.entries()) {
            const flags = i === 0 ? FLAGS.first : i === count - 1 ? FLAGS.last : FLAGS.middle;
            expect(Number(row['tcp.flags']), title).toBe(flags);
            expect(Number(row['tcp.seq_raw']), title).toBe(1 + i * SEGMENT);
            expect(Number(row['tcp.len']), title).toBeLessThanOrEqual(SEGMENT);
            expect(Number(row['frame.len']), title).toBeLessThanOrEqual(1500);
            expect(row['tcp.checksum.status'], title).toBe(GOOD);
            expect(new Set(row['ip.checksum.status'].split('|').filter((text) => text !== '')), title).not.toContain(
              '0',
            );
            expect(row['udp.checksum.status'].split('|'), title).not.toContain('0');
            expect(row['_ws.malformed'], title).toBe('');
            expect(row['_ws.expert.severity'].split('|'), title).not.toContain(ERROR);
          }
        }
      }
    },
  );

  it('[RFC 5845 §7.2] and a datagram put together by hand from the figures', () => {
    const inner = udpPacket(CORRESPONDENT4, ipv4('192.0.2.1'));
    const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
    const length = (n: number) => Uint8Array.of(n >> 8, n & 255);
    const made = (stated: number) =>
      concatBytes(
        octets('4500'),
        length(20 + 8 + 4 + 8 + inner.length),
        octets('00004000401100000a0819650a08180f'), // no checksum of the IP header
        octets('153d153d'),
        length(8 + 4 + 8 + inner.length),
        octets('0000'),
        octets('002f'),
        length(stated),
        octets('2000080001020304'),
        inner,
      );
    const right = 8 + inner.length;
    const rows = dissected(join(directory, 'hand.pcap'), [made(right), made(right - 1)], 'pmipv6-tlv');
    expect(rows[0]).toMatchObject({ 'gre.key': '0x01020304', 'pmipv6_tlv.next_header': '47', '_ws.malformed': '' });
    expect(rows.map((row) => row['ip.src'].split('|')[1])).toEqual(rows.map(() => `${CORRESPONDENT4}`));
    const malformed = rows.map((row) => row['_ws.expert.severity'].split('|').filter((text) => text === ERROR).length);
    expect((malformed[1] as number) - (malformed[0] as number)).toBe(1);
  });
});

function isWithTlv({ encapsulation }: Pick<Case, 'encapsulation'>): boolean {
  return encapsulation.kind === 'udp' && encapsulation.tlvHeader;
}

function carry(bed: KernelBed, { encapsulation, ends }: Case): void {
  const paths = [{ encapsulation, local: ends.local, remote: ends.remote }] as typeof anchored.paths;
  expect(bed.plane.apply([{ kind: 'set', forwarding: { ...anchored, paths } }]).failed).toEqual([]);
}

function departed(cases: readonly Case[]): Uint8Array[] {
  const bed = kernelBed();
  try {
    return cases.flatMap((one) => {
      const { source, destination } = one;
      carry(bed, one);
      return bed.exchange({ from: 'core', packet: udpPacket(source, destination) }).map(({ packet }) => packet);
    });
  } finally {
    bed.close();
  }
}

/** UDP at the ports of tunnels is read as `payload`. */
function dissected(file: string, packets: readonly Uint8Array[], payload: string): Row[] {
  const writer = new PcapWriter(LinkType.RAW);
  const records = packets.map((bytes, i) => writer.record({ at: 1_700_000_000_000 + i, bytes }));
  writeFileSync(file, concatBytes(writer.header(), ...records));
  const checks = ['ip', 'udp', 'tcp'].map((protocol) => `${protocol}.check_checksum:TRUE`);
  // The connections of all cases have the same ports.
  const preferences = [...checks, 'tcp.analyze_sequence_numbers:FALSE', 'tcp.desegment_tcp_streams:FALSE'];
  const ports = [5436, 5437].flatMap((port) => ['-d', `udp.port==${port},${payload}`]);
  const form = ['-T', 'fields', '-E', 'aggregator=|', ...FIELDS.flatMap((field) => ['-e', field])];
  const run = spawnSync(
    'tshark',
    ['-X', `lua_script:${SCRIPT}`, '-r', file, ...preferences.flatMap((one) => ['-o', one]), ...ports, ...form],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 24,
    },
  );
  expect(run.status, run.stderr).toBe(0);
  return run.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => Object.fromEntries(line.split('\t').map((text, i) => [FIELDS[i], text])) as Row);
}
