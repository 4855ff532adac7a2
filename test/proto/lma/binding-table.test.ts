import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { instant, milliseconds, utcTime } from '#base/time.ts';
import { FIXED_LINK_LOCAL_ADDRESS } from '#proto/lma/acknowledgement.ts';
import type { Binding } from '#proto/lma/binding.ts';
import { type BindingTable, createBindingTable } from '#proto/lma/binding-table.ts';
import type { BindingRecord } from '#proto/lma/record.ts';
import { encodeBindingRecord } from '#proto/lma/record-codec.ts';
import { bindingOf, recordOf } from '#proto/lma/records.ts';
import { anyRecord } from './any-record.ts';

const LMA = Ipv6Address.parse('2001:db8::1') as Ipv6Address;
const [MAG1, MAG2] = ['2001:db8::11', '2001:db8::12'].map((text) => Ipv6Address.parse(text) as Ipv6Address) as [
  Ipv6Address,
  Ipv6Address,
];

describe('the binding cache', () => {
  it('finds a binding by every key of its latest value, and by none of a former one', () => {
    const table = createBindingTable(0x9e3779b1);
    const former = binding({ id: 'b1', name: 'alice', prefix: '2001:db8:f00d::/64', home: '10.0.0.1', mag: MAG1 });
    const latest = binding({ id: 'b1', name: 'alice', prefix: '2001:db8:f00d:1::/64', home: '10.0.0.2', mag: MAG2 });
    table.put(former);
    table.put(latest);
    expect(found(table, former)).toEqual({ prefix: undefined, home: undefined, mag: [] });
    expect(found(table, latest)).toEqual({ prefix: latest, home: latest, mag: [latest] });
    expect(table.byMobileNode(0, 'alice')).toEqual([latest]);
    expect(table.size).toBe(1);
  });

  it('has a refreshed binding in its place, under the same keys', () => {
    const table = createBindingTable(0x9e3779b1);
    const a = binding({ id: 'b1', name: 'alice', prefix: '2001:db8:f00d::/64', home: '10.0.0.1', mag: MAG1 });
    const b = binding({ id: 'b2', name: 'bob', prefix: '2001:db8:f00d:1::/64', home: '10.0.0.2', mag: MAG1 });
    table.put(a);
    table.put(b);
    const refreshed = { ...a, sequence: 2 };
    table.put(refreshed);
    expect([...table.values()]).toEqual([refreshed, b]);
    expect(found(table, a)).toEqual({ prefix: refreshed, home: refreshed, mag: [refreshed, b] });
    expect(table.byMobileNode(0, 'alice')).toEqual([refreshed]);
  });

  it('keeps the sessions of one mobile node, and the customers, apart', () => {
    const table = createBindingTable(0x9e3779b1);
    const first = binding({ id: 'b1', name: 'alice', prefix: '2001:db8:f00d::/64', home: '10.0.0.1', mag: MAG1 });
    const second = binding({ id: 'b2', name: 'alice', prefix: '2001:db8:f00d:1::/64', home: '10.0.0.2', mag: MAG1 });
    const third = binding({ id: 'b4', name: 'alice', prefix: '2001:db8:f00d:2::/64', home: '10.0.0.3', mag: MAG1 });
    const other = { ...first, id: 'b3', customer: 7 };
    for (const one of [first, second, third, other]) table.put(one);
    expect(table.byMobileNode(0, 'alice')).toEqual([first, second, third]);
    expect(table.byMobileNode(7, 'alice')).toEqual([other]);
    expect(table.customers).toEqual(
      new Map([
        [0, 3],
        [7, 1],
      ]),
    );
    table.delete('b1');
    table.delete('b4');
    expect(table.byMobileNode(0, 'alice')).toEqual([second]);
    expect(found(table, other)).toMatchObject({ prefix: undefined, home: undefined });
    table.delete('b3');
    table.delete('b2');
    expect(table.byMobileNode(0, 'alice')).toEqual([]);
    expect([...table.byCareOf(MAG1.key)]).toEqual([]);
    expect(table.customers).toEqual(new Map());
  });

  it('encodes a binding as its record is encoded, whatever is in it', () => {
    const now = { instant: instant(1000), utc: utcTime(5000) };
    const ascii = fc.string({ unit: 'binary-ascii', maxLength: 255 });
    const fixed = fc.option(fc.constant(FIXED_LINK_LOCAL_ADDRESS));
    fc.assert(
      fc.property(anyRecord, fc.option(ascii), fixed, fc.boolean(), (any, text, address, isRare) => {
        const { mobileNode, linkLocalAddress, careOfAddresses } = any;
        const { subtype, identifier, name } = mobileNode;
        const record = {
          ...any,
          ...(!isRare && { messageId: undefined, authorization: undefined }),
          // No name is empty whose identifier is not.
          mobileNode: { subtype, identifier: text ?? identifier, name: text ?? (name || 'a') },
          linkLocalAddress: address ?? linkLocalAddress,
        } as BindingRecord;
        const put = bindingOf(record, undefined, careOfAddresses, now);
        const table = createBindingTable(0x9e3779b1);
        table.put(put);
        expect(toHex(table.encoded(put.id, now))).toBe(toHex(encodeBindingRecord(recordOf(put, now))));
      }),
      { numRuns: 1000 },
    );
  });

  it('has what a list of bindings has, whatever is in them', () => {
    const id = fc.constantFrom('L/1', 'L/2', 'L/30', 'L/4', 'M/1', 'odd');
    const name = fc.constantFrom('alice', 'bob', 'Ünal');
    const step = fc.record({
      binding: anyRecord,
      id,
      name,
      customer: fc.nat(1),
      deletes: fc.boolean(),
      same: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = createBindingTable(0x9e3779b1);
        const model = new Map<string, Binding>();
        for (const { binding: any, id: one, name: named, customer, deletes, same } of steps) {
          const former = model.get(one);
          const content = same && former ? { ...former, sequence: any.sequence } : (any as unknown as Binding);
          const binding = { ...content, id: one, customer, mobileNode: { ...content.mobileNode, name: named } };
          if (deletes) {
            table.delete(one);
            model.delete(one);
          } else {
            table.put(binding);
            model.set(one, binding);
          }
        }
        expectAlike(table, [...model.values()]);
      }),
      { numRuns: 60 },
    );
  });

  it('has three thousand bindings, refreshed and moved and half of them gone again', () => {
    const table = createBindingTable(0x9e3779b1);
    const nth = (i: number, mag: Ipv6Address) =>
      binding({
        id: `L/${i}`,
        name: `mn${i}`,
        prefix: `2001:db8:${i.toString(16)}::/64`,
        home: `10.0.${i >> 8}.${i & 255}`,
        mag,
      });
    for (let i = 0; i < 3_000; i++) table.put(nth(i, MAG1));
    for (let i = 0; i < 3_000; i++) table.put(nth(i, i % 4 === 0 ? MAG2 : MAG1));
    for (let i = 0; i < 3_000; i += 2) table.delete(`L/${i}`);
    expect(table.size).toBe(1_500);
    expect([table.activeByCareOf(MAG1.key), table.activeByCareOf(MAG2.key)]).toEqual([1_500, 0]);
    for (let i = 1; i < 3_000; i += 2) {
      const one = nth(i, MAG1);
      expect(table.get(one.id)).toEqual(one);
      expect(table.byMobileNode(0, `mn${i}`)).toEqual([one]);
      expect(table.byPrefix(0, one.prefixes[0] as Ipv6Prefix)).toEqual(one);
    }
    expect([...table.values()].map(({ id }) => id)).toEqual(Array.from({ length: 1_500 }, (_, i) => `L/${2 * i + 1}`));
  });
});

