/** What we send, read by tshark: every message and option, over both transports, with no malformed mark. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatBytes } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import {
  encodeMobilityHeader,
  type MobilityMessage,
  type MobilityOption,
  setMobilityChecksum,
} from '#wire/mobility/index.ts';
import { LinkType, PcapWriter } from '#wire/pcap.ts';
import { encodeUdp } from '#wire/udp.ts';
import { LAST_OPTION_SAMPLES, messageSamples, OPTION_SAMPLES } from './mobility/samples.ts';
import { TSHARK_DEFECTS } from './tshark-defects.ts';

const source6 = Ipv6Address.parse('2001:db8:cafe:1025::15') as Ipv6Address;
const destination6 = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
const source4 = Ipv4Address.parse('10.8.25.15') as Ipv4Address;
const destination4 = Ipv4Address.parse('10.8.24.101') as Ipv4Address;
const PORT = 5436;

/** Option groups as a peer would see them together; each goes into every message. */
const optionGroups: readonly (readonly MobilityOption[])[] = [
  [],
  OPTION_SAMPLES,
  ...OPTION_SAMPLES.map((option) => [option]),
  ...LAST_OPTION_SAMPLES.map((option) => [...OPTION_SAMPLES.slice(0, 3), option]),
];

const messages: readonly MobilityMessage[] = optionGroups.flatMap((options) => messageSamples(options));

const overIpv6 = (message: MobilityMessage): Uint8Array => {
  const payload = encodeMobilityHeader(message);
  setMobilityChecksum(source6, destination6, payload);
  return encodeIpv6({ nextHeader: 135, hopLimit: 64, source: source6, destination: destination6, payload });
};

const overUdp = (message: MobilityMessage): Uint8Array => {
  const ports = { sourcePort: PORT, destinationPort: PORT };
  const addresses = { source: source4, destination: destination4 };
  const payload = encodeUdp({ ...ports, ...addresses, payload: encodeMobilityHeader(message) });
  return encodeIpv4({ protocol: 17, ttl: 64, ...addresses, payload });
};

const hasTshark = spawnSync('tshark', ['--version']).status === 0;

describe.skipIf(!hasTshark)(`tshark${hasTshark ? '' : ' is not installed: skipped'}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'mooring-tshark-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  describe.each([
    ['IPv6', overIpv6],
    ['UDP port 5436', overUdp],
  ])('over %s', (transport, packet) => {
    const file = join(directory, `${transport.replaceAll(' ', '-')}.pcap`);
    let rows: string[][] = [];
    beforeAll(() => {
      const writer = new PcapWriter(LinkType.RAW);
      const records = messages.map((message, i) =>
        writer.record({ at: 1_700_000_000_000 + i, bytes: packet(message) }),
      );
      writeFileSync(file, concatBytes(writer.header(), ...records));
      rows = fieldsOf(file, [
        'mip6.mhtype',
        '_ws.malformed',
        'mip6.csum',
        '_ws.expert.message',
        'mip6.bu.seqnr',
        'mip6.bu.lifetime',
      ]);
    });

    it('dissects every packet, none of them malformed', () => {
      expect(rows).toHaveLength(messages.length);
      const malformed = rows.flatMap((row, i) => (row[1] === '' || isDefect(i) ? [] : [describePacket(i, row)]));
      expect(malformed).toEqual([]);
    });

    it('sees the type of each message', () => {
      const types = rows.map((row) => Number(row[0]));
      expect(types).toEqual(messages.map((message) => encodeMobilityHeader(message)[2]));
    });

    it('sees the sequence number of each Binding Update', () => {
      const updates = rows.filter((_row, i) => messages[i]?.kind === 'binding-update');
      expect(new Set(updates.map((row) => row[4]))).toEqual(new Set([String(0x0102)]));
    });
  });
});

function isDefect(index: number): boolean {
  return TSHARK_DEFECTS.has((messages[index] as MobilityMessage).kind);
}

function describePacket(index: number, row: readonly string[]): string {
  const message = messages[index] as MobilityMessage;
  const options = 'options' in message ? message.options.map((option) => option.kind).join(', ') : '';
  return `packet ${index + 1}: ${message.kind} with ${options}: ${row[3]}`;
}

function fieldsOf(file: string, fields: readonly string[]): string[][] {
  const run = spawnSync('tshark', ['-r', file, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  expect(run.status, run.stderr).toBe(0);
  return run.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}
