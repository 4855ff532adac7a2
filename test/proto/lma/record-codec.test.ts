import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '#base/bytes.ts';
import { seconds, utcTime } from '#base/time.ts';
import type { BindingRecord } from '#proto/lma/index.ts';
import { decodeBindingRecord, encodeBindingRecord, isBindingRecord } from '#proto/lma/index.ts';
import { anyRecord } from './any-record.ts';
import { ipv4, ipv6, ipv6Prefix } from './dialogue.ts';

describe('the record of a binding', () => {
  it('comes back as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(decodeBindingRecord('lma1/7', encodeBindingRecord(record))).toEqual(record);
      }),
    );
  });

  it('has the octets of version 1', () => {
    expect(toHex(encodeBindingRecord(plain))).toBe(
      [
        '01 0000 00 0000', // version, no optional field, active, customer
        '01 0003 614062 0003 614062', // NAI a@b, and its name
        '0006 0024d78e21a4 04', // link-layer identifier, access technology
        '01 06 20010db8cafe10260000000000000015 06 20010db8cafe10240000000000000101 0000 00', // care-of address, IP in IP
        '0036ee80', // 3600 s
        '0006445a17f5e400 0006445a17f5e400 0006445941624000',
        '004d 00', // sequence number, no prefix
      ]
        .join('')
        .replaceAll(' ', ''),
    );
  });

  it('is refused when cut short, longer, of another version or with a value that is none', () => {
    const octets = encodeBindingRecord({ ...plain, homeAddress: home, prefixes: [ipv6Prefix('2001:db8:f00d:7::/64')] });
    for (let length = 0; length < octets.length; length++) {
      expect(decodeBindingRecord('a', octets.subarray(0, length))).toBeUndefined();
    }
    expect(decodeBindingRecord('a', Uint8Array.of(...octets, 0))).toBeUndefined();
    expect(decodeBindingRecord('a', octets.with(0, 2))).toBeUndefined();
    expect(decodeBindingRecord('a', octets.with(3, 9))).toBeUndefined();
    expect(decodeBindingRecord('a', octets.with(1, 0x80))).toBeUndefined();
  });

  it('is known for one exactly when it can be read', () => {
    const change = fc.record({ at: fc.nat(), value: fc.nat(255), cut: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(anyRecord, fc.array(change, { maxLength: 2 }), (record, changes) => {
        let octets = encodeBindingRecord(record).slice();
        for (const { at, value, cut } of changes) {
          octets[at % octets.length] = value;
          octets = octets.subarray(0, octets.length - cut);
        }
        expect(isBindingRecord(octets)).toBe(decodeBindingRecord('a', octets) !== undefined);
      }),
      { numRuns: 500 },
    );
  });

  it('shares its care-of addresses with others that have the same, and with none that has not', () => {
    const [one, same] = [plain, { ...plain, sequence: 78 }].map((each) =>
      decodeBindingRecord('a', encodeBindingRecord(each)),
    );
    const [careOf] = plain.careOfAddresses;
    const moved = { ...plain, careOfAddresses: [{ ...careOf, address: ipv6('2001:db8:cafe:1027::15') }] as const };
    expect(same?.careOfAddresses).toBe(one?.careOfAddresses);
    expect(decodeBindingRecord('a', encodeBindingRecord(moved))).toEqual({ ...moved, id: 'a' });
    expect(one).toEqual(plain);
  });

  it('of any octets is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
        decodeBindingRecord('a', Uint8Array.of(1, ...octets));
      }),
    );
  });
});

const home = { address: ipv4('192.0.2.7'), prefixLength: 24, defaultRouter: ipv4('192.0.2.254') };

const plain: BindingRecord = {
  id: 'a',
  state: 'active',
  customer: 0,
  mobileNode: { subtype: 1, identifier: 'a@b', name: 'a@b' },
  interface: { linkLayerIdentifier: '0024d78e21a4', accessTechnology: 4 },
  careOfAddresses: [
    { address: ipv6('2001:db8:cafe:1026::15'), local: ipv6('2001:db8:cafe:1024::101'), encapsulation: { kind: 'ip' } },
  ],
  homeAddress: undefined,
  prefixes: [],
  linkLocalAddress: undefined,
  lifetime: seconds(3600),
  endsAt: utcTime(1_764_003_600_000),
  grantedUntil: utcTime(1_764_003_600_000),
  registeredAt: utcTime(1_764_000_000_000),
  timestamp: undefined,
  messageId: undefined,
  sequence: 77,
  service: undefined,
  uplinkKey: undefined,
};
