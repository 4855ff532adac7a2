import { describe, expect, it } from 'vitest';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds } from '#base/time.ts';
import { decodeArp, encodeArp } from '#wire/arp.ts';
import { foldChecksum, sumOctets } from '#wire/checksum.ts';
import { decodeEthernet, encodeEthernet } from '#wire/ethernet.ts';
import { decodeIpv4, encodeIpv4 } from '#wire/ipv4.ts';
import { decodeIpv6, encodeIpv6 } from '#wire/ipv6.ts';
import { encodeLayer2Update, isLayer2Update } from '#wire/llc-xid.ts';
import { encodeGeneralQuery } from '#wire/multicast-listener-query.ts';
import { decodeUdp, encodeUdp } from '#wire/udp.ts';
import { decodedValue, octets } from './vector.ts';

const mac = (text: string) => MacAddress.parse(text) as MacAddress;
const v4 = (text: string) => Ipv4Address.parse(text) as Ipv4Address;
const v6 = (text: string) => Ipv6Address.parse(text) as Ipv6Address;

describe('the Internet checksum', () => {
  it('[RFC 1071 §3] is that of the worked example', () => {
    expect(~foldChecksum(sumOctets(octets('0001 f203 f4f5 f6f7'), 0, 8)) & 0xffff).toBe(0xddf2);
  });

  it('[RFC 1071 §3] takes an odd octet as the high half of a word', () => {
    expect(sumOctets(octets('0001 f2'), 0, 3)).toBe(0xf201);
  });
});

describe('a Multicast Listener Query', () => {
  it('asks for all groups, behind a router alert, as tshark takes it apart', () => {
    const packet = `60000000 0024 00 01 fe80000000000000 02005efffe005213 ff020000000000000000000000000001
      3a00 0502 0000 0100 | Router Alert: MLD
      82 00 cc2f 0064 0000 00000000000000000000000000000000 | 100 ms
      02 7d 0000 | QRV 2, QQIC 125`;
    expect(encodeGeneralQuery(v6('fe80::200:5eff:fe00:5213'), milliseconds(100))).toEqual(octets(packet));
  });
});

describe('Ethernet', () => {
  const bytes = octets('ffffffffffff 0024d78e21a4 0800 0102');

  it('has a type and a payload', () => {
    const frame = decodedValue(decodeEthernet(bytes));
    expect(frame).toEqual({
      destination: MacAddress.broadcast,
      source: mac('00:24:d7:8e:21:a4'),
      tags: [],
      etherType: 0x0800,
      payload: octets('0102'),
    });
    expect(encodeEthernet(frame)).toEqual(bytes);
  });

  it('keeps 802.1Q tags in their order', () => {
    const tagged = octets('ffffffffffff 0024d78e21a4 8100 6c02 8100 0064 86dd 0102');
    const frame = decodedValue(decodeEthernet(tagged));
    expect(frame).toMatchObject({ tags: [0x6c02, 0x0064], etherType: 0x86dd, payload: octets('0102') });
    expect(encodeEthernet(frame)).toEqual(tagged);
  });

  it('with a length cuts the padding off', () => {
    const frame = decodedValue(decodeEthernet(octets('ffffffffffff 0024d78e21a4 0003 424203 0000000000')));
    expect(frame).toMatchObject({ etherType: undefined, payload: octets('424203') });
  });

  it.each([
    ['ffffffffffff 0024d78e21a4 08', 13],
    ['ffffffffffff 0024d78e21a4 8100 6c02', 16],
    ['ffffffffffff 0024d78e21a4 0004 424203', 12],
  ])('%s is truncated', (text, offset) => {
    expect(decodeEthernet(octets(text))).toMatchObject({ ok: false, error: { code: 'truncated', offset } });
  });
});

