import { describe, expect, it } from 'vitest';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { milliseconds, seconds } from '#base/time.ts';
import {
  type BindingUpdate,
  checkMobilityChecksum,
  decodeMobilityHeader,
  encodeMobilityHeader,
  findOption,
  findOptions,
  MOBILITY_MESSAGES,
  MOBILITY_OPTIONS,
  type MobilityOption,
  mobilityChecksum,
  setMobilityChecksum,
  statusName,
} from '#wire/mobility/index.ts';
import { decodedValue, octets } from '../vector.ts';

const update = (options: readonly MobilityOption[], lifetime = seconds(60)): BindingUpdate => ({
  kind: 'binding-update',
  sequence: 1,
  flags: 0x8200,
  lifetime,
  options,
});
const homeNetworkPrefix: MobilityOption = {
  kind: 'home-network-prefix',
  prefix: Ipv6Prefix.parse('2001:db8::/64') as Ipv6Prefix,
  offLink: false,
};

describe('the Mobility Header', () => {
  it.each([
    ['RFC 6275 §6.1.1: nothing', '', 'truncated', 0],
    ['RFC 6275 §6.1.1: half a header', '3b 00 0d 00', 'truncated', 4],
    ['RFC 6275 §9.2: Payload Proto', '06 01 05 00 0000 0001 8200 0001 01020000', 'bad-value', 0],
    ['RFC 6275 §9.2: Header Len past the packet', '3b 02 05 00 0000 0001 8200 0001 01020000', 'truncated', 1],
    ['RFC 6275 §9.2: Header Len too small for the type', '3b 00 05 00 0000 0001', 'bad-length', 1],
    ['RFC 6275 §9.2: Header Len too small for a BE', '3b 01 07 00 0000 0200 0000000000000000', 'bad-length', 1],
  ])('[%s] is refused', (_clause, text, code, offset) => {
    expect(decodeMobilityHeader(octets(text))).toMatchObject({ ok: false, error: { code, offset } });
  });

  it('[RFC 6275 §9.2] of an unknown type is a message, so that a Binding Error can answer it', () => {
    expect(decodedValue(decodeMobilityHeader(octets('3b 00 63 00 1234 0102')))).toEqual({
      kind: 'unknown-mobility-message',
      type: 0x63,
      data: octets('0102'),
    });
  });

  it.each([
    ['BRI', '3b01 10 RR 0000 01 02 0102 8000', 'binding-revocation-indication'],
    ['BRA', '3b01 10 RR 0000 02 00 0102 8000', 'binding-revocation-acknowledgement'],
    ['Heartbeat', '3b01 0d RR 0000 0001 00000007', 'heartbeat'],
  ])(
    '[RFC 5846 §5, §5.1, §5.2, RFC 5847 §3.3] reserved bits and unknown options of a %s are ignored',
    (_, text, kind) => {
      const decoded = (reserved: string) => decodeMobilityHeader(octets(`${text.replace('RR', reserved)} fe 02 0102`));
      expect(decoded('ff')).toMatchObject({ ok: true, value: { kind, options: [{ kind: 'unknown-option' }] } });
      expect(decoded('ff')).toEqual(decoded('00'));
    },
  );

  it('[RFC 6275 §6.2.1] an unknown option is skipped by readers and written back as it was', () => {
    const bytes = octets('3b 02 05 00 0000 0001 8200 0001 c8 04 01020304 17 02 00 03 01 00');
    const message = decodedValue(decodeMobilityHeader(bytes)) as BindingUpdate;
    expect(findOption(message.options, 'handoff-indicator')?.indicator).toBe(3);
    expect(encodeMobilityHeader(message)).toEqual(bytes);
  });

  it('[RFC 6275 §6.1.7] counts the lifetime in whole units of 4 seconds, never more than was said', () => {
    const units = (ms: number) => {
      const bytes = encodeMobilityHeader(update([], milliseconds(ms)));
      return ((bytes[10] as number) << 8) | (bytes[11] as number);
    };
    expect(units(0)).toBe(0);
    expect(units(3999)).toBe(0);
    expect(units(4000)).toBe(1);
    expect(units(3_599_999)).toBe(899);
    expect(units(1e12)).toBe(0xffff);
    expect(units(Number.POSITIVE_INFINITY)).toBe(0xffff);
    expect(units(-5)).toBe(0);
    expect(units(Number.NaN)).toBe(0);
  });

  it('every option starts where its RFC wants it, whatever is before it', () => {
    const filler = (length: number): MobilityOption => ({
      kind: 'unknown-option',
      type: 250,
      data: new Uint8Array(length),
    });
    for (let before = 0; before < 8; before++) {
      const bytes = encodeMobilityHeader(update([filler(before), homeNetworkPrefix]));
      const at = bytes.indexOf(22, 14 + before);
      expect(at % 8, `after ${before} octets`).toBe(4);
      expect(bytes.length % 8).toBe(0);
      expect(decodedValue(decodeMobilityHeader(bytes))).toEqual(update([filler(before), homeNetworkPrefix]));
    }
  });

  it('is at most 2048 octets: options that do not fit stay out, so that no request makes an answer fail', () => {
    const bytes = encodeMobilityHeader(update(new Array(200).fill(homeNetworkPrefix)));
    expect(bytes.length).toBe(2048);
    const message = decodedValue(decodeMobilityHeader(bytes)) as BindingUpdate;
    expect(findOptions(message.options, 'home-network-prefix')).toHaveLength(85);
  });

  it('an option of more than 255 octets is our own mistake', () => {
    const identifier = new Uint8Array(255);
    expect(() => encodeMobilityHeader(update([{ kind: 'mobile-node-identifier', subtype: 1, identifier }]))).toThrow(
      RangeError,
    );
  });

  it('two encodings share no memory', () => {
    const first = encodeMobilityHeader(update([homeNetworkPrefix]));
    const copy = first.slice();
    encodeMobilityHeader(update([{ kind: 'link-local-address', address: Ipv6Address.allNodes }]));
    expect(first).toEqual(copy);
  });
});

