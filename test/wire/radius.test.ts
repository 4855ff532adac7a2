import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex } from '#base/bytes.ts';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { SeededRandom } from '#base/random.ts';
import { hmacMd5, md5 } from '#wire/md5.ts';
import {
  checkMessageAuthenticator,
  checkRadiusAuthenticator,
  hideUserPassword,
  setMessageAuthenticator,
  setRadiusAuthenticator,
} from '#wire/radius/authenticators.ts';
import { RadiusDictionary, type RadiusValue } from '#wire/radius/dictionary.ts';
import { DICTIONARY_TEXT } from '#wire/radius/dictionary-text.ts';
import { decodeRadius, encodeRadius, findRadiusAttribute, RadiusCode } from '#wire/radius.ts';
import { decodedValue, octets } from './vector.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const SECRET = ascii('xyzzy5461');

const REQUEST = octets(`01 00 00 38 0f 40 3f 94 73 97 80 57 bd 83 d5 cb
  98 f4 22 7a 01 06 6e 65 6d 6f 02 12 0d be 70 8d
  93 d4 13 ce 31 96 e4 3f 78 2a 0a ee 04 06 c0 a8
  01 10 05 06 00 00 00 03`);
const ACCEPT = octets(`02 00 00 26 86 fe 22 0e 76 24 ba 2a 10 05 f6 bf
  9b 55 e0 b2 06 06 00 00 00 01 0f 06 00 00 00 00
  0e 06 c0 a8 01 03`);

