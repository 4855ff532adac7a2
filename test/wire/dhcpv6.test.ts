import { describe, expect, it } from 'vitest';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import { type Dhcpv6Message, decodeDhcpv6, encodeDhcpv6, findDhcpv6Option } from '#wire/dhcpv6.ts';
import { decodedValue, octets } from './vector.ts';

const vectors: readonly (readonly [string, string, Dhcpv6Message])[] = [
  [
    'INFORMATION-REQUEST',
    `0b abcdef                             | msg-type, transaction-id
     0001 000a 00030001 02005e005213        | client identifier, DUID-LL
     0006 0006 0017 0018 0020               | option request
     0008 0002 0064                         | elapsed time, 1 s`,
    {
      type: 11,
      transactionId: 0xabcdef,
      options: [
        { kind: 'client-identifier', duid: octets('0003000102005e005213') },
        { kind: 'option-request', codes: [23, 24, 32] },
        { kind: 'elapsed-time', elapsed: milliseconds(1000) },
      ],
    },
  ],
  [
    'REPLY',
    `07 abcdef
     0002 000a 00030001 02005e005213
     000d 0005 0001 6e6f74                  | status code 1, "not"
     000e 0000                              | rapid commit
     0017 0010 20010db8000000000000000000000035
     0018 000f 076578616d706c65036e65740161 00
     0020 0004 00015180
     00c8 0002 0102                         | unknown`,
    {
      type: 7,
      transactionId: 0xabcdef,
      options: [
        { kind: 'server-identifier', duid: octets('0003000102005e005213') },
        { kind: 'status-code', status: 1, message: 'not' },
        { kind: 'rapid-commit' },
        { kind: 'dns-servers', addresses: [Ipv6Address.parse('2001:db8::35') as Ipv6Address] },
        { kind: 'domain-list', domains: ['example.net.a'] },
        { kind: 'information-refresh-time', duration: seconds(86_400) },
        { kind: 'unknown-option', code: 200, data: octets('0102') },
      ],
    },
  ],
];

describe('DHCP for IPv6', () => {
  it.each(vectors)('[RFC 8415 §8] %s decodes and encodes', (_name, text, message) => {
    const bytes = octets(text);
    expect(decodedValue(decodeDhcpv6(bytes))).toEqual(message);
    expect(encodeDhcpv6(message)).toEqual(bytes);
  });

  it.each(vectors)('[RFC 8415 §21.1] %s cut short is refused or has fewer options', (_name, text, message) => {
    const bytes = octets(text);
    for (let length = 0; length < bytes.length; length++) {
      const decoded = decodeDhcpv6(bytes.slice(0, length));
      if (decoded.ok) expect(decoded.value.options.length).toBeLessThan(message.options.length);
    }
  });

  it.each([
    ['RFC 8415 §9: a relay message', '0c 000000', 'unknown-type', 0],
    ['RFC 8415 §21.7: odd length', '0b 000000 0006 0001 17', 'bad-length', 6],
    ['RFC 8415 §21.9: length', '0b 000000 0008 0001 17', 'bad-length', 6],
    ['RFC 3646: half an address', '07 000000 0017 0004 20010db8', 'bad-length', 6],
    ['RFC 3646: a name without an end', '07 000000 0018 0002 0161', 'truncated', 10],
    ['RFC 8415 §21.1: past the message', '0b 000000 0006 0004 0017', 'truncated', 4],
  ])('[%s] is refused', (_clause, text, code, offset) => {
    expect(decodeDhcpv6(octets(text))).toMatchObject({ ok: false, error: { code, offset } });
  });

  it('finds an option by its kind', () => {
    const { options } = decodedValue(decodeDhcpv6(octets(vectors[0]?.[1] ?? '')));
    expect(findDhcpv6Option(options, 'option-request')?.codes).toEqual([23, 24, 32]);
    expect(findDhcpv6Option(options, 'rapid-commit')).toBeUndefined();
  });
});
