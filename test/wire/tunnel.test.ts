import { describe, expect, it } from 'vitest';
import { decodeGre, encodeGre } from '#wire/gre.ts';
import { decodeIcmpv4, encodeIcmpv4, type Icmpv4Message } from '#wire/icmpv4.ts';
import { decodeTlvTunnel, encodeTlvTunnel, startsWithTlvHeader } from '#wire/tlv-header.ts';
import { decodedValue, octets } from './vector.ts';

describe('GRE', () => {
  it.each([
    ['RFC 2784 §2.1: nothing optional', '0000 86dd 0102', { checksum: false, key: undefined, sequence: undefined }],
    ['RFC 2890 §2.1: key', '2000 86dd 80000001 0102', { checksum: false, key: 0x80000001, sequence: undefined }],
    ['RFC 2890 §2.2: sequence', '1000 86dd 00000007 0102', { checksum: false, key: undefined, sequence: 7 }],
    // b000 + 86dd + 0001 + 0007 + 0102 = 137e7, folded 37e8, its complement c817.
    ['RFC 2890 §2: all', 'b000 86dd c817 0000 00000001 00000007 0102', { checksum: true, key: 1, sequence: 7 }],
  ])('[%s] decodes and encodes', (_clause, text, fields) => {
    const bytes = octets(text);
    const packet = { protocol: 0x86dd, ...fields, payload: octets('0102') };
    expect(decodedValue(decodeGre(bytes))).toEqual(packet);
    expect(encodeGre(packet)).toEqual(bytes);
    for (let length = 0; length < bytes.length - 2; length++) expect(decodeGre(bytes.slice(0, length)).ok).toBe(false);
  });

  it.each([
    ['RFC 2784 §2.3: reserved bits', '0400 86dd', 'bad-value'],
    ['RFC 2784 §2.3: routing', '4000 86dd', 'bad-value'],
    ['RFC 2784 §2.3.1: version', '0001 86dd', 'bad-value'],
    ['RFC 2784 §2.5: checksum', '8000 86dd 0001 0000', 'bad-checksum'],
  ])('[%s] is refused', (_clause, text, code) => {
    expect(decodeGre(octets(text))).toMatchObject({ ok: false, error: { code } });
  });

  it('[RFC 2784 §2.3] bits 6 to 12 are ignored', () => {
    expect(decodeGre(octets('03f8 86dd')).ok).toBe(true);
  });
});

describe('[RFC 5845 §7.2] the TLV header', () => {
  it('decodes and encodes', () => {
    const bytes = octets('00 29 0003 600102');
    expect(decodedValue(decodeTlvTunnel(bytes))).toEqual({ nextHeader: 41, payload: octets('600102') });
    expect(encodeTlvTunnel({ nextHeader: 41, payload: octets('600102') })).toEqual(bytes);
  });

  it('[RFC 5845 §7.2] has reserved bits of zero, and those that are set are ignored', () => {
    expect(encodeTlvTunnel({ nextHeader: 41, payload: octets('60') })[0]).toBe(0);
    expect(decodedValue(decodeTlvTunnel(octets('0f 29 0001 60')))).toEqual({ nextHeader: 41, payload: octets('60') });
  });

  it('refuses a length that is not that of the datagram, either way, and an IP packet', () => {
    expect(decodeTlvTunnel(octets('00 29 0003 6001'))).toMatchObject({ ok: false, error: { code: 'bad-length' } });
    expect(decodeTlvTunnel(octets('00 29 0003 60010203'))).toMatchObject({ ok: false, error: { code: 'bad-length' } });
    expect(decodeTlvTunnel(octets('60 29 0000'))).toMatchObject({ ok: false, error: { code: 'bad-value' } });
    expect(decodeTlvTunnel(octets('00 29 00'))).toMatchObject({ ok: false, error: { code: 'truncated' } });
  });

  it('is told from IP by its first four bits', () => {
    expect([octets('00290000'), octets('60000000'), octets('45'), octets('')].map(startsWithTlvHeader)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('[RFC 792] ICMP', () => {
  it.each<[string, string, Icmpv4Message]>([
    // 0304 + 05ac + 4500 + 0001 = 4db1, its complement b24e.
    [
      'fragmentation needed',
      '03 04 b24e 0000 05ac 45000001',
      { kind: 'destination-unreachable', code: 4, mtu: 1452, packet: octets('45000001') },
    ],
    ['time exceeded', '0b 00 affe 0000 0000 45000001', { kind: 'time-exceeded', code: 0, packet: octets('45000001') }],
    [
      'echo request',
      '08 00 e5c4 1234 0007',
      { kind: 'echo-request', identifier: 0x1234, sequence: 7, data: octets('') },
    ],
    ['echo reply', '00 00 edc4 1234 0007', { kind: 'echo-reply', identifier: 0x1234, sequence: 7, data: octets('') }],
    ['another type', '05 01 e8c3 1234 0007', { kind: 'unknown-icmpv4', type: 5, code: 1, data: octets('12340007') }],
  ])('%s decodes and encodes', (_name, text, message) => {
    const bytes = octets(text);
    expect(decodedValue(decodeIcmpv4(bytes))).toEqual(message);
    expect(encodeIcmpv4(message)).toEqual(bytes);
    for (let length = 0; length < 8; length++) expect(decodeIcmpv4(bytes.slice(0, length)).ok).toBe(false);
    bytes[7] = (bytes[7] as number) ^ 1;
    expect(decodeIcmpv4(bytes)).toMatchObject({ ok: false, error: { code: 'bad-checksum' } });
  });
});
