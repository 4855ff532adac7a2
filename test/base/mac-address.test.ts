import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';

const anyMac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => MacAddress.read(bytes));
const mac = (text: string) => MacAddress.parse(text) as MacAddress;

describe('MacAddress', () => {
  it('reads the three usual forms', () => {
    for (const text of ['00:24:d7:8e:21:a4', '00-24-D7-8E-21-A4', '0024.d78e.21a4']) {
      expect(mac(text).toBytes(), text).toEqual(Uint8Array.of(0x00, 0x24, 0xd7, 0x8e, 0x21, 0xa4));
    }
  });

  it.each([
    '',
    '00:24:d7:8e:21',
    '00:24:d7:8e:21:a4:00',
    '00:24-d7:8e:21:a4',
    '0:24:d7:8e:21:a4',
    '0024d78e21a4',
    '0024.d78e',
    '00:24:d7:8e:21:g4',
    ' 00:24:d7:8e:21:a4',
  ])('refuses %j', (text) => {
    expect(MacAddress.parse(text)).toBeUndefined();
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(anyMac, (a) => {
        expect(mac(a.toString()).equals(a)).toBe(true);
        expect(mac(a.toCiscoString()).equals(a)).toBe(true);
        expect(MacAddress.read(a.toBytes()).equals(a)).toBe(true);
      }),
    );
  });

  it('has one exact key for each address', () => {
    fc.assert(fc.property(anyMac, anyMac, (a, b) => (a.key === b.key) === a.equals(b)));
    expect(MacAddress.broadcast.key).toBe(2 ** 48 - 1);
    expect(mac('00:00:80:00:00:00').key).toBe(2 ** 31);
  });

  it('prints as Linux and as Cisco do', () => {
    expect(mac('0024.D78E.21A4').toString()).toBe('00:24:d7:8e:21:a4');
    expect(mac('00:24:d7:8e:21:a4').toCiscoString()).toBe('0024.d78e.21a4');
  });

  it('[RFC 6543 §3] has the reserved address of a MAG', () => {
    expect(MacAddress.pmipv6Mag.toString()).toBe('00:00:5e:00:52:13');
  });

  it('knows group, broadcast and zero addresses', () => {
    expect(
      ['01:00:5e:00:00:01', '33:33:00:00:00:01', 'ff:ff:ff:ff:ff:ff', '02:00:00:00:00:01'].map(
        (t) => mac(t).isMulticast,
      ),
    ).toEqual([true, true, true, false]);
    expect(mac('00:00:00:00:00:00').isZero).toBe(true);
    expect(mac('00:00:00:00:00:01').isZero).toBe(false);
    expect(mac('00:01:00:00:00:00').isZero).toBe(false);
  });
});