describe('the layer-2 update of an access point', () => {
  const station = mac('00:24:d7:8e:21:a4');

  it('is the broadcast LLC XID response that hostapd sends', () => {
    expect(encodeLayer2Update(station)).toEqual(octets('ffffffffffff 0024d78e21a4 0006 00 01 af 81 01 00'));
  });

  it('is recognised as command and response, polling or not, and padded', () => {
    for (const start of ['0000af', '0001af', '0000bf', '0001bf']) {
      const frame = octets(`ffffffffffff 0024d78e21a4 0006 ${start} 810100 ${'00'.repeat(40)}`);
      expect(isLayer2Update(decodedValue(decodeEthernet(frame))), start).toBe(true);
    }
  });

  it('is not an LLC frame of another kind, to one station, or of a type', () => {
    for (const text of [
      'ffffffffffff 0024d78e21a4 0006 4242 03 810100',
      'ffffffffffff 0024d78e21a4 0006 0001 e3 810100',
      '0180c2000000 0024d78e21a4 0006 0001 af 810100',
      'ffffffffffff 0024d78e21a4 0002 0001 af81',
      'ffffffffffff 0024d78e21a4 0800 0001 af 810100',
    ]) {
      expect(isLayer2Update(decodedValue(decodeEthernet(octets(text)))), text).toBe(false);
    }
  });
});

describe('[RFC 826] ARP', () => {
  const bytes = octets('0001 0800 06 04 0002 02005e005213 c0000201 0024d78e21a4 c0000202');

  it('decodes and encodes', () => {
    const packet = decodedValue(decodeArp(bytes));
    expect(packet).toEqual({
      operation: 2,
      senderMac: mac('02:00:5e:00:52:13'),
      senderAddress: v4('192.0.2.1'),
      targetMac: mac('00:24:d7:8e:21:a4'),
      targetAddress: v4('192.0.2.2'),
    });
    expect(encodeArp(packet)).toEqual(bytes);
  });

  it('refuses every truncation, and other hardware or protocols', () => {
    for (let length = 0; length < bytes.length; length++) expect(decodeArp(bytes.slice(0, length)).ok).toBe(false);
    for (const at of [1, 3, 4, 5]) {
      const changed = bytes.slice();
      changed[at] = 0x77;
      expect(decodeArp(changed)).toMatchObject({ ok: false, error: { code: 'bad-value' } });
    }
  });
});

describe('IPv6', () => {
  const fields = {
    trafficClass: 0xb9,
    flowLabel: 0xabcde,
    nextHeader: 17,
    hopLimit: 63,
    source: v6('2001:db8::1'),
    destination: v6('2001:db8::2'),
    payload: octets('010203'),
  };
  const head = '20010db8000000000000000000000001 20010db8000000000000000000000002';

  it('encodes every field and decodes it again, without what is after the packet', () => {
    const bytes = encodeIpv6(fields);
    expect(bytes).toEqual(octets(`6b9abcde 0003 11 3f ${head} 010203`));
    expect(decodedValue(decodeIpv6(new Uint8Array([...bytes, 9, 9])))).toMatchObject(fields);
  });

  it('[RFC 2473 §4.1.1] finds the payload behind a Tunnel Encapsulation Limit', () => {
    const bytes = octets(`60000000 000b 3c 40 ${head} 29 00 04 01 04 01 01 00 | limit 4, PadN \n 600102`);
    expect(decodedValue(decodeIpv6(bytes))).toMatchObject({
      nextHeader: 41,
      tunnelEncapsulationLimit: 4,
      payload: octets('600102'),
    });
  });

  it('[RFC 6275 §6.3, RFC 6275 §6.4] finds home addresses in a destination option and a type 2 routing header', () => {
    const bytes = octets(`60000000 0030 3c 40 ${head}
      2b 02 0102 0000 c9 10 20010db8000000000000000000000007 | Home Address
      3b 02 02 01 00000000 20010db8000000000000000000000008   | type 2`);
    expect(decodedValue(decodeIpv6(bytes))).toMatchObject({
      nextHeader: 59,
      homeAddress: v6('2001:db8::7'),
      routedHomeAddress: v6('2001:db8::8'),
      payload: new Uint8Array(0),
    });
  });

  it('recognises fragments, and does not look into those that are not the first', () => {
    const bytes = octets(`60000000 0010 2c 40 ${head} 3c 00 00a9 12345678 | offset 168, more \n 0011223344556677`);
    expect(decodedValue(decodeIpv6(bytes))).toMatchObject({
      nextHeader: 60,
      fragment: { offset: 168, more: true, identification: 0x12345678 },
      payload: octets('0011223344556677'),
    });
  });

  it('refuses truncations, other versions, and extension headers that run past the packet', () => {
    const bytes = encodeIpv6(fields);
    for (let length = 0; length < bytes.length; length++) expect(decodeIpv6(bytes.slice(0, length)).ok).toBe(false);
    expect(decodeIpv6(octets(`4b9abcde 0000 11 3f ${head}`))).toMatchObject({
      ok: false,
      error: { code: 'bad-value' },
    });
    expect(decodeIpv6(octets(`60000000 0008 00 40 ${head} 3b01 0000 00000000`))).toMatchObject({
      ok: false,
      error: { code: 'truncated', offset: 40 },
    });
  });
});

