import { describe, expect, it } from 'vitest';
import { concatBytes } from '#base/bytes.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { seconds } from '#base/time.ts';
import { type Dhcpv4Message, type Dhcpv4Option, decodeDhcpv4, encodeDhcpv4, findDhcpv4Option } from '#wire/dhcpv4.ts';
import { INFINITE } from '#wire/time-units.ts';
import { decodedValue, octets } from './vector.ts';

const v4 = (text: string) => Ipv4Address.parse(text) as Ipv4Address;

const HEAD = `
  02 01 06 03                 | BOOTREPLY, Ethernet, 6 octets, 3 hops
  3903f326 0102 8000          | xid, secs, broadcast
  0a000001 c0000202 0a000003 0a000004
  0024d78e21a4 00000000000000000000`;
const SNAME = `616e63686f72${'00'.repeat(58)}`;
const FILE = `626f6f74${'00'.repeat(124)}`;
const COOKIE = '63825363';

const message = (options: readonly Dhcpv4Option[]): Dhcpv4Message => ({
  op: 2,
  htype: 1,
  hops: 3,
  xid: 0x3903f326,
  secs: 0x0102,
  broadcast: true,
  ciaddr: v4('10.0.0.1'),
  yiaddr: v4('192.0.2.2'),
  siaddr: v4('10.0.0.3'),
  giaddr: v4('10.0.0.4'),
  chaddr: MacAddress.parse('00:24:d7:8e:21:a4') as MacAddress,
  sname: 'anchor',
  file: 'boot',
  options,
});

/** Each with its octets. */
const options: readonly (readonly [string, string, Dhcpv4Option])[] = [
  ['RFC 2132 §3.3', '01 04 ffffff00', { kind: 'subnet-mask', mask: v4('255.255.255.0') }],
  ['RFC 2132 §3.5', '03 08 c0000201 c0000203', { kind: 'router', addresses: [v4('192.0.2.1'), v4('192.0.2.3')] }],
  ['RFC 2132 §3.8', '06 04 c0000235', { kind: 'domain-name-server', addresses: [v4('192.0.2.53')] }],
  ['RFC 2132 §3.14', '0c 06 6d6f62696c65', { kind: 'host-name', name: 'mobile' }],
  ['RFC 2132 §3.17', '0f 0b 6578616d706c652e6e6574', { kind: 'domain-name', name: 'example.net' }],
  ['RFC 2132 §5.1', '1a 02 05ac', { kind: 'interface-mtu', mtu: 1452 }],
  ['RFC 2132 §5.3', '1c 04 c00002ff', { kind: 'broadcast-address', address: v4('192.0.2.255') }],
  ['RFC 2132 §8.3', '2a 04 c000027b', { kind: 'ntp-server', addresses: [v4('192.0.2.123')] }],
  ['RFC 2132 §8.4', '2b 03 010203', { kind: 'vendor-specific-information', data: octets('010203') }],
  ['RFC 2132 §9.1', '32 04 c0000202', { kind: 'requested-address', address: v4('192.0.2.2') }],
  ['RFC 2132 §9.2', '33 04 ffffffff', { kind: 'lease-time', duration: INFINITE }],
  ['RFC 2132 §9.6', '35 01 05', { kind: 'message-type', value: 5 }],
  ['RFC 2132 §9.7', '36 04 c0000201', { kind: 'server-identifier', address: v4('192.0.2.1') }],
  ['RFC 2132 §9.8', '37 03 01031a', { kind: 'parameter-request-list', codes: [1, 3, 26] }],
  ['RFC 2132 §9.9', '38 02 6e6f', { kind: 'message', name: 'no' }],
  ['RFC 2132 §9.10', '39 02 05dc', { kind: 'maximum-message-size', size: 1500 }],
  ['RFC 2132 §9.11', '3a 04 00000708', { kind: 'renewal-time', duration: seconds(1800) }],
  ['RFC 2132 §9.12', '3b 04 00000c4e', { kind: 'rebinding-time', duration: seconds(3150) }],
  ['RFC 2132 §9.13', '3c 04 4d534654', { kind: 'vendor-class-identifier', data: octets('4d534654') }],
  ['RFC 2132 §9.14', '3d 07 010024d78e21a4', { kind: 'client-identifier', data: octets('010024d78e21a4') }],
  ['RFC 2132 §9.4', '42 01 74', { kind: 'tftp-server-name', name: 't' }],
  ['RFC 2132 §9.5', '43 01 66', { kind: 'bootfile-name', name: 'f' }],
  ['RFC 4039', '50 00', { kind: 'rapid-commit', data: new Uint8Array(0) }],
  [
    'RFC 3046 §2.0',
    '52 0a 01 02 6131 02 04 c0000202',
    {
      kind: 'relay-agent-information',
      subOptions: [
        { code: 1, data: octets('6131') },
        { code: 2, data: octets('c0000202') },
      ],
    },
  ],
  [
    'RFC 3442',
    '79 0d 18 0a110a c0000201 00 c0000202',
    {
      kind: 'classless-static-route',
      routes: [
        { destination: Ipv4Prefix.parse('10.17.10.0/24') as Ipv4Prefix, router: v4('192.0.2.1') },
        { destination: Ipv4Prefix.parse('0.0.0.0/0') as Ipv4Prefix, router: v4('192.0.2.2') },
      ],
    },
  ],
  ['RFC 2132 §2', 'e0 02 0102', { kind: 'unknown-option', code: 224, data: octets('0102') }],
];

