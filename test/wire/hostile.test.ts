/** No octets make a decoder throw, loop, or look outside of its slice. `MOORING_NIGHTLY=1` tries a million of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds } from '#base/time.ts';
import { decodeArp, encodeArp } from '#wire/arp.ts';
import { readCapture } from '#wire/capture.ts';
import { decodeDhcpv4, encodeDhcpv4 } from '#wire/dhcpv4.ts';
import { decodeDhcpv6, encodeDhcpv6 } from '#wire/dhcpv6.ts';
import type { Decoded } from '#wire/error.ts';
import { decodeEthernet, encodeEthernet } from '#wire/ethernet.ts';
import { decodeGre, encodeGre } from '#wire/gre.ts';
import { decodeIcmpv4, encodeIcmpv4 } from '#wire/icmpv4.ts';
import { decodeIcmpv6, encodeIcmpv6 } from '#wire/icmpv6.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import { decodeMobilityHeader, decodeMobilityHeaderLeniently, encodeMobilityHeader } from '#wire/mobility/index.ts';
import { PcapWriter } from '#wire/pcap.ts';
import { PcapngWriter } from '#wire/pcapng-writer.ts';
import { RadiusDictionary } from '#wire/radius/dictionary.ts';
import { DICTIONARY_TEXT } from '#wire/radius/dictionary-text.ts';
import { decodeRadius, encodeRadius } from '#wire/radius.ts';
import { decodeTlvTunnel, encodeTlvTunnel } from '#wire/tlv-header.ts';
import { decodeUdp } from '#wire/udp.ts';
import { LAST_OPTION_SAMPLES, messageSamples, OPTION_SAMPLES } from './mobility/samples.ts';
import { decodedValue, octets } from './vector.ts';

const TOTAL = process.env.MOORING_NIGHTLY === undefined ? 20_000 : 1_000_000;
const runs = (share: number) => ({ numRuns: TOTAL * share });

const source = Ipv6Address.parse('fe80::1') as Ipv6Address;
const destination = Ipv6Address.allNodes;
const v4 = Ipv4Address.parse('192.0.2.1') as Ipv4Address;

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Decoded<unknown>>> = {
  mobility: decodeMobilityHeader,
  'mobility to the end': (bytes) => decodeMobilityHeader(bytes, { readTrailing: true }),
  ethernet: decodeEthernet,
  arp: decodeArp,
  ipv4: decodeIpv4,
  ipv6: decodeIpv6,
  udp: (bytes) => decodeUdp(bytes, v4, v4),
  icmpv6: (bytes) => decodeIcmpv6(bytes, source, destination),
  dhcpv4: decodeDhcpv4,
  dhcpv6: decodeDhcpv6,
  gre: decodeGre,
  'TLV header': decodeTlvTunnel,
  icmpv4: decodeIcmpv4,
  radius: decodeRadius,
  capture: readCapture,
};

const mobilitySeeds = [
  ...messageSamples(OPTION_SAMPLES),
  ...LAST_OPTION_SAMPLES.flatMap((option) => messageSamples([option])),
  ...OPTION_SAMPLES.flatMap((option) => messageSamples([option]).slice(5, 7)),
].map(encodeMobilityHeader);

const NONE = milliseconds(0);

const advertisement = encodeIcmpv6(
  {
    kind: 'router-advertisement',
    hopLimit: 64,
    managed: true,
    otherConfig: true,
    routerLifetime: NONE,
    reachableTime: NONE,
    retransTimer: NONE,
    options: [
      { kind: 'source-link-layer-address', mac: MacAddress.pmipv6Mag },
      { kind: 'mtu', mtu: 1452 },
      { kind: 'dns-search-list', lifetime: NONE, domains: ['example.net', 'a.b'] },
      { kind: 'recursive-dns-server', lifetime: NONE, addresses: [source] },
    ],
  },
  source,
  destination,
);

const lease = encodeDhcpv4({
  op: 1,
  htype: 1,
  hops: 0,
  xid: 1,
  secs: 0,
  broadcast: false,
  ciaddr: v4,
  yiaddr: v4,
  siaddr: v4,
  giaddr: v4,
  chaddr: MacAddress.pmipv6Mag,
  sname: 's',
  file: 'f',
  options: [
    { kind: 'message-type', value: 1 },
    { kind: 'router', addresses: [v4, v4] },
    { kind: 'unknown-option', code: 52, data: Uint8Array.of(3) },
    { kind: 'relay-agent-information', subOptions: [{ code: 1, data: Uint8Array.of(1, 2) }] },
    { kind: 'classless-static-route', routes: [] },
  ],
});

const question = encodeDhcpv6({
  type: 11,
  transactionId: 1,
  options: [
    { kind: 'client-identifier', duid: Uint8Array.of(0, 3, 0, 1, 2, 0, 0x5e, 0, 0x52, 0x13) },
    { kind: 'option-request', codes: [23, 24, 32] },
    { kind: 'elapsed-time', elapsed: milliseconds(10) },
    { kind: 'status-code', status: 1, message: 'no' },
    { kind: 'dns-servers', addresses: [source] },
    { kind: 'domain-list', domains: ['example.net', 'a.b'] },
    { kind: 'unknown-option', code: 200, data: Uint8Array.of(1) },
  ],
});

const accessRequest = encodeRadius({
  code: 1,
  identifier: 2,
  authenticator: new Uint8Array(16).fill(3),
  attributes: [
    { vendor: 0, type: 1, value: Uint8Array.of(0x6d, 0x6e) },
    { vendor: 0, type: 80, value: new Uint8Array(16) },
    { vendor: 9, type: 1, value: Uint8Array.of(0x61, 0x3d, 0x62) },
    { vendor: 0, type: 147, value: new Uint8Array(16) },
  ],
});

const around = [
  encodeGre({ protocol: 0x86dd, checksum: false, key: 7, sequence: 9, payload: new Uint8Array(8) }),
  encodeTlvTunnel({ nextHeader: 41, payload: new Uint8Array(8) }),
  encodeIcmpv4({ kind: 'destination-unreachable', code: 4, mtu: 1452, packet: new Uint8Array(28) }),
  encodeIpv6({
    nextHeader: 60,
    hopLimit: 1,
    source,
    destination,
    payload: octets('87 00 04 01 04 01 00 00 3b00000000000000'),
  }),
  encodeIpv4({ protocol: 17, ttl: 1, source: v4, destination: v4, payload: new Uint8Array(8) }),
  encodeEthernet({
    destination: MacAddress.broadcast,
    source: MacAddress.pmipv6Mag,
    tags: [1, 2],
    etherType: 0x0806,
    payload: encodeArp({
      operation: 1,
      senderMac: MacAddress.pmipv6Mag,
      senderAddress: v4,
      targetMac: MacAddress.broadcast,
      targetAddress: v4,
    }),
  }),
];

const captures = [pcapOf(), pcapngOf()];

function pcapOf(): Uint8Array {
  const writer = new PcapWriter();
  const records = [1, 2, 3].map((at) => writer.record({ at, bytes: new Uint8Array(10 * at) }));
  return concatBytes(writer.header(), ...records);
}

function pcapngOf(): Uint8Array {
  const writer = new PcapngWriter();
  const records = [1, 2, 3].map((seconds) =>
    writer.record({ seconds, nanoseconds: 5, linkType: seconds, bytes: new Uint8Array(10 * seconds) }),
  );
  return concatBytes(writer.header(), ...records);
}

interface Change {
  readonly at: number;
  readonly octet: number;
}

const change = fc.record({ at: fc.nat(2047), octet: fc.integer({ min: 0, max: 255 }) });

/** A seed with some octets changed and perhaps cut. */
function mutated(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .record({
      seed: fc.constantFrom(...seeds),
      changes: fc.array(change, { maxLength: 4 }),
      cut: fc.option(fc.nat(2047), { freq: 3 }),
    })
    .map(({ seed, changes, cut }) => apply(seed, changes, cut));
}