describe('the tables of messages and options', () => {
  it('name each number once, and each kind once', () => {
    const numbers = MOBILITY_MESSAGES.map((codec) => `${codec.type}.${codec.subtype?.value ?? ''}`);
    expect(new Set(numbers).size).toBe(MOBILITY_MESSAGES.length);
    expect(new Set(MOBILITY_MESSAGES.map((codec) => codec.kind)).size).toBe(MOBILITY_MESSAGES.length);
    expect(new Set(MOBILITY_OPTIONS.map((codec) => codec.type)).size).toBe(MOBILITY_OPTIONS.length);
    expect(new Set(MOBILITY_OPTIONS.map((codec) => codec.kind)).size).toBe(MOBILITY_OPTIONS.length);
  });

  it('[RFC 5213 §8.9] name a status', () => {
    expect(statusName(157)).toBe('TIMESTAMP_LOWER_THAN_PREV_ACCEPTED');
    expect(statusName(250)).toBe('250');
  });
});

describe('[RFC 6275 §6.1.1] the checksum', () => {
  const source = Ipv6Address.parse('2001:db8:cafe:1025::15') as Ipv6Address;
  const destination = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;

  it('is over the pseudo-header and the message, and found right again', () => {
    const message = encodeMobilityHeader(update([homeNetworkPrefix]));
    setMobilityChecksum(source, destination, message);
    expect(checkMobilityChecksum(source, destination, message)).toBe(true);
    expect(mobilityChecksum(source, destination, message)).toBe(((message[4] as number) << 8) | (message[5] as number));
  });

  it('is wrong after a change of any octet, and between other addresses', () => {
    const message = encodeMobilityHeader(update([homeNetworkPrefix]));
    setMobilityChecksum(source, destination, message);
    for (let at = 0; at < message.length; at++) {
      const changed = message.slice();
      changed[at] = (changed[at] as number) ^ 0x10;
      expect(checkMobilityChecksum(source, destination, changed), `octet ${at}`).toBe(false);
    }
    expect(checkMobilityChecksum(source, source, message)).toBe(false);
  });

  it('of a message too short to hold one is wrong', () => {
    expect(checkMobilityChecksum(source, destination, octets('3b000d00'))).toBe(false);
  });
});