const bytesOf = (text: string) => octets(`${HEAD} ${SNAME} ${FILE} ${COOKIE} ${text}`);

describe('DHCP for IPv4', () => {
  it.each(options)('[%s] option decodes and encodes', (_clause, text, option) => {
    const bytes = bytesOf(`${text} ff`);
    expect(decodedValue(decodeDhcpv4(bytes))).toEqual(message([option]));
    const encoded = encodeDhcpv4(message([option]));
    expect(encoded.slice(0, bytes.length)).toEqual(bytes);
    expect(encoded.length).toBeGreaterThanOrEqual(300);
  });

  it.each(options)('[%s] option cut short is refused', (_clause, text) => {
    const bytes = bytesOf(text);
    const length = octets(text).length;
    for (let cut = 1; cut < length; cut++) {
      expect(decodeDhcpv4(bytes.slice(0, bytes.length - cut)).ok, `${cut} octets fewer`).toBe(false);
    }
  });

  it('[RFC 2131 §2] refuses every truncation of the fixed part', () => {
    const bytes = bytesOf('ff');
    for (let length = 0; length < 240; length++) expect(decodeDhcpv4(bytes.slice(0, length)).ok).toBe(false);
  });

  it.each([
    ['RFC 2131 §2: hlen', 2, 7, 'bad-value'],
    ['RFC 2131 §3: magic cookie', 236, 0, 'bad-value'],
  ])('[%s] is refused', (_clause, at, octet, code) => {
    const bytes = bytesOf('ff');
    bytes[at] = octet;
    expect(decodeDhcpv4(bytes)).toMatchObject({ ok: false, error: { code, offset: at } });
  });

  it.each([
    ['RFC 2132 §3.3', '01 03 ffffff', 'bad-length', 241],
    ['RFC 2132 §3.5', '03 05 c0000201 00', 'bad-length', 241],
    ['RFC 2132 §9.6', '35 00', 'bad-length', 241],
    ['RFC 3046 §2.0', '52 03 01 02 61', 'bad-value', 242],
    ['RFC 3442', '79 05 21 c0000201', 'bad-value', 242],
  ])('[%s] with a length or content that cannot be is refused', (_clause, text, code, offset) => {
    expect(decodeDhcpv4(bytesOf(`${text} ff`))).toMatchObject({ ok: false, error: { code, offset } });
  });

  it('[RFC 2131 §4.1] reads options from overloaded fields, the file first', () => {
    const sname = `0c 01 61 ff ${'00'.repeat(60)}`;
    const file = `0f 01 62 ff ${'00'.repeat(124)}`;
    const bytes = octets(`${HEAD} ${sname} ${file} ${COOKIE} 35 01 02 34 01 03 ff`);
    expect(decodedValue(decodeDhcpv4(bytes))).toEqual({
      ...message([
        { kind: 'message-type', value: 2 },
        { kind: 'domain-name', name: 'b' },
        { kind: 'host-name', name: 'a' },
      ]),
      sname: '',
      file: '',
    });
  });

  it('[RFC 3396] splits and joins an option of more than 255 octets', () => {
    const data = new Uint8Array(600).map((_, i) => i);
    const bytes = encodeDhcpv4(message([{ kind: 'client-identifier', data }]));
    expect(bytes.slice(240, 242)).toEqual(octets('3dff'));
    expect(findDhcpv4Option(decodedValue(decodeDhcpv4(bytes)).options, 'client-identifier')?.data).toEqual(data);
  });

  it('lets a missing end and padding between options pass, and zeros after text', () => {
    expect(decodedValue(decodeDhcpv4(bytesOf('00 00 0c 03 616200'))).options).toEqual([
      { kind: 'host-name', name: 'ab' },
    ]);
  });

  it('reads what ISC DHCP answered in a Zeek trace', () => {
    const bytes = concatBytes(
      octets('020106003d110000 00000000 00000000c0a8000a0000000000000000 000a2800fa42'),
      new Uint8Array(10 + 64 + 128),
      octets(`638253633501053a04000007083b0400000c2e330400000e1036040a0a00010104ffffff005224
        011674686973206973206f6e6c79206120746573742e2e2e02011306072d73756249442dff 0000`),
    );
    expect(decodedValue(decodeDhcpv4(bytes))).toMatchObject({
      yiaddr: v4('192.168.0.10'),
      options: [
        { kind: 'message-type', value: 5 },
        { kind: 'renewal-time', duration: seconds(1800) },
        { kind: 'rebinding-time', duration: seconds(3118) },
        { kind: 'lease-time', duration: seconds(3600) },
        { kind: 'server-identifier', address: v4('10.10.0.1') },
        { kind: 'subnet-mask', mask: v4('255.255.255.0') },
        {
          kind: 'relay-agent-information',
          subOptions: [
            { code: 1, data: new TextEncoder().encode('this is only a test...') },
            { code: 2, data: octets('13') },
            { code: 6, data: new TextEncoder().encode('-subID-') },
          ],
        },
      ],
    });
  });
});