const dictionary = () => {
  const parsed = RadiusDictionary.parse(DICTIONARY_TEXT);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

describe('MD5 and HMAC-MD5', () => {
  it('[RFC 2202 §2] agree with test cases 1 and 2', () => {
    expect(toHex(hmacMd5(new Uint8Array(16).fill(0x0b), ascii('Hi There')))).toBe('9294727a3638bb1c13f48ef8158bfc9d');
    expect(toHex(hmacMd5(ascii('Jefe'), ascii('what do ya want for nothing?')))).toBe(
      '750c783e6ab0b503eaa86e310a5db738',
    );
  });

  it('agree with the hashes of the runtime at every length around the block size', () => {
    const random = new SeededRandom(1);
    for (let length = 0; length < 200; length++) {
      const data = Uint8Array.from({ length }, () => random.nextU32() & 0xff);
      expect(toHex(md5(data)), `${length}`).toBe(createHash('md5').update(data).digest('hex'));
      const key = data.slice(0, length % 100);
      expect(toHex(hmacMd5(key, data)), `${length}`).toBe(createHmac('md5', key).update(data).digest('hex'));
    }
  });
});

describe('RADIUS', () => {
  it('[RFC 2865 §7.1] reads and writes the worked example', () => {
    const names = dictionary();
    const request = decodedValue(decodeRadius(REQUEST));
    expect(request).toMatchObject({ code: RadiusCode.ACCESS_REQUEST, identifier: 0 });
    expect(names.find(request, 'User-Name')).toBe('nemo');
    expect(names.find(request, 'NAS-IP-Address')).toEqual(Ipv4Address.parse('192.168.1.16'));
    expect(names.find(request, 'NAS-Port')).toBe(3);
    expect(encodeRadius(request)).toEqual(REQUEST);
    const accept = decodedValue(decodeRadius(ACCEPT));
    expect(names.type('Service-Type')?.names.get(names.find(accept, 'Service-Type') as number)).toBe('Login');
    expect(encodeRadius(accept)).toEqual(ACCEPT);
  });

  it('reads and writes the request of an access switch in a Zeek trace', () => {
    const bytes =
      octets(`0105008becfe3d2fe4473ec6299095ee46aedf7704060a00000105060000c35c3d060000000f010e4a6f686e2e4d63477569
      726b1e1330302d31392d30362d45412d42382d38431f1330302d31342d32322d45392d35342d35450606000000020c060000
      05dc4f1302000011014a6f686e2e4d63477569726b501228c5beb8842486da70db51316f9d7889`);
    const packet = decodedValue(decodeRadius(bytes));
    const names = dictionary();
    expect(packet).toMatchObject({ code: RadiusCode.ACCESS_REQUEST, identifier: 5 });
    expect(names.find(packet, 'User-Name')).toBe('John.McGuirk');
    expect(names.find(packet, 'Calling-Station-Id')).toBe('00-14-22-E9-54-5E');
    expect(names.find(packet, 'NAS-IP-Address')).toEqual(Ipv4Address.parse('10.0.0.1'));
    expect(names.find(packet, 'NAS-Port')).toBe(50_012);
    expect(encodeRadius(packet)).toEqual(bytes);
  });

  it('[RFC 2865 §5.2] hides the password of the worked example', () => {
    const { authenticator } = decodedValue(decodeRadius(REQUEST));
    const hidden = hideUserPassword(ascii('arctangent'), authenticator, SECRET);
    expect(hidden).toEqual(findRadiusAttribute(decodedValue(decodeRadius(REQUEST)), 2));
  });

  it('[RFC 2865 §3] verifies the response authenticator of the worked example', () => {
    const { authenticator } = decodedValue(decodeRadius(REQUEST));
    expect(checkRadiusAuthenticator(ACCEPT, SECRET, authenticator)).toBe(true);
    expect(checkRadiusAuthenticator(ACCEPT, ascii('other'), authenticator)).toBe(false);
    const changed = ACCEPT.slice();
    changed[37] = 4;
    expect(checkRadiusAuthenticator(changed, SECRET, authenticator)).toBe(false);
  });

  it('[RFC 2866 §3] signs an accounting request over 16 zero octets', () => {
    const packet = encodeRadius({
      code: RadiusCode.ACCOUNTING_REQUEST,
      identifier: 9,
      authenticator: new Uint8Array(16),
      attributes: [dictionary().attribute('Acct-Status-Type', 1)],
    });
    setRadiusAuthenticator(packet, SECRET);
    const zeroed = packet.slice();
    zeroed.fill(0, 4, 20);
    expect(toHex(packet.slice(4, 20))).toBe(createHash('md5').update(zeroed).update(SECRET).digest('hex'));
    expect(checkRadiusAuthenticator(packet, SECRET)).toBe(true);
  });

  it('[RFC 3579 §3.2] signs and verifies with a Message-Authenticator, and says when there is none', () => {
    const authenticator = octets('000102030405060708090a0b0c0d0e0f');
    const attributes = [
      dictionary().attribute('User-Name', 'mn@example.net'),
      dictionary().attribute('Message-Authenticator', new Uint8Array(16)),
    ];
    const packet = encodeRadius({ code: RadiusCode.ACCESS_REQUEST, identifier: 1, authenticator, attributes });
    const digest = createHmac('md5', SECRET).update(packet).digest('hex');
    expect(setMessageAuthenticator(packet, SECRET, authenticator)).toBe(true);
    expect(toHex(packet.slice(-16))).toBe(digest);
    expect(checkMessageAuthenticator(packet, SECRET, authenticator)).toBe(true);
    packet[25] = 0x78;
    expect(checkMessageAuthenticator(packet, SECRET, authenticator)).toBe(false);
    expect(checkMessageAuthenticator(REQUEST, SECRET, authenticator)).toBeUndefined();
  });

  it('[RFC 3579 §3.2] verifies what a socket gives, whose slices share their octets, and leaves it as it is', () => {
    const authenticator = new Uint8Array(16).fill(3);
    const attributes = [dictionary().attribute('Message-Authenticator', new Uint8Array(16))];
    const packet = Buffer.from(
      encodeRadius({ code: RadiusCode.ACCESS_ACCEPT, identifier: 1, authenticator, attributes }),
    );
    setMessageAuthenticator(packet, SECRET, authenticator);
    setRadiusAuthenticator(packet, SECRET, authenticator);
    const before = Buffer.from(packet);
    expect(checkMessageAuthenticator(packet, SECRET, authenticator)).toBe(true);
    expect(packet).toEqual(before);
  });

  it('[RFC 2865 §5.26] opens Vendor-Specific attributes, several in one too, and keeps those in another form', () => {
    const head = '02 01';
    const auth = '00'.repeat(16);
    const packet = octets(`${head} 0031 ${auth}
      1a 11 00000009 01 06 61626364 fb 05 786f00
      1a 06 00000009 | no attribute inside
      1a 06 01020304`);
    packet[3] = packet.length;
    const { attributes } = decodedValue(decodeRadius(packet));
    expect(attributes).toEqual([
      { vendor: 9, type: 1, value: ascii('abcd') },
      { vendor: 9, type: 251, value: octets('786f00') },
      { vendor: 0, type: 26, value: octets('00000009') },
      { vendor: 0, type: 26, value: octets('01020304') },
    ]);
  });

  it.each<[string, string, RadiusValue, string]>([
    ['RFC 6572 §4', 'PMIP6-Home-LMA-IPv6-Address', Ipv6Address.allNodes, 'ff020000000000000000000000000001'],
    ['RFC 6572 §4', 'PMIP6-Home-HN-Prefix', Ipv6Prefix.parse('2001:db8:f00d::/48') as Ipv6Prefix, '0030 20010db8f00d'],
    ['RFC 6572 §4', 'PMIP6-Home-IPv4-HoA', Ipv4Prefix.parse('192.0.2.7/24') as Ipv4Prefix, '0018 c0000207'],
    ['RFC 6572 §4', 'Mobile-Node-Identifier', 'mn@example.net', '6d6e406578616d706c652e6e6574'],
    ['RFC 6572 §4', 'PMIP6-Home-Interface-ID', octets('0102030405060708'), '0102030405060708'],
    ['RFC 5447 §4', 'MIP6-Feature-Vector', 0x0001_0200_0000_0001n, '0001020000000001'],
    ['Cisco', 'Cisco-AVPair', 'mn-nai=mn@example.net', '6d6e2d6e61693d6d6e406578616d706c652e6e6574'],
  ])('[%s] has a form for %s', (_source, name, value, text) => {
    const names = dictionary();
    const attribute = names.attribute(name, value);
    expect(attribute.value).toEqual(octets(text));
    expect(names.value(attribute)).toEqual(value);
    const packet = { code: 1, identifier: 0, authenticator: new Uint8Array(16), attributes: [attribute] };
    expect(decodedValue(decodeRadius(encodeRadius(packet)))).toEqual(packet);
    expect(names.findAll(packet, name)).toEqual([value]);
  });

  it.each([
    ['NAS-Port', '010203'],
    ['Framed-IP-Address', '0102'],
    ['PMIP6-Home-HN-Prefix', '0081 2001'],
    ['PMIP6-Home-IPv4-HoA', '0021 c0000207'],
    ['User-Name', 'ff'],
  ])('a malformed %s has no value', (name, text) => {
    const names = dictionary();
    const type = names.type(name);
    expect(names.value({ vendor: 0, type: type?.type ?? 0, value: octets(text) })).toBeUndefined();
  });

  it('[RFC 2865 §3] refuses truncations and lengths that cannot be', () => {
    for (let length = 0; length < REQUEST.length; length++)
      expect(decodeRadius(REQUEST.slice(0, length)).ok).toBe(false);
    expect(decodedValue(decodeRadius(new Uint8Array([...REQUEST, 9])))).toEqual(decodedValue(decodeRadius(REQUEST)));
    const zero = REQUEST.slice();
    zero[21] = 1;
    expect(decodeRadius(zero)).toMatchObject({ ok: false, error: { code: 'bad-length', offset: 20 } });
  });

  it('says in which line a dictionary is wrong', () => {
    expect(RadiusDictionary.parse('ATTRIBUTE A 1 string\nVALUE B C 1')).toEqual({
      ok: false,
      error: 'line 2: attribute B is not defined',
    });
    expect(RadiusDictionary.parse('BEGIN-VENDOR X')).toMatchObject({ ok: false });
    expect(RadiusDictionary.parse('$INCLUDE x')).toMatchObject({ ok: false });
    expect(RadiusDictionary.parse('ATTRIBUTE A x string')).toMatchObject({ ok: false });
  });
});
