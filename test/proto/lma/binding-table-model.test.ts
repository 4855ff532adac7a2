import { expect, it } from 'vitest';
import { toHex } from '#base/bytes.ts';
import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { nextBelow, pick, SeededRandom } from '#base/random.ts';
import { instant, milliseconds, utcTime } from '#base/time.ts';
import type { Binding } from '#proto/lma/binding.ts';
import { createBindingTable } from '#proto/lma/binding-table.ts';
import { encodeBindingRecord } from '#proto/lma/record-codec.ts';
import { recordOf } from '#proto/lma/records.ts';

const STEPS = process.env.MOORING_NIGHTLY ? 200_000 : 30_000;
const [LONGEST_NAME, MOST_PREFIXES] = [253, 255];
const lma = new Ipv6Address(0x20010db8, 0, 0, 1);
const mags: readonly Binding['careOfAddresses'][] = [16, 17, 18, 19, 20].map((last) => [
  { address: new Ipv6Address(0x20010db8, 0, 0, last), local: lma, encapsulation: { kind: 'ip' } },
]);
const services = [undefined, 'internet', 'ims'];
const states: readonly Binding['state'][] = ['active', 'active', 'active', 'deleting', 'invalid'];

it('the binding cache has what a map has, as it grows and shrinks and others walk through it', () => {
  const pair = new Pair(36);
  for (let step = 0; step < STEPS; step++) {
    const grows = Math.floor((6 * step) / STEPS) % 2 === 0;
    pair.step(grows ? 40 : 15, grows ? 25 : 45);
    if (step % (STEPS / 6) === 0) pair.expectAlike();
  }
  pair.expectAlike();
  pair.empty();
  pair.expectAlike();
});

