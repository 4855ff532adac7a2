/** No octets make a decoder throw, loop, or look outside of its slice. `MOORING_NIGHTLY=1` tries a million of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds } from '#base/time.ts';
import { decodeArp } from '#wire/arp.ts';
import { readCapture } from '#wire/capture.ts';
import { decodeDhcpv4, encodeDhcpv4 } from '#wire/dhcpv4.ts';
import { decodeDhcpv6 } from '#wire/dhcpv6.ts';
import type { Decoded } from '#wire/error.ts';
import { decodeEthernet } from '#wire/ethernet.ts';
import { decodeGre } from '#wire/gre.ts';
import { decodeIcmpv4 } from '#wire/icmpv4.ts';
import { decodeIcmpv6, encodeIcmpv6 } from '#wire/icmpv6.ts';
import { decodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6 } from '#wire/ipv6.ts';
import { decodeMobilityHeader, encodeMobilityHeader } from '#wire/mobility/index.ts';
import { decodeRadius } from '#wire/radius.ts';
import { decodeTlvTunnel } from '#wire/tlv-header.ts';
import { decodeUdp } from '#wire/udp.ts';
import { LAST_OPTION_SAMPLES, messageSamples, OPTION_SAMPLES } from './mobility/samples.ts';
import { decodedValue } from './vector.ts';

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
  for (const around of [0x00, 0xff]) {
    const larger = new Uint8Array(bytes.length + 64).fill(around);
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
      runs(0.2),
    );
  });

  it('[RFC 6275 §6.1] messages changed and cut harm nothing, and what still decodes can be sent on', () => {
    fc.assert(
      fc.property(mutated(mobilitySeeds), (bytes) => {
        decodesQuietly(decodeMobilityHeader, bytes);
        decodesQuietly((slice) => decodeMobilityHeader(slice, { readTrailing: true }), bytes);
        const decoded = decodeMobilityHeader(bytes);
        if (decoded.ok) {
          const again = decodedValue(decodeMobilityHeader(encodeMobilityHeader(decoded.value)));
          expect(again).toEqual(decoded.value);
        }
      }),
      runs(0.5),
    );
  });

  it('[RFC 2131 §4.1] DHCP messages changed and cut harm nothing, and what still decodes can be encoded', () => {
    fc.assert(
      fc.property(mutated([lease]), (bytes) => {
        decodesQuietly(decodeDhcpv4, bytes);
        const decoded = decodeDhcpv4(bytes);
        if (decoded.ok) expect(decodeDhcpv4(encodeDhcpv4(decoded.value)).ok).toBe(true);
      }),
      runs(0.15),
    );
  });

  it('[RFC 4861 §4] neighbor discovery messages changed and cut harm nothing behind a right checksum', () => {
    fc.assert(
      fc.property(mutated([advertisement]), (bytes) => {
        decodesQuietly((slice) => decodeIcmpv6(slice, source, destination), withRightChecksum(bytes));
      }),
      runs(0.15),
    );
  });
});

/** Re-encoded as an unknown message, so that the checksum fits whatever the octets are. */
function withRightChecksum(bytes: Uint8Array): Uint8Array {
  const [type = 0, code = 0] = bytes;
  const data = bytes.slice(4);
  return encodeIcmpv6({ kind: 'unknown-icmpv6', type, code, data }, source, destination);
}