describe('IPv4', () => {
  // The header of a DHCP request in one of Zeek's traces.
  const zeek = '45000125 00010000 4011 79c8 00000000 ffffffff';
  const zeekPayload = '00'.repeat(0x125 - 20);

  it('decodes a header that another implementation made, checksum and all', () => {
    expect(decodedValue(decodeIpv4(octets(zeek + zeekPayload)))).toMatchObject({
      identification: 1,
      ttl: 64,
      protocol: 17,
      source: v4('0.0.0.0'),
      destination: v4('255.255.255.255'),
      fragmentOffset: 0,
      moreFragments: false,
    });
  });

  it('encodes what it decodes', () => {
    const fields = {
      trafficClass: 0xb8,
      identification: 0x1234,
      dontFragment: true,
      ttl: 7,
      protocol: 99,
      source: v4('192.0.2.1'),
      destination: v4('198.51.100.2'),
      payload: octets('010203'),
    };
    const bytes = encodeIpv4(fields);
    expect(decodedValue(decodeIpv4(new Uint8Array([...bytes, 9])))).toMatchObject(fields);
    for (let length = 0; length < bytes.length; length++) expect(decodeIpv4(bytes.slice(0, length)).ok).toBe(false);
    bytes[8] = 8;
    expect(decodeIpv4(bytes)).toMatchObject({ ok: false, error: { code: 'bad-checksum', offset: 10 } });
  });

  it.each([
    ['65000014 00000000 4011 0000 00000000 00000000', 'bad-value'],
    ['44000014 00000000 4011 0000 00000000 00000000', 'bad-length'],
    ['45000013 00000000 4011 0000 00000000 00000000', 'bad-length'],
  ])('%s is refused', (text, code) => {
    expect(decodeIpv4(octets(text))).toMatchObject({ ok: false, error: { code } });
  });
});

describe('UDP', () => {
  const payload = octets('68656c6c6f');
  const ports = { sourcePort: 5436, destinationPort: 68 };
  const over4 = { ...ports, source: v4('192.0.2.1'), destination: v4('198.51.100.2'), payload };
  const over6 = { ...ports, source: v6('2001:db8::1'), destination: v6('2001:db8::2'), payload };

  it.each([
    ['IPv4', over4],
    ['IPv6', over6],
  ])('over %s decodes what it encodes and refuses changes', (_family, fields) => {
    const bytes = encodeUdp(fields);
    const decode = (octetsOfIt: Uint8Array) => decodeUdp(octetsOfIt, fields.source, fields.destination);
    expect(decodedValue(decode(bytes))).toEqual({ ...ports, payload });
    for (let length = 0; length < bytes.length; length++) expect(decode(bytes.slice(0, length)).ok).toBe(false);
    bytes[9] = (bytes[9] as number) ^ 1;
    expect(decode(bytes)).toMatchObject({ ok: false, error: { code: 'bad-checksum', offset: 6 } });
  });

  it('needs no checksum over IPv4, and one over IPv6', () => {
    const bytes = octets('153c 0044 0009 0000 61');
    expect(decodeUdp(bytes, over4.source, over4.destination).ok).toBe(true);
    expect(decodeUdp(bytes, over6.source, over6.destination).ok).toBe(false);
  });

  it('takes the sum of the pseudo-header alone, as a virtual link hands it over', () => {
    // 192.0.2.1, 198.51.100.2, protocol 17, length 9: c000 + 0201 + c633 + 6402 + 0011 + 0009 = 1ec50, folded ec51.
    expect(decodeUdp(octets('153c 0044 0009 ec51 61'), over4.source, over4.destination).ok).toBe(true);
    expect(decodeUdp(octets('153c 0044 0009 ec52 61'), over4.source, over4.destination).ok).toBe(false);
  });

  it('refuses a length less than its header', () => {
    expect(decodeUdp(octets('153c 0044 0007 0000'), over4.source, over4.destination)).toMatchObject({
      ok: false,
      error: { code: 'bad-length', offset: 4 },
    });
  });
});
