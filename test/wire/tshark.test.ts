/** What we send, read by tshark: every message and option, over both transports, with no malformed mark. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatBytes } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { SeededRandom } from '#base/random.ts';
import { seconds } from '#base/time.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import {
  BindingAcknowledgementFlag,
  BindingRevocationFlag,
  BindingStatus,
  BindingUpdateFlag,
  encodeMobilityHeader,
  type MobilityMessage,
  type MobilityOption,
  RevocationStatus,
  RevocationTrigger,
  setMobilityChecksum,
} from '#wire/mobility/index.ts';
import { LinkType, PcapWriter } from '#wire/pcap.ts';
import { encodeUdp } from '#wire/udp.ts';
import { LAST_OPTION_SAMPLES, messageSamples, OPTION_SAMPLES } from './mobility/samples.ts';
import { TSHARK_DEFECTS, TSHARK_FIELD_DEFECTS, TSHARK_OPTION_DEFECTS } from './tshark-defects.ts';
import { expectedFields, normalized } from './tshark-fields.ts';

const source6 = Ipv6Address.parse('2001:db8:cafe:1025::15') as Ipv6Address;
const destination6 = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
const source4 = Ipv4Address.parse('10.8.25.15') as Ipv4Address;
const destination4 = Ipv4Address.parse('10.8.24.101') as Ipv4Address;
const PORT = 5436;
/** Between the values of a field that a packet has more than once. */
const SEPARATOR = '|';

/** Options that tshark can skip; it cannot read past the others, so that each of them comes alone. */
const skippable = OPTION_SAMPLES.filter(({ kind }) => !TSHARK_OPTION_DEFECTS.has(kind));
const random = new SeededRandom(3);

/** Option groups as a peer would see them together; each goes into every message. */
const optionGroups: readonly (readonly MobilityOption[])[] = [
  [],
  skippable,
  ...OPTION_SAMPLES.map((option) => [option]),
  ...LAST_OPTION_SAMPLES.map((option) => [...skippable.slice(0, 3), option]),
  ...Array.from({ length: 24 }, () => skippable.filter(() => random.nextU32() % 6 === 0)),
  ...Array.from({ length: 8 }, () => skippable.toReversed().filter(() => random.nextU32() % 6 === 0)),
];

const none: readonly MobilityOption[] = [];
const noTime = seconds(0);

const messages: readonly MobilityMessage[] = [
  ...optionGroups.flatMap((options) => messageSamples(options)),
  ...values(BindingUpdateFlag).map(
    (flags) => ({ kind: 'binding-update', sequence: flags, flags, lifetime: seconds(4), options: none }) as const,
  ),
  ...values(BindingStatus).map(
    (status) =>
      ({
        kind: 'binding-acknowledgement',
        status,
        flags: 0x20,
        sequence: status,
        lifetime: noTime,
        options: none,
      }) as const,
  ),
  ...values(BindingAcknowledgementFlag).map(
    (flags) =>
      ({
        kind: 'binding-acknowledgement',
        status: 0,
        flags,
        sequence: 9,
        lifetime: seconds(8),
        options: none,
      }) as const,
  ),
  ...values(RevocationTrigger).flatMap((trigger) =>
    [0, ...values(BindingRevocationFlag)].map(
      (flags) => ({ kind: 'binding-revocation-indication', trigger, sequence: trigger, flags, options: none }) as const,
    ),
  ),
  ...values(RevocationStatus).flatMap((status) =>
    [0, ...values(BindingRevocationFlag)].map(
      (flags) =>
        ({ kind: 'binding-revocation-acknowledgement', status, sequence: status, flags, options: none }) as const,
    ),
  ),
  ...[0, 1, 2, 3].map(
    (bits) =>
      ({
        kind: 'heartbeat',
        response: bits > 1,
        unsolicited: bits % 2 > 0,
        sequence: 2 ** 31 + bits,
        options: none,
      }) as const,
  ),
];

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
    let rows: Map<string, string>[] = [];
    beforeAll(() => {
      const writer = new PcapWriter(LinkType.RAW);
      const records = messages.map((message, i) =>
        writer.record({ at: 1_700_000_000_000 + i, bytes: packet(message) }),
      );
      writeFileSync(file, concatBytes(writer.header(), ...records));
      rows = fieldsOf(file, ['mip6.mhtype', '_ws.malformed', '_ws.expert.message', ...fieldNames]);
    });

    it('dissects every packet, none of them malformed', () => {
      expect(rows).toHaveLength(messages.length);
      const malformed = rows.flatMap((row, i) =>
        row.get('_ws.malformed') === '' || isDefect(i) ? [] : [describePacket(i, row)],
      );
      expect(malformed).toEqual([]);
    });

    it('sees the type of each message', () => {
      const types = rows.map((row) => Number(row.get('mip6.mhtype')));
      expect(types).toEqual(messages.map((message) => encodeMobilityHeader(message)[2]));
    });

    it('reads in each field what we wrote', () => {
      const wrong = rows.flatMap((row, i) => (isDefect(i) ? [] : differences(i, row)));
      expect(wrong).toEqual([]);
    });
  });
});

const fieldNames = [...new Set(messages.flatMap((message) => [...expectedFields(message).keys()]))];

function values(numbers: Readonly<Record<string, number>>): readonly number[] {
  return Object.values(numbers);
}

function differences(index: number, row: ReadonlyMap<string, string>): string[] {
  const message = messages[index] as MobilityMessage;
  return [...expectedFields(message)].flatMap(([name, wanted]) => {
    const seen = (row.get(name) ?? '').split(SEPARATOR).map(normalized);
    if (seen.join() === wanted.join() || TSHARK_FIELD_DEFECTS.has(name)) return [];
    return [`packet ${index + 1}: ${message.kind}: ${name} is ${seen}, not ${wanted}`];
  });
}

function isDefect(index: number): boolean {
  const message = messages[index] as MobilityMessage;
  if (TSHARK_DEFECTS.has(message.kind)) return true;
  return 'options' in message && message.options.some(({ kind }) => TSHARK_OPTION_DEFECTS.has(kind));
}

function describePacket(index: number, row: ReadonlyMap<string, string>): string {
  const message = messages[index] as MobilityMessage;
  const options = 'options' in message ? message.options.map((option) => option.kind).join(', ') : '';
  return `packet ${index + 1}: ${message.kind} with ${options}: ${row.get('_ws.expert.message')}`;
}

function fieldsOf(file: string, fields: readonly string[]): Map<string, string>[] {
  const form = ['-T', 'fields', '-E', `aggregator=${SEPARATOR}`];
  const run = spawnSync('tshark', ['-r', file, ...form, ...fields.flatMap((field) => ['-e', field])], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
    maxBuffer: 64 << 20,
  });
  expect(run.status, run.stderr).toBe(0);
  return run.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => new Map(line.split('\t').map((text, i) => [fields[i] as string, text])));
}
