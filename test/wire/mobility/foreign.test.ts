/** Messages that other implementations made, checksums and all: Zeek's test traces of Mobile IPv6, and OPMIP 0.3 between two of its gateways. */
import { describe, expect, it } from 'vitest';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { seconds } from '#base/time.ts';
import { decodeIpv6 } from '#wire/ipv6.ts';
import {
  checkMobilityChecksum,
  decodeMobilityHeader,
  encodeMobilityHeader,
  type MobilityMessage,
  type MobilityOption,
  setMobilityChecksum,
} from '#wire/mobility/index.ts';
import { decodedValue, octets } from '../vector.ts';

const ZEEK = '200104f80004000702e081fffe52ffff 200104f80004000702e081fffe529a6b';
const zeek = (length: string, message: string) => `60000000 ${length} 87 40 ${ZEEK} ${message}`;
const OPMIP_GATEWAY = '20010100000000000000000000000002';
const OPMIP_ANCHOR = '20010100000000000000000000000001';
const OPMIP_OPTIONS = `080f016d6e406578616d706c652e6e6574
  1612004020010db800aa00000000000000000000 | directly after it, not at 8n+4
  17020004 18020000 00000000000000`;

const opmipOptions: readonly MobilityOption[] = [
  { kind: 'mobile-node-identifier', subtype: 1, identifier: new TextEncoder().encode('mn@example.net') },
  { kind: 'home-network-prefix', prefix: Ipv6Prefix.parse('2001:db8:aa::/64') as Ipv6Prefix, offLink: false },
  { kind: 'handoff-indicator', indicator: 4 },
  { kind: 'access-technology-type', accessTechnology: 0 },
];

/** Packet, message, whether our encoder places options and padding as theirs did. */
const cases: readonly (readonly [string, string, MobilityMessage, boolean])[] = [
  ['Zeek, BRR', zeek('0008', '3b000000d9970000'), { kind: 'binding-refresh-request', options: [] }, true],
  [
    'Zeek, HoTI',
    zeek('0010', '3b010100d88d00000000000000000001'),
    { kind: 'home-test-init', cookie: octets('0000000000000001'), options: [] },
    true,
  ],
  [
    'Zeek, CoTI',
    zeek('0010', '3b010200d78d00000000000000000001'),
    { kind: 'care-of-test-init', cookie: octets('0000000000000001'), options: [] },
    true,
  ],
  [
    'Zeek, HoT',
    zeek('0018', '3b020300d56a000d000000000000000f00000000000000ff'),
    {
      kind: 'home-test',
      nonceIndex: 13,
      cookie: octets('000000000000000f'),
      keygenToken: octets('00000000000000ff'),
      options: [],
    },
    true,
  ],
  [
    'Zeek, CoT',
    zeek('0018', '3b020400d46a000d000000000000000f00000000000000ff'),
    {
      kind: 'care-of-test',
      nonceIndex: 13,
      cookie: octets('000000000000000f'),
      keygenToken: octets('00000000000000ff'),
      options: [],
    },
    true,
  ],
  [
    'Zeek, BU',
    zeek('0010', '3b01050003640025d000000301020000'),
    { kind: 'binding-update', sequence: 37, flags: 0xd000, lifetime: seconds(12), options: [] },
    true,
  ],
  [
    'Zeek, BA',
    zeek('0010', '3b010600d1da0080002a000801020000'),
    { kind: 'binding-acknowledgement', status: 0, flags: 0x80, sequence: 42, lifetime: seconds(32), options: [] },
    true,
  ],
  [
    'Zeek, BE',
    zeek('0018', '3b020700b0d8010020010078000100320000000000000001'),
    {
      kind: 'binding-error',
      status: 1,
      homeAddress: Ipv6Address.parse('2001:78:1:32::1') as Ipv6Address,
      options: [],
    },
    true,
  ],
  [
    'OPMIP, PBU, whose padding is all at the end',
    `600367f8 0040 87 40 ${OPMIP_GATEWAY} ${OPMIP_ANCHOR} 3b070500 f81e 4ee7 8200 000f ${OPMIP_OPTIONS}`,
    { kind: 'binding-update', sequence: 20199, flags: 0x8200, lifetime: seconds(60), options: opmipOptions },
    false,
  ],
  [
    'OPMIP, PBA, whose padding is all at the end',
    `6009a7d8 0040 87 40 ${OPMIP_ANCHOR} ${OPMIP_GATEWAY} 3b070600 78ff 00 20 4ee7 000f ${OPMIP_OPTIONS}`,
    {
      kind: 'binding-acknowledgement',
      status: 0,
      flags: 0x20,
      sequence: 20199,
      lifetime: seconds(60),
      options: opmipOptions,
    },
    false,
  ],
];