/** The cache and a map, to both of which the same is done. */
class Pair {
  readonly #random: SeededRandom;
  readonly #table;
  readonly #model = new Map<string, Binding>();
  readonly #ids: string[] = [];
  #serial = 0;
  #walks: { readonly mine: Iterator<Binding>; readonly theirs: Iterator<Binding> }[] = [];

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#table = createBindingTable(this.#random.nextU32() | 1);
  }

  /** `adds`, `removes`: how many of a hundred do. */
  step(adds: number, removes: number): void {
    const what = this.#below(100);
    if (this.#ids.length === 0 || what < adds) this.#put(this.#any(`L/${++this.#serial}`, ++this.#serial));
    else if (what < adds + removes) this.#remove(this.#below(this.#ids.length));
    else this.#change(this.#model.get(pick(this.#random, this.#ids)) as Binding);
    this.#look();
    if (this.#below(500) === 0 && this.#walks.length < 3) this.#walk();
    this.#walks = this.#walks.filter(({ mine, theirs }) => {
      const next = theirs.next();
      if (!isSame(mine.next().value, next.value)) throw new Error('a walk went astray');
      return !next.done;
    });
  }

  expectAlike(): void {
    expect([...this.#table.values()]).toEqual([...this.#model.values()]);
    expect(this.#table.size).toBe(this.#model.size);
    const customers = Map.groupBy(this.#model.values(), ({ customer }) => customer);
    expect(this.#table.customers).toEqual(new Map([...customers].map(([customer, all]) => [customer, all.length])));
    for (const [{ address }] of mags) {
      const there = [...this.#model.values()].filter(({ careOfAddresses: [one] }) => one.address.key === address.key);
      const ids = [...this.#table.byCareOf(address.key)].map(({ id }) => id);
      expect(ids.toSorted()).toEqual(there.map(({ id }) => id).toSorted());
      expect(this.#table.activeByCareOf(address.key)).toBe(there.filter(({ state }) => state === 'active').length);
    }
  }

  empty(): void {
    while (this.#ids.length > 0) this.#remove(this.#ids.length - 1);
  }

  #put(binding: Binding): void {
    if (!this.#model.has(binding.id)) this.#ids.push(binding.id);
    this.#table.put(binding);
    this.#model.set(binding.id, binding);
  }

  #remove(at: number): void {
    const [id, last] = [this.#ids[at] as string, this.#ids.pop() as string];
    if (id !== last) this.#ids[at] = last;
    const { homeAddress, mobileNode, customer } = this.#model.get(id) as Binding;
    this.#table.delete(id);
    this.#model.delete(id);
    if (this.#table.has(id) || this.#table.get(id)) throw new Error(`${id} is still there`);
    if (homeAddress && this.#table.byHomeAddress(customer, homeAddress.address)) throw new Error('its address is');
    if (this.#table.byMobileNode(customer, mobileNode.name).some((one) => one.id === id))
      throw new Error('its name is');
  }

  #extend(former: Binding, seconds: number): void {
    const [endsAt, sequence] = [instant(this.#below(1e9)), this.#below(65_536)];
    const timestamp = { seconds, fraction: this.#below(65_536) };
    const extended = { ...former, endsAt, grantedUntil: endsAt, timestamp, sequence };
    const { careOfAddresses, lifetime } = former;
    const tenure = { careOf: careOfAddresses[0], lifetime, timestamp: former.timestamp };
    expect(this.#table.tenure(former.id)).toEqual(tenure);
    this.#table.extend(former.id, endsAt, timestamp, sequence);
    const now = { instant: instant(1000), utc: utcTime(5000) };
    expect(toHex(this.#table.encoded(former.id, now))).toBe(toHex(encodeBindingRecord(recordOf(extended, now))));
    expect(this.#table.get(former.id)).toEqual(extended);
    this.#model.set(former.id, extended);
  }

  /** A refresh, a handover, or another everything. */
  #change(former: Binding): void {
    const kind = this.#below(10);
    if (kind < 2 && former.timestamp) this.#extend(former, former.timestamp.seconds - kind);
    else if (kind < 5) this.#put({ ...former, sequence: this.#below(65_536), endsAt: instant(this.#below(1e9)) });
    else if (kind < 8)
      this.#put({ ...former, careOfAddresses: pick(this.#random, mags), state: pick(this.#random, states) });
    else this.#put(this.#any(former.id, ++this.#serial));
  }

  /** Whether some binding is found by each of its keys. */
  #look(): void {
    if (this.#ids.length === 0) return;
    const binding = this.#model.get(pick(this.#random, this.#ids)) as Binding;
    const { id, customer, mobileNode, homeAddress, prefixes } = binding;
    const prefix = prefixes.at(-1);
    const found = [
      this.#table.get(id),
      this.#table.byMobileNode(customer, mobileNode.name).find((one) => one.id === id),
      homeAddress ? this.#table.byHomeAddress(customer, homeAddress.address) : binding,
      prefix ? this.#table.byPrefix(customer, prefix) : binding,
    ];
    const at = found.findIndex((one) => !isSame(one, binding));
    if (at >= 0) expect(found[at], `key ${at} of ${id}`).toEqual(binding);
  }

  #walk(): void {
    this.#walks.push({ mine: this.#table.values()[Symbol.iterator](), theirs: this.#model.values() });
  }

  /** Anything, with addresses that are made of a number that no other has. */
  #any(id: string, number: number): Binding {
    const odd = this.#below(2000) === 0;
    const name = `mn${this.#below(3000)}`.padEnd(odd ? LONGEST_NAME : this.#below(40), 'x');
    const prefixes = odd ? MOST_PREFIXES : this.#below(3);
    return {
      id,
      state: pick(this.#random, states),
      customer: this.#below(3),
      mobileNode: { subtype: 1, identifier: name, name: this.#below(10) === 0 ? `${name}ü€` : name },
      interface: { linkLayerIdentifier: 'a'.repeat(this.#below(17)), accessTechnology: this.#below(256) },
      careOfAddresses: pick(this.#random, mags),
      homeAddress:
        this.#below(2) === 0
          ? { address: new Ipv4Address(number), prefixLength: 24, defaultRouter: Ipv4Address.unspecified }
          : undefined,
      prefixes: Array.from({ length: prefixes }, (_, i) => new Ipv6Prefix(new Ipv6Address(number, i, 0, 0), 64)),
      linkLocalAddress: this.#below(3) === 0 ? new Ipv6Address(0xfe800000, 0, 0, number) : undefined,
      lifetime: milliseconds(this.#below(1e9)),
      endsAt: instant(this.#below(1e9)),
      grantedUntil: instant(this.#below(1e9)),
      registeredAt: utcTime(this.#below(1e9)),
      timestamp: this.#below(2) === 0 ? { seconds: 2 ** 47, fraction: this.#below(65_536) } : undefined,
      messageId:
        this.#below(4) === 0 ? { seconds: this.#random.nextU32(), fraction: this.#random.nextU32() } : undefined,
      sequence: this.#below(65_536),
      service: pick(this.#random, services),
      uplinkKey: this.#below(3) === 0 ? this.#random.nextU32() : undefined,
    };
  }

  #below(limit: number): number {
    return nextBelow(this.#random, limit);
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
