import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { concatBytes, fromHex, toHex } from '#base/bytes.ts';
import { runDecode } from '#cli/decode.ts';
import { runEncode } from '#cli/encode.ts';
import { readCapture } from '#wire/capture.ts';
import { encodeEthernet } from '#wire/ethernet.ts';
import { encodeGre } from '#wire/gre.ts';
import { encodeIpv4 } from '#wire/ipv4.ts';
import { encodeIpv6 } from '#wire/ipv6.ts';
import { encodeMobilityHeader, setMobilityChecksum } from '#wire/mobility/index.ts';
import { PcapngWriter } from '#wire/pcapng-writer.ts';
import { encodeTlvTunnel } from '#wire/tlv-header.ts';
import { encodeUdp } from '#wire/udp.ts';
import { LAST_OPTION_SAMPLES, messageSamples, OPTION_SAMPLES } from '../wire/mobility/samples.ts';
import { decodedValue } from '../wire/vector.ts';
import { address4, address6, mac } from './encode-addresses.ts';
import { CAPTURED } from './encode-captured.ts';

const directory = mkdtempSync(join(tmpdir(), 'mooring-encode-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let files = 0;
function saved(content: string | Uint8Array): string {
  const path = join(directory, `${files++}`);
  writeFileSync(path, content);
  return path;
}

interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly bytes: Uint8Array;
  readonly error: string;
}

function encode(content: string, format: 'hex' | 'pcap' | 'pcapng' = 'hex', output?: string): Outcome {
  return encodeFile(saved(content), format, output);
}

function encodeFile(path: string, format: 'hex' | 'pcap' | 'pcapng' = 'hex', output?: string): Outcome {
  let [out, error] = ['', ''];
  let bytes: Uint8Array = new Uint8Array(0);
  const status = runEncode(path, output === undefined ? { format } : { format, output }, {
    out: (text) => {
      out += text;
    },
    outBytes: (octets) => {
      bytes = octets;
    },
    error: (text) => {
      error += text;
    },
  });
  return { status, out, bytes, error };
}

function decodeJson(...args: string[]): string {
  let json = '';
  runDecode(['--json', ...args], {
    out: (text) => {
      json += text;
    },
    error: () => undefined,
  });
  return json;
}

const [here, there] = [address6('2001:db8::15'), address6('2001:db8::101')];
const [here4, there4] = [address4('10.8.25.15'), address4('10.8.24.101')];
const inIpv6 = (nextHeader: number, payload: Uint8Array) =>
  encodeIpv6({ nextHeader, hopLimit: 64, source: here, destination: there, payload });
const inIpv4 = (protocol: number, payload: Uint8Array) =>
  encodeIpv4({ protocol, ttl: 64, source: here4, destination: there4, payload });
const inUdp = (port: number, payload: Uint8Array) =>
  inIpv4(17, encodeUdp({ sourcePort: port, destinationPort: port, source: here4, destination: there4, payload }));
const inFrame = (payload: Uint8Array) =>
  encodeEthernet({ destination: mac, source: mac, tags: [0x6005], etherType: 0x86dd, payload });

const bare = [OPTION_SAMPLES, ...LAST_OPTION_SAMPLES.map((option) => [option])]
  .flatMap((options) => messageSamples(options))
  .map(encodeMobilityHeader);
const signalling = bare.map((message) => {
  const bytes = message.slice();
  setMobilityChecksum(here, there, bytes);
  return inFrame(inIpv6(135, bytes));
});
const overUdp = bare.map((message) => inUdp(5436, message));
const ping = inIpv6(59, new Uint8Array(0));
const tunnelled: readonly (readonly [string, Uint8Array])[] = [
  ['IPv6 in IPv6', inIpv6(41, ping)],
  ['IPv4 in IPv6', inIpv6(4, inIpv4(200, Uint8Array.of(1, 2, 3)))],
  ['IPv6 in IPv4', inIpv4(41, ping)],
  ['GRE with a key', inIpv6(47, encodeGre({ protocol: 0x86dd, checksum: true, key: 7, sequence: 9, payload: ping }))],
  ['UDP port 5437', inUdp(5437, ping)],
  ['UDP port 5437 with a TLV header', inUdp(5437, encodeTlvTunnel({ nextHeader: 41, payload: ping }))],
  ['DHCPv6', inUdp(547, fromHex('0babcdef0001000a000300010200 5e005213 0006000600170018 0020') as Uint8Array)],
];

function captureOf(packets: readonly Uint8Array[], linkType: number): Uint8Array {
  const writer = new PcapngWriter();
  const records = packets.map((bytes, i) =>
    writer.record({ seconds: 1_767_323_045, nanoseconds: 123_456_789 + i, linkType, bytes }),
  );
  return concatBytes(writer.header(), ...records);
}

describe('mooring encode', () => {
  it.each([
    ['every message and option over IPv6', signalling, 1],
    ['every message and option over UDP', overUdp, 101],
    ['tunnelled packets', tunnelled.map(([, bytes]) => bytes), 101],
  ])('gives back the octets of %s from the layers that decode printed', (_what, packets, linkType) => {
    const capture = captureOf(packets, linkType);
    const json = decodeJson('--all', saved(capture));
    expect(json).not.toContain('"octets"');
    expect(encode(json).out.trim().split('\n')).toEqual(packets.map((bytes) => toHex(bytes)));
    expect(encode(json, 'pcapng').bytes).toEqual(capture);
  });

  it('gives back each bare Mobility Header, as layers and as a message', () => {
    for (const bytes of bare) {
      const json = decodeJson(toHex(bytes));
      expect(encode(json).out).toBe(`${toHex(bytes)}\n`);
      expect(encode(JSON.stringify(JSON.parse(json).layers[0].message)).out).toBe(`${toHex(bytes)}\n`);
    }
  });

  it.each(CAPTURED)('gives back a captured packet octet for octet: %s', (_name, hex) => {
    const bytes = fromHex(hex) as Uint8Array;
    const capture = saved(captureOf([bytes], 1));
    expect(encode(decodeJson('--all', capture)).out).toBe(`${toHex(bytes)}\n`);
  });

  it('writes a pcap file whose times are those of the JSON, to the microsecond', () => {
    const path = join(directory, 'out.pcap');
    expect(encode(decodeJson(saved(captureOf(signalling, 1))), 'pcap', path)).toMatchObject({ status: 0, out: '' });
    const { packets, format } = decodedValue(readCapture(readFileSync(path)));
    expect(format).toBe('pcap');
    expect(packets.map(({ bytes }) => toHex(bytes))).toEqual(signalling.map((bytes) => toHex(bytes)));
    expect(packets[0]).toMatchObject({ seconds: 1_767_323_045, nanoseconds: 123_457_000, linkType: 1 });
  });

  it('takes an edited message and computes lengths and checksums anew', () => {
    const json = JSON.parse(decodeJson(saved(captureOf(signalling.slice(5, 6), 1))));
    json.layers[2].message.sequence = 4711;
    json.layers[2].message.options = [{ kind: 'mobile-node-identifier', subtype: 1, identifier: '6d6e' }];
    const { out, status } = encode(JSON.stringify(json, undefined, 2));
    expect(status).toBe(0);
    expect(decodeJson('--all', out.trim())).toContain('"checksumState":"correct"');
    expect(decodeJson('--all', out.trim())).toContain('"sequence":4711');
  });

  it('reads one packet a line, an array of packets, and one packet over several lines', () => {
    const message = { kind: 'binding-refresh-request', options: [] };
    const hex = '3b00000000000000\n';
    expect(encode(`${JSON.stringify(message)}\n\n${JSON.stringify(message)}\n`).out).toBe(hex + hex);
    expect(encode(JSON.stringify([message, message])).out).toBe(hex + hex);
    expect(encode(JSON.stringify(message, undefined, 2)).out).toBe(hex);
  });
});

describe('mooring encode of what it cannot encode', () => {
  const heartbeat = { kind: 'heartbeat', response: true, unsolicited: false, sequence: 7, options: [] };

  it.each([
    ['a missing member', { ...heartbeat, unsolicited: undefined }, 'unsolicited is missing; it would be false'],
    ['an unknown member', { ...heartbeat, colour: 1 }, 'colour is not known here'],
    ['a number that does not fit', { ...heartbeat, sequence: 2 ** 32 + 1 }, 'sequence would be 1, not 4294967297'],
    ['an unknown message', { kind: 'hello' }, 'a member is missing'],
    ['an unknown protocol', { layers: [{ protocol: 'ipx' }] }, 'layers[0].protocol: unknown'],
    ['a text for an address', { kind: 'binding-error', status: 1, homeAddress: 'home', options: [] }, '"home" is no'],
    [
      'a lifetime between two units',
      { kind: 'binding-update', sequence: 1, flags: 0, lifetimeSeconds: 6, options: [] },
      'lifetimeSeconds would be 4, not 6',
    ],
    [
      'an option too long',
      { ...heartbeat, options: [{ kind: 'unknown-option', type: 250, data: '00'.repeat(256) }] },
      '256 octets do not fit',
    ],
    ['octets that are none', { octets: 'xyz' }, 'octets: not hexadecimal'],
    ['nothing', {}, 'neither "layers" nor "octets" nor "kind"'],
    ['a list', [[]], 'is not a JSON object'],
    ['a time of no form', { ...heartbeat, kind: undefined, octets: '00', time: 'noon' }, 'time: not of the form'],
  ])('names %s, with status 1, and encodes the others', (_what, json, text) => {
    const packets = Array.isArray(json) ? json : [json];
    const { status, out, error } = encode(JSON.stringify([...packets, heartbeat]));
    expect(status).toBe(1);
    expect(out).toBe('3b010d00000000010000000701020000\n');
    expect(error).toMatch(/^mooring: [^\n]*: packet 1: [^\n]*\n$/);
    expect(error).toContain(text);
  });

  it('refuses octets and layers that say two things', () => {
    const packet = JSON.parse(decodeJson(toHex(bare[5] as Uint8Array)));
    const changed = { ...packet, octets: toHex(bare[6] as Uint8Array) };
    expect(encode(JSON.stringify(changed)).error).toContain('leave out the one that is not meant');
  });

  it('cannot put a bare Mobility Header into a capture, nor two link types into a pcap file', () => {
    expect(encode(JSON.stringify(heartbeat), 'pcap').error).toContain('is no frame or IP packet');
    const both =
      decodeJson(saved(captureOf(signalling.slice(0, 1), 1))) + decodeJson(saved(captureOf(overUdp.slice(0, 1), 101)));
    expect(encode(both, 'pcap').error).toContain('1 packets of another link type');
    expect(decodedValue(readCapture(encode(both, 'pcapng').bytes)).packets.map(({ linkType }) => linkType)).toEqual([
      1, 101,
    ]);
  });

  it.each([
    ['a directory', () => directory, 'is a directory, not JSON (offset 0)'],
    ['an empty file', () => saved(''), 'offset 0: is empty'],
    ['text', () => saved('hostname lma\nend\n'), 'offset 0: line 1 is not JSON'],
    ['no file', () => join(directory, 'missing'), 'no such file'],
  ])('says on one line that it is %s, with status 1', (_what, name, text) => {
    const path = name();
    const { status, out, error } = encodeFile(path);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(error).toBe(`mooring: ${path}: ${text}\n`);
  });

  it('writes what is before a line that was cut, and says where it is', () => {
    const line = `${JSON.stringify(heartbeat)}\n`;
    const { status, out, error } = encode(line + line.slice(0, 20));
    expect({ status, out }).toEqual({ status: 1, out: '3b010d00000000010000000701020000\n' });
    expect(error).toContain(`offset ${line.length}: line 2 is not JSON`);
  });

  it('says that it cannot write', () => {
    expect(encode(JSON.stringify(heartbeat), 'hex', directory)).toMatchObject({
      status: 1,
      error: expect.stringContaining(`cannot write ${directory}`),
    });
  });
});