describe('what other implementations send', () => {
  it.each(cases)('[RFC 6275 §6.1] %s', (_name, text, value, sameLayout) => {
    const packet = decodedValue(decodeIpv6(octets(text)));
    expect(checkMobilityChecksum(packet.source, packet.destination, packet.payload)).toBe(true);
    const message = decodedValue(decodeMobilityHeader(packet.payload));
    expect(message).toEqual(value);
    const ours = encodeMobilityHeader(message);
    expect(decodedValue(decodeMobilityHeader(ours))).toEqual(value);
    setMobilityChecksum(packet.source, packet.destination, ours);
    if (sameLayout) expect(ours).toEqual(packet.payload);
  });

  it('[RFC 6275 §6.1.1] tells the bad checksum of a Zeek trace', () => {
    const packet = decodedValue(decodeIpv6(octets(zeek('0018', '3b0207000001010020010078000100320000000000000001'))));
    expect(checkMobilityChecksum(packet.source, packet.destination, packet.payload)).toBe(false);
  });

  it('an OAI Timestamp option that runs 4 octets past Header Len is an error, unless the peer is given that licence', () => {
    const bytes = octets(`3b 02 05 00 0000 0001 8200 0002 | 24 octets by Header Len
      17 02 00 03
      1b 08 016b0000 b0e3c344 | of which these 10 end at 26`);
    const padded = new Uint8Array([...bytes, 0, 0]);
    expect(decodeMobilityHeader(padded)).toMatchObject({
      ok: false,
      error: { code: 'truncated', offset: 17, field: 'Option Length' },
    });
    const message = decodedValue(decodeMobilityHeader(padded, { readTrailing: true }));
    expect(message).toMatchObject({
      kind: 'binding-update',
      options: [{ kind: 'handoff-indicator' }, { kind: 'timestamp', fraction: 0xc344 }],
    });
  });

  describe('OAI, whose gateway counts four octets too few', () => {
    const update = octets(`3b 09 05 00 0000 0000 8200 0002 | 80 octets by Header Len, of 84; lifetime 8 s
      08 09 01 0000 020000000001           | MN-ID: a MAC address behind two octets of zero
      01 05 0000000000
      16 12 00 80 20010db800aa0000 0000000000000000 | HNP of 128 bits
      17 02 00 03
      18 02 00 04
      19 0a 0000 0000000000000001          | LL-ID of eight octets
      01 02 0000
      1b 08 016b0000 b0e3c344              | Timestamp, whose last four octets are beyond
    `);

    it('[RFC 6275 §9.2] is refused of a strict peer, with the option that is cut', () => {
      expect(update).toHaveLength(84);
      const strict = decodeMobilityHeader(update);
      expect(strict).toMatchObject({ ok: false, error: { code: 'truncated', offset: 75, field: 'Option Length' } });
      expect(!strict.ok && strict.error.rule).toContain('Timestamp runs 4 octets past the end');
    });

    it('is understood of a tolerated one', () => {
      const message = decodedValue(decodeMobilityHeader(update, { readTrailing: true }));
      expect(message.kind === 'binding-update' && message.options.map(({ kind }) => kind)).toEqual([
        'mobile-node-identifier',
        'home-network-prefix',
        'handoff-indicator',
        'access-technology-type',
        'mobile-node-link-layer-identifier',
        'timestamp',
      ]);
      expect(message).toMatchObject({
        lifetime: seconds(8),
        options: [{ identifier: octets('0000 020000000001') }, { prefix: { length: 128 } }, {}, {}, {}, {}],
      });
    });
  });

  it('octets after the header of a tolerated peer that are no options do not spoil the message', () => {
    const message = octets('3b 01 05 00 0000 0001 8200 0002 17 02 00 03  16 ff 00');
    expect(decodedValue(decodeMobilityHeader(message, { readTrailing: true }))).toMatchObject({
      options: [{ kind: 'handoff-indicator', indicator: 3 }],
    });
    const broken = octets('3b 01 05 00 0000 0001 8200 0002 17 03 00 03  00 00');
    expect(decodeMobilityHeader(broken, { readTrailing: true })).toMatchObject({ error: { field: 'Option Length' } });
  });
});
