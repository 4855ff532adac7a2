import fc from 'fast-check';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { milliseconds, seconds } from '#base/time.ts';

/** A record whose `optional` fields may be absent. */
export function partial<Fields extends Record<string, fc.Arbitrary<unknown>>>(
  fields: Fields,
  optional: (keyof Fields)[],
) {
  const requiredKeys = Object.keys(fields).filter((key) => !optional.includes(key));
  return fc.record(fields, { requiredKeys, noNullPrototype: true });
}

export function allOptional<Fields extends Record<string, fc.Arbitrary<unknown>>>(fields: Fields) {
  return fc.record(fields, { requiredKeys: [], noNullPrototype: true });
}

export function named<Entry>(entry: fc.Arbitrary<Entry>, key: keyof Entry) {
  return fc.uniqueArray(entry, { selector: (each) => each[key], maxLength: 3 });
}

export const name = fc.oneof(
  fc.stringMatching(/^[!-~]{1,20}$/),
  fc.constantFrom('lma', 'no', 'exit', 'end', '!', 'default', 'mn@example.com', 'ünï', 'bce'),
);
export const shortName = fc.stringMatching(/^[!-~]{1,12}$/);
export const number = (min: number, max: number) => fc.integer({ min, max });
export const secs = (min: number, max: number) => number(min, max).map(seconds);
export const millis = (min: number, max: number) => number(min, max).map(milliseconds);
export const word = number(-0x8000_0000, 0x7fff_ffff);
export const ipv4 = word.map((each) => new Ipv4Address(each));
export const ipv6 = fc
  .tuple(fc.constantFrom(0, 0x20010db8, -1), fc.constantFrom(0, 1), word, fc.constantFrom(0, 0x10000, 1))
  .map((words) => new Ipv6Address(...words));
export const linkLocal = word.map((each) => new Ipv6Address(0xfe800000, 0, each, 1));
export const mac = word.map((each) => new MacAddress(0x0200, each));

export const text = fc.stringMatching(/^[!-~][ -~]{0,20}[!-~]$/);
export const interfaceName = fc.constantFrom(
  'GigabitEthernet0/1/0.3074',
  'acc',
  'eth0',
  'TenGigabitEthernet0/1',
  'Vlan7',
  'lo',
);

export const secret = fc
  .tuple(name, fc.boolean())
  .map(([key, encrypted]) => (encrypted ? { text: key, encrypted } : { text: key }));
export const record = <Fields extends Record<string, fc.Arbitrary<unknown>>>(fields: Fields) =>
  fc.record(fields, { noNullPrototype: true });