function expectAlike(table: BindingTable, bindings: readonly Binding[]): void {
  expect([...table.values()]).toEqual(bindings);
  expect(table.size).toBe(bindings.length);
  for (const one of bindings) {
    const { customer, mobileNode, homeAddress, careOfAddresses } = one;
    expect(table.get(one.id)).toEqual(one);
    const alike = bindings.filter((other) => other.customer === customer && other.mobileNode.name === mobileNode.name);
    expect(new Set(table.byMobileNode(customer, mobileNode.name).map(({ id }) => id))).toEqual(
      new Set(alike.map(({ id }) => id)),
    );
    for (const prefix of one.prefixes) {
      const networks = table.byPrefix(customer, prefix)?.prefixes.map(({ network }) => network.address.key);
      expect(networks).toContain(prefix.network.address.key);
    }
    if (homeAddress)
      expect(table.byHomeAddress(customer, homeAddress.address)?.homeAddress?.address).toEqual(homeAddress.address);
    const { key } = careOfAddresses[0].address;
    const there = bindings.filter((other) => other.careOfAddresses[0].address.key === key);
    expect(new Set([...table.byCareOf(key)].map(({ id }) => id))).toEqual(new Set(there.map(({ id }) => id)));
    expect(table.activeByCareOf(key)).toBe(there.filter(({ state }) => state === 'active').length);
  }
}

function found(table: ReturnType<typeof createBindingTable>, { prefixes, homeAddress, careOfAddresses }: Binding) {
  return {
    prefix: table.byPrefix(0, prefixes[0] as Ipv6Prefix),
    home: table.byHomeAddress(0, homeAddress?.address as Ipv4Address),
    mag: [...table.byCareOf(careOfAddresses[0].address.key)],
  };
}

interface Content {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly home: string;
  readonly mag: Ipv6Address;
}

function binding({ id, name, prefix, home, mag }: Content): Binding {
  return {
    id,
    state: 'active',
    customer: 0,
    mobileNode: { subtype: 1, identifier: name, name },
    interface: { linkLayerIdentifier: '', accessTechnology: 4 },
    careOfAddresses: [{ address: mag, local: LMA, encapsulation: { kind: 'ip' } }],
    homeAddress: {
      address: Ipv4Address.parse(home) as Ipv4Address,
      prefixLength: 24,
      defaultRouter: Ipv4Address.unspecified,
    },
    prefixes: [Ipv6Prefix.parse(prefix) as Ipv6Prefix],
    linkLocalAddress: undefined,
    lifetime: milliseconds(3600_000),
    endsAt: instant(3600_000),
    grantedUntil: instant(3600_000),
    registeredAt: utcTime(0),
    timestamp: undefined,
    messageId: undefined,
    sequence: 1,
    service: undefined,
    uplinkKey: undefined,
  };
}
