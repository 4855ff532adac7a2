import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { capturedText } from '#cli/shell/capture-commands.ts';
import { captureFile } from '#daemon/capture/capture-file.ts';
import type { CapturedMessageRow, CapturedPacketRow } from '#daemon/capture/requests.ts';
import { readCapture } from '#wire/capture.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { BindingUpdateFlag, encodeMobilityHeader, type MobilityMessage } from '#wire/mobility/index.ts';
import { encodeUdp, UDP_PROTOCOL } from '#wire/udp.ts';

const ip6 = (text: string) => Ipv6Address.parse(text) as Ipv6Address;
const update: MobilityMessage = {
  kind: 'binding-update',
  sequence: 7,
  flags: BindingUpdateFlag.A | BindingUpdateFlag.P,
  lifetime: seconds(3600),
  options: [
    { kind: 'mobile-node-identifier', subtype: 1, identifier: new TextEncoder().encode('mn1@example.com') },
    { kind: 'home-network-prefix', prefix: Ipv6Prefix.parse('2001:db8:f00d::/64') as Ipv6Prefix, offLink: false },
    { kind: 'handoff-indicator', indicator: 4 },
    { kind: 'access-technology-type', accessTechnology: 4 },
    { kind: 'mobile-node-link-layer-identifier', identifier: Uint8Array.of(0, 0x24, 0xd7, 0x8e, 0x21, 0xa4) },
    {
      kind: 'ipv4-home-address-request',
      prefixLength: 24,
      address: Ipv4Address.parse('192.0.2.1') as Ipv4Address,
    },
  ],
};
const heartbeat: MobilityMessage = {
  kind: 'heartbeat',
  response: false,
  unsolicited: false,
  sequence: 9,
  options: [],
};

const row = (message: MobilityMessage, change: Partial<CapturedMessageRow> = {}): CapturedMessageRow => ({
  kind: 'message',
  at: Date.UTC(2026, 0, 1, 12) + 250,
  direction: 'sent',
  local: '2001:db8::15',
  remote: '2001:db8::101',
  port: null,
  octets: Buffer.from(encodeMobilityHeader(message)).toString('base64'),
  ...change,
});
const ends = { source: ip6('2001:db8:f00d::1'), destination: ip6('2001:db8:ffff::80') };
const inner = encodeIpv6({
  ...ends,
  nextHeader: UDP_PROTOCOL,
  hopLimit: 64,
  payload: encodeUdp({ ...ends, sourcePort: 4000, destinationPort: 5000, payload: new Uint8Array(1000) }),
});
const outer = encodeIpv6({
  source: ip6('2001:db8::15'),
  destination: ip6('2001:db8::101'),
  nextHeader: 41,
  hopLimit: 64,
  payload: inner,
});
const packet = (octets: Uint8Array, change: Partial<CapturedPacketRow> = {}): CapturedPacketRow => ({
  kind: 'packet',
  at: Date.UTC(2026, 0, 1, 12) + 250,
  direction: 'sent',
  interface: 'core',
  binding: '"mn1@example.com", 0024d78e21a4, 2001:db8:f00d::/64',
  tunnelled: false,
  length: octets.length,
  octets: Buffer.from(octets.subarray(0, 128)).toString('base64'),
  ...change,
});
const rows = [
  row(update),
  row(heartbeat),
  row(update, { direction: 'received', local: '192.0.2.101', remote: '192.0.2.15', port: 40_000 }),
  packet(inner, { direction: 'received', interface: 'wlan0' }),
  packet(outer, { tunnelled: true }),
];

async function written(): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of captureFile([rows.slice(0, 2), rows.slice(2)])) pieces.push(piece);
  return Buffer.concat(pieces);
}

const missing = spawnSync('tshark', ['--version']).status === 0 ? '' : 'needs tshark';

describe('a capture of signalling and data', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mooring-capture-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is a pcapng file that reads back, packet for packet', async () => {
    const read = readCapture(await written());
    expect(read.ok && read.value.packets.map(({ seconds: at, nanoseconds }) => [at, nanoseconds])).toEqual(
      rows.map(() => [Date.UTC(2026, 0, 1, 12) / 1000, 250_000_000]),
    );
  });

  it.skipIf(missing !== '')(
    `opens in Wireshark, with comments that name the binding (${missing || 'tshark'})`,
    async () => {
      const file = join(directory, 'signalling.pcapng');
      writeFileSync(file, await written());
      const fields = [
        ...['frame.comment', 'frame.packet_flags_direction', 'mip6.mhtype', '_ws.malformed'],
        ...['frame.interface_name', 'frame.len', 'frame.cap_len', 'udp.dstport'],
      ];
      const command = [
        '-n',
        '-r',
        file,
        '-T',
        'fields',
        '-E',
        'separator=|',
        ...fields.flatMap((field) => ['-e', field]),
      ];
      const printed = execFileSync('tshark', command, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      const binding = 'binding of "mn1@example.com", 0024d78e21a4, 2001:db8:f00d::/64';
      expect(printed.trimEnd().split('\n')).toEqual([
        expect.stringMatching(
          /^PBU sent; binding of "mn1@example.com", 0024d78e21a4, 192.0.2.1, 2001:db8:f00d::\/64\|0x00000002\|5\|\|signalling\|/,
        ),
        expect.stringMatching(/^Heartbeat sent; path to 2001:db8::101\|0x00000002\|13\|\|signalling\|/),
        expect.stringMatching(/^PBU received; .*\|0x00000001\|5\|\|signalling\|/),
        `data received; ${binding}|0x00000001|||wlan0|1048|128|5000`,
        `data in a tunnel sent; ${binding}|0x00000002|||core|1088|128|5000`,
      ]);
    },
  );

  it('is shown in lines, or with all fields', () => {
    expect(capturedText(rows, false).split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^ {3}0 {5}0\.000000 {2}2001:db8::15 → 2001:db8::101 {2}PBU seq 7 /),
      expect.stringMatching(/^ {3}1 {5}0\.000000 {2}2001:db8::15 → 2001:db8::101 {2}.*seq 9/),
    ]);
    const detailed = capturedText(rows, true);
    expect(detailed).toContain('Message 0, 2026-01-01T12:00:00.250Z, sent\n');
    expect(detailed).toContain('(correct)');
    expect(detailed).toContain(
      'Packet 4, 2026-01-01T12:00:00.250Z, sent\n    2001:db8::15 → 2001:db8::101  data in a tunnel, 1088 octets, sent on core\n',
    );
    expect(detailed).not.toContain('Malformed');
  });
});