function apply(seed: Uint8Array, changes: readonly Change[], cut: number | null): Uint8Array {
  const bytes = seed.slice();
  for (const { at, octet } of changes) bytes[at % bytes.length] = octet;
  return cut === null ? bytes : bytes.slice(0, cut % (bytes.length + 1));
}

/** Decoding is the same whatever surrounds the slice, and a fault is within it. */
function decodesQuietly(decode: (bytes: Uint8Array) => Decoded<unknown>, bytes: Uint8Array): void {
  const decoded = decode(bytes);
  for (const filler of [0x00, 0xff]) {
    const larger = new Uint8Array(bytes.length + 64).fill(filler);
    larger.set(bytes, 32);
    expect(decode(larger.subarray(32, 32 + bytes.length))).toEqual(decoded);
  }
  if (!decoded.ok) {
    expect(decoded.error.offset).toBeGreaterThanOrEqual(0);
    expect(decoded.error.offset).toBeLessThanOrEqual(bytes.length);
  }
}

describe('hostile octets', () => {
  it('random ones harm no decoder', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        for (const decode of Object.values(decoders)) decodesQuietly(decode, bytes);
      }),
      runs(0.15),
    );
  });

  it('[RFC 6275 §6.1] messages changed and cut harm nothing, and what still decodes can be sent on', () => {
    fc.assert(
      fc.property(mutated(mobilitySeeds), (bytes) => {
        decodesQuietly(decodeMobilityHeader, bytes);
        decodesQuietly((slice) => decodeMobilityHeader(slice, { readTrailing: true }), bytes);
        expect(() => decodeMobilityHeaderLeniently(bytes)).not.toThrow();
        const decoded = decodeMobilityHeader(bytes);
        if (decoded.ok) {
          const again = decodedValue(decodeMobilityHeader(encodeMobilityHeader(decoded.value)));
          expect(again).toEqual(decoded.value);
        }
      }),
      runs(0.3),
    );
  });

  it('[RFC 2131 §4.1] DHCP messages changed and cut harm nothing, and what still decodes can be encoded', () => {
    fc.assert(
      fc.property(mutated([lease]), (bytes) => {
        decodesQuietly(decodeDhcpv4, bytes);
        const decoded = decodeDhcpv4(bytes);
        if (decoded.ok) expect(decodeDhcpv4(encodeDhcpv4(decoded.value)).ok).toBe(true);
      }),
      runs(0.1),
    );
  });

  it('[RFC 8415 §21] DHCPv6 messages changed and cut harm nothing, and what still decodes can be sent on', () => {
    fc.assert(
      fc.property(mutated([question]), (bytes) => {
        decodesQuietly(decodeDhcpv6, bytes);
        const decoded = decodeDhcpv6(bytes);
        if (decoded.ok) expect(decodeDhcpv6(encodeDhcpv6(decoded.value)).ok).toBe(true);
      }),
      runs(0.1),
    );
  });

  it('[RFC 2865 §5] RADIUS packets changed and cut harm nothing, and what still decodes can be sent on', () => {
    const dictionary = decodedDictionary();
    fc.assert(
      fc.property(mutated([accessRequest]), (bytes) => {
        decodesQuietly(decodeRadius, bytes);
        const decoded = decodeRadius(bytes);
        if (!decoded.ok) return;
        for (const attribute of decoded.value.attributes) expect(() => dictionary.value(attribute)).not.toThrow();
        expect(decodedValue(decodeRadius(encodeRadius(decoded.value)))).toEqual(decoded.value);
      }),
      runs(0.1),
    );
  });

  it('tunnel and link headers changed and cut harm nothing', () => {
    fc.assert(
      fc.property(mutated(around), (bytes) => {
        for (const decode of Object.values(decoders)) decodesQuietly(decode, bytes);
      }),
      runs(0.05),
    );
  });

  it('capture files changed and cut harm nothing, and a fault is where reading stopped', () => {
    fc.assert(
      fc.property(mutated(captures), (bytes) => {
        decodesQuietly(readCapture, bytes);
        const read = readCapture(bytes);
        if (read.ok) expect(read.value.fault?.offset ?? 0).toBeLessThanOrEqual(bytes.length);
      }),
      runs(0.1),
    );
  });

  it('[RFC 4861 §4] neighbor discovery messages changed and cut harm nothing behind a right checksum', () => {
    fc.assert(
      fc.property(mutated([advertisement]), (bytes) => {
        decodesQuietly((slice) => decodeIcmpv6(slice, source, destination), withRightChecksum(bytes));
      }),
      runs(0.1),
    );
  });
});

function decodedDictionary(): RadiusDictionary {
  const parsed = RadiusDictionary.parse(DICTIONARY_TEXT);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

/** Re-encoded as an unknown message, so that the checksum fits whatever the octets are. */
function withRightChecksum(bytes: Uint8Array): Uint8Array {
  const [type = 0, code = 0] = bytes;
  const data = bytes.slice(4);
  return encodeIcmpv6({ kind: 'unknown-icmpv6', type, code, data }, source, destination);
}
