import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '#base/bytes.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { SeededRandom } from '#base/random.ts';
import { seconds } from '#base/time.ts';
import { equalInConstantTime, HmacSha1 } from '#wire/hmac-sha1.ts';
import {
  AuthenticationSubtype,
  type BindingUpdate,
  decodeMobilityHeader,
  encodeAuthenticated,
  encodeMobilityHeader,
  HMAC_SHA1_SPI,
  type MobilityOption,
  setMobilityChecksum,
  verifyAuthentication,
} from '#wire/mobility/index.ts';
import { sha1 } from '#wire/sha1.ts';
import { decodedValue, octets } from './vector.ts';

const ascii = (text: string) => new TextEncoder().encode(text);
const repeated = (octet: number, count: number) => new Uint8Array(count).fill(octet);

describe('[RFC 2202 §3] HMAC-SHA-1', () => {
  it.each([
    [1, repeated(0x0b, 20), ascii('Hi There'), 'b617318655057264e28bc0b6fb378c8ef146be00'],
    [2, ascii('Jefe'), ascii('what do ya want for nothing?'), 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79'],
    [3, repeated(0xaa, 20), repeated(0xdd, 50), '125d7342b9ac11cd91a39af48aa17b4f63f175d3'],
    [
      4,
      octets('0102030405060708090a0b0c0d0e0f10111213141516171819'),
      repeated(0xcd, 50),
      '4c9007f4026250c6bc8414f9bf50c86c2d7235da',
    ],
    [5, repeated(0x0c, 20), ascii('Test With Truncation'), '4c1a03424b55e07fe7f27be1d58bb9324a9a5a04'],
    [
      6,
      repeated(0xaa, 80),
      ascii('Test Using Larger Than Block-Size Key - Hash Key First'),
      'aa4ae5e15272d00e95705637ce8a3b55ed402112',
    ],
    [
      7,
      repeated(0xaa, 80),
      ascii('Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data'),
      'e8e99d0f45237d786d6bbaa7965c7808bbff1a91',
    ],
  ])('test case %i', (_number, key, data, digest) => {
    const hmac = new HmacSha1(key);
    expect(toHex(hmac.sign(data))).toBe(digest);
    expect(toHex(hmac.sign(data)), 'again, with the same pads').toBe(digest);
  });

  it('agrees with the hash of the runtime at every length around the block size', () => {
    const random = new SeededRandom(1);
    for (let length = 0; length < 200; length++) {
      const data = Uint8Array.from({ length }, () => random.nextU32() & 0xff);
      const key = Uint8Array.from({ length: length % 130 }, () => random.nextU32() & 0xff);
      expect(toHex(sha1(data)), `${length}`).toBe(createHash('sha1').update(data).digest('hex'));
      expect(toHex(new HmacSha1(key).sign(data)), `${length}`).toBe(createHmac('sha1', key).update(data).digest('hex'));
    }
  });

  it('agrees with it where a message is longer than what is hashed at once', () => {
    for (const length of [32_703, 32_704, 32_759, 32_760, 32_767, 32_768, 32_769, 65_536, 100_000]) {
      const data = new Uint8Array(length).map((_, i) => (i * 31) >>> 3);
      expect(toHex(sha1(data)), `${length}`).toBe(createHash('sha1').update(data).digest('hex'));
    }
  });

  it('compares all octets', () => {
    expect(equalInConstantTime(octets('0102'), octets('0102'))).toBe(true);
    expect(equalInConstantTime(octets('0102'), octets('0103'))).toBe(false);
    expect(equalInConstantTime(octets('0102'), octets('010203'))).toBe(false);
  });
});

describe('[RFC 4285 §5.1] the MN-HA authentication option', () => {
  const key = octets('000102030405060708090a0b0c0d0e0f');
  const association = { subtype: AuthenticationSubtype.MN_HA, spi: 0x89abcdef, hmac: new HmacSha1(key) };
  const careOf = Ipv6Address.parse('2001:db8::15') as Ipv6Address;
  const anchor = Ipv6Address.parse('2001:db8::101') as Ipv6Address;
  const node: MobilityOption = { kind: 'mobile-node-identifier', subtype: 1, identifier: ascii('mn@example.net') };
  const update: BindingUpdate = {
    kind: 'binding-update',
    sequence: 7,
    flags: 0x8200,
    lifetime: seconds(3600),
    options: [
      node,
      { kind: 'home-network-prefix', prefix: Ipv6Prefix.parse('2001:db8:f00d::/64') as Ipv6Prefix, offLink: false },
    ],
  };
  const bytes = encodeAuthenticated(update, [association], careOf);
  const spiEnd = toHex(bytes).indexOf('89abcdef') / 2 + 4;

  it('is last, and holds the first 96 bits over care-of address, home address and header up to the SPI', () => {
    const message = decodedValue(decodeMobilityHeader(bytes)) as BindingUpdate;
    const option = message.options.at(-1);
    const signed = concatBytes(careOf.toBytes(), new Uint8Array(16), bytes.slice(0, spiEnd));
    const digest = createHmac('sha1', key).update(signed).digest().subarray(0, 12);
    expect(option).toEqual({ kind: 'authentication', subtype: 1, spi: 0x89abcdef, data: new Uint8Array(digest) });
  });

  it('is found authentic, also after the checksum was filled in', () => {
    const sent = bytes.slice();
    setMobilityChecksum(careOf, anchor, sent);
    expect(verifyAuthentication(sent, association, careOf)).toBe('authentic');
  });

  it('is found forged after any change that matters, from another address and with another key', () => {
    for (let at = 6; at < spiEnd - 7; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ 0x01;
      expect(verifyAuthentication(changed, association, careOf), `octet ${at}`).not.toBe('authentic');
    }
    expect(verifyAuthentication(bytes, association, anchor)).toBe('forged');
    expect(verifyAuthentication(bytes, { ...association, hmac: new HmacSha1(octets('00')) }, careOf)).toBe('forged');
  });

  it('is absent with another SPI and without the option; misplaced where another option follows it', () => {
    expect(verifyAuthentication(bytes, { ...association, spi: 256 }, careOf)).toBe('absent');
    expect(verifyAuthentication(encodeMobilityHeader(update), association, careOf)).toBe('absent');
    const message = decodedValue(decodeMobilityHeader(bytes)) as BindingUpdate;
    const behind = encodeMobilityHeader({ ...message, options: [...message.options, node] });
    expect(verifyAuthentication(behind, association, careOf)).toBe('misplaced');
  });

  it('harms nothing when the octets are cut', () => {
    for (let length = 8; length < spiEnd + 12; length++) {
      expect(verifyAuthentication(bytes.slice(0, length), association, careOf)).not.toBe('authentic');
    }
  });

  describe('[RFC 4285 §5.2] with MN-AAA after it', () => {
    const aaaKey = octets('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
    const aaa = { subtype: AuthenticationSubtype.MN_AAA, spi: HMAC_SHA1_SPI, hmac: new HmacSha1(aaaKey) };
    const both = encodeAuthenticated(update, [association, aaa], careOf);
    const optionsOf = (encoded: Uint8Array) => (decodedValue(decodeMobilityHeader(encoded)) as BindingUpdate).options;

    it('verifies with either key', () => {
      expect(optionsOf(both).slice(-2)).toMatchObject([
        { kind: 'authentication', subtype: 1, spi: 0x89abcdef },
        { kind: 'authentication', subtype: 2, spi: 3 },
      ]);
      expect(verifyAuthentication(both, association, careOf)).toBe('authentic');
      expect(verifyAuthentication(both, aaa, careOf)).toBe('authentic');
      expect(verifyAuthentication(both, aaa, anchor)).toBe('forged');
      expect(verifyAuthentication(both, { ...aaa, hmac: new HmacSha1(key) }, careOf)).toBe('forged');
    });

    it('holds the HMAC of the SHA-1 over what MN-HA covers and MN-HA itself', () => {
      const end = toHex(both).lastIndexOf('00000003') / 2 + 4;
      const data = createHash('sha1')
        .update(concatBytes(careOf.toBytes(), new Uint8Array(16), both.slice(0, end)))
        .digest();
      const wanted = createHmac('sha1', aaaKey).update(data).digest();
      expect(optionsOf(both).at(-1)).toMatchObject({ data: new Uint8Array(wanted) });
    });

    it('stands alone too, and MN-HA is then absent', () => {
      const alone = encodeAuthenticated(update, [aaa], careOf);
      expect(verifyAuthentication(alone, aaa, careOf)).toBe('authentic');
      expect(verifyAuthentication(alone, association, careOf)).toBe('absent');
    });

    it('is to be discarded with the two in the other order, with one of them twice, and with an option between', () => {
      const [first, second] = optionsOf(both).slice(-2) as [MobilityOption, MobilityOption];
      for (const tail of [
        [second, first],
        [first, first],
        [first, node, second],
        [first, second, node],
      ]) {
        const wrong = encodeMobilityHeader({ ...update, options: [...update.options, ...tail] });
        expect(verifyAuthentication(wrong, association, careOf)).toBe('misplaced');
        expect(verifyAuthentication(wrong, aaa, careOf)).toBe('misplaced');
      }
    });

    it('is not written where there is no room for it, nor in the wrong order', () => {
      const full: BindingUpdate = { ...update, options: new Array(90).fill(update.options[1]) };
      expect(() => encodeAuthenticated(full, [association], careOf)).toThrow(RangeError);
      expect(() => encodeAuthenticated(update, [aaa, association], careOf)).toThrow(RangeError);
    });
  });

  it('of a length that the algorithm does not give is forged', () => {
    const { options } = decodedValue(decodeMobilityHeader(bytes)) as BindingUpdate;
    const last = options.at(-1) as Extract<MobilityOption, { kind: 'authentication' }>;
    for (const length of [0, 11, 13]) {
      const data = new Uint8Array(length);
      data.set(last.data.subarray(0, length));
      const wrong = encodeMobilityHeader({ ...update, options: [...update.options, { ...last, data }] });
      expect(verifyAuthentication(wrong, association, careOf)).not.toBe('authentic');
    }
  });
});
