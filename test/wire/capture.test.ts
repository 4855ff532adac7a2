import { describe, expect, it } from 'vitest';
import { concatBytes } from '#base/bytes.ts';
import { readCapture } from '#wire/capture.ts';
import { LinkType, PcapWriter } from '#wire/pcap.ts';
import { PcapngWriter } from '#wire/pcapng-writer.ts';
import { decodedValue, octets } from './vector.ts';

const BIG = `a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001
  67890abc 0001e240 00000003 00000005 010203`;
const LITTLE = `d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000
  bc0a8967 40e20100 03000000 05000000 010203`;
const LITTLE_NANOSECONDS = `4d3cb2a1 0200 0400 00000000 00000000 00000400 65000000
  bc0a8967 15cd5b07 03000000 03000000 010203`;
const packet = {
  number: 1,
  seconds: 0x67890abc,
  nanoseconds: 123_456_000,
  linkType: LinkType.ETHERNET,
  originalLength: 5,
  fileOffset: 40,
  bytes: octets('010203'),
};

describe('pcap', () => {
  it.each([
    ['big-endian microseconds', BIG, packet],
    ['little-endian microseconds', LITTLE, packet],
    [
      'little-endian nanoseconds',
      LITTLE_NANOSECONDS,
      { ...packet, nanoseconds: 123_456_789, linkType: 101, originalLength: 3 },
    ],
  ])('reads %s', (_order, text, expected) => {
    expect(decodedValue(readCapture(octets(text)))).toEqual({ format: 'pcap', packets: [expected], fault: undefined });
  });

  it('keeps what is before a cut, and says where it is', () => {
    const whole = octets(`${LITTLE} bc0a8967 40e20100 04000000 04000000 0a0b0c0d`);
    for (let length = 44; length < whole.length; length++) {
      const file = decodedValue(readCapture(whole.slice(0, length)));
      expect(file.packets).toEqual([packet]);
      expect(file.fault?.offset).toBe(length < 59 ? 43 : 59);
      expect(file.fault?.code).toBe('truncated');
    }
  });

  it('refuses a length that cannot be', () => {
    const file = decodedValue(readCapture(octets(`${LITTLE} bc0a8967 40e20100 ffffff7f 04000000 0a0b0c0d`)));
    expect(file).toMatchObject({ packets: [packet], fault: { code: 'bad-length', offset: 51 } });
  });

  it('writes what it reads', () => {
    const writer = new PcapWriter(LinkType.RAW);
    const file = concatBytes(
      writer.header(),
      writer.record({ at: 1_700_000_000_123.456, bytes: octets('600102') }),
      writer.record({ at: 1_700_000_001_000, bytes: octets('45'), originalLength: 40 }),
    );
    const { packets, fault } = decodedValue(readCapture(file));
    expect(fault).toBeUndefined();
    expect(packets).toMatchObject([
      { seconds: 1_700_000_000, linkType: 101, originalLength: 3, bytes: octets('600102') },
      { seconds: 1_700_000_001, nanoseconds: 0, originalLength: 40, bytes: octets('45') },
    ]);
    expect((packets[0]?.nanoseconds ?? 0) / 1000).toBeCloseTo(123_456, -1);
  });
});

describe('pcapng', () => {
  const SECTION = '0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000';
  const INTERFACE = '01000000 20000000 0100 0000 00000400 0900 0100 09000000 00000000 20000000';
  const ENHANCED = '06000000 24000000 00000000 01020000 03000000 03000000 05000000 01020300 24000000';

  it('reads enhanced packets with the resolution of their interface', () => {
    const { format, packets, fault } = decodedValue(readCapture(octets(`${SECTION} ${INTERFACE} ${ENHANCED}`)));
    const units = 0x201 * 0x1_0000_0000 + 3;
    expect({ format, fault }).toEqual({ format: 'pcapng', fault: undefined });
    expect(packets).toMatchObject([
      {
        number: 1,
        seconds: Math.floor(units / 1e9),
        nanoseconds: units % 1e9,
        linkType: 1,
        originalLength: 5,
        bytes: octets('010203'),
      },
    ]);
  });

  it('reads the other byte order, simple packets, and skips blocks that it does not know', () => {
    const file = octets(`0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c
      00000001 00000014 0065 0000 00000002 00000014
      00000bad 0000000c 0000000c
      00000003 00000014 00000009 45000000 00000014`);
    expect(decodedValue(readCapture(file))).toMatchObject({
      fault: undefined,
      packets: [{ linkType: 101, originalLength: 9, bytes: octets('4500') }],
    });
  });

  it.each([
    ['a packet without its interface', `${SECTION} ${ENHANCED}`, 56],
    ['a block length that is no multiple of 4', `${SECTION} 06000000 25000000 00000000`, 32],
    ['a file cut in a block', `${SECTION} ${INTERFACE} ${ENHANCED.slice(0, -9)}`, 60],
    ['no byte order', '0a0d0d0a 1c000000 00000000 0100 0000 ffffffffffffffff 1c000000', 8],
  ])('stops at %s', (_fault, text, offset) => {
    const { fault } = decodedValue(readCapture(octets(text)));
    expect(fault?.offset).toBe(offset);
  });
});

describe('pcapng as it is written', () => {
  it('has a section, each interface before its first packet, and nanoseconds', () => {
    const writer = new PcapngWriter();
    const packet = { seconds: 1, nanoseconds: 2, linkType: LinkType.RAW, bytes: octets('600102') };
    const file = concatBytes(writer.header(), writer.record(packet), writer.record({ ...packet, originalLength: 40 }));
    expect(file).toEqual(
      octets(`0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000
        01000000 20000000 6500 0000 00000400 0900 0100 09000000 00000000 20000000
        06000000 24000000 00000000 00000000 02ca9a3b 03000000 03000000 60010200 24000000
        06000000 24000000 00000000 00000000 02ca9a3b 03000000 28000000 60010200 24000000`),
    );
  });

  it('is read as it was written, packets of several link types among each other', () => {
    const writer = new PcapngWriter();
    const packets = [LinkType.RAW, LinkType.ETHERNET, LinkType.RAW].map((linkType, i) => {
      return {
        seconds: 1_767_323_045,
        nanoseconds: 999_999_999 - i,
        linkType,
        bytes: new Uint8Array(i + 1),
        originalLength: 9,
      };
    });
    const file = concatBytes(writer.header(), ...packets.map((each) => writer.record(each)));
    expect(decodedValue(readCapture(file))).toMatchObject({ format: 'pcapng', fault: undefined, packets });
  });
});

describe('what is no capture', () => {
  it('says so', () => {
    expect(readCapture(new Uint8Array(0))).toMatchObject({ ok: false, error: { offset: 0, rule: 'is empty' } });
    expect(readCapture(new TextEncoder().encode('hostname lma'))).toMatchObject({
      ok: false,
      error: { code: 'bad-value', offset: 0 },
    });
    expect(readCapture(octets('d4c3b2a1 0200'))).toMatchObject({ ok: false, error: { code: 'truncated' } });
  });
});
