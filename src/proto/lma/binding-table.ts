import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Binding } from './binding.ts';
import { currentCareOf } from './binding.ts';

/** The binding cache. Bindings are values: changing one is putting another under the same id. */
export interface BindingTable {
  readonly size: number;
  get(id: string): Binding | undefined;
  byPrefix(customer: number, prefix: Ipv6Prefix): Binding | undefined;
  byHomeAddress(customer: number, address: Ipv4Address): Binding | undefined;
  /** Every session of a mobile node, one for each of its interfaces. */
  byMobileNode(customer: number, name: string): readonly Binding[];
  /** How many bindings each customer has that has some. */
  readonly customers: ReadonlyMap<number, number>;
  /** Those whose Proxy Care-of Address has this key. */
  byCareOf(key: string): Iterable<Binding>;
  put(binding: Binding): void;
  delete(id: string): void;
  /** By age: a binding that is put anew keeps its place, so that who goes through them meanwhile comes to an end. */
  values(): Iterable<Binding>;
}

export function createBindingTable(): BindingTable {
  return new MapBindingTable();
}

/** What every index of the table has of one binding, so that a refresh, which changes no key, changes this alone. */
interface Slot {
  binding: Binding;
}

/** The indexes of one customer. */
class CustomerIndexes {
  readonly byPrefix = new Map<string, Slot>();
  readonly byHomeAddress = new Map<number, Slot>();
  /** Nearly every mobile node has one session. */
  readonly byMobileNode = new Map<string, Slot | readonly Slot[]>();
}

class MapBindingTable implements BindingTable {
  readonly #slots = new Map<string, Slot>();
  readonly #indexes = new Map<number, CustomerIndexes>();
  readonly #byCareOf = new Map<string, Set<Slot>>();
  readonly #customers = new Map<number, number>();

  get size(): number {
    return this.#slots.size;
  }

  get(id: string): Binding | undefined {
    return this.#slots.get(id)?.binding;
  }

  byPrefix(customer: number, prefix: Ipv6Prefix): Binding | undefined {
    return this.#indexes.get(customer)?.byPrefix.get(prefix.network.key)?.binding;
  }

  byHomeAddress(customer: number, address: Ipv4Address): Binding | undefined {
    return this.#indexes.get(customer)?.byHomeAddress.get(address.word)?.binding;
  }

  byMobileNode(customer: number, name: string): readonly Binding[] {
    const found = this.#indexes.get(customer)?.byMobileNode.get(name);
    if (found === undefined) return NONE;
    return 'binding' in found ? [found.binding] : found.map(({ binding }) => binding);
  }

  byCareOf(key: string): Iterable<Binding> {
    return bindingsOf(this.#byCareOf.get(key) ?? []);
  }

  get customers(): ReadonlyMap<number, number> {
    return this.#customers;
  }

  put(binding: Binding): void {
    const slot = this.#slots.get(binding.id);
    if (!slot) {
      const added = { binding };
      this.#slots.set(binding.id, added);
      this.#enter(added);
      return;
    }
    const before = slot.binding;
    if (!isFoundAlike(before, binding)) {
      this.#leave(slot);
      slot.binding = binding;
      this.#enter(slot);
      return;
    }
    slot.binding = binding;
    this.#move(slot, currentCareOf(before).address.key, currentCareOf(binding).address.key);
  }

  delete(id: string): void {
    const slot = this.#slots.get(id);
    if (!slot) return;
    this.#leave(slot);
    this.#slots.delete(id);
  }

  values(): Iterable<Binding> {
    return bindingsOf(this.#slots.values());
  }

  #enter(slot: Slot): void {
    const { customer, prefixes, homeAddress, mobileNode } = slot.binding;
    this.#customers.set(customer, (this.#customers.get(customer) ?? 0) + 1);
    const indexes = this.#indexes.get(customer) ?? new CustomerIndexes();
    this.#indexes.set(customer, indexes);
    for (const prefix of prefixes) indexes.byPrefix.set(prefix.network.key, slot);
    if (homeAddress) indexes.byHomeAddress.set(homeAddress.address.word, slot);
    const others = indexes.byMobileNode.get(mobileNode.name);
    indexes.byMobileNode.set(mobileNode.name, others === undefined ? slot : [...slotsOf(others), slot]);
    this.#move(slot, undefined, currentCareOf(slot.binding).address.key);
  }

  #leave(slot: Slot): void {
    const { customer, prefixes, homeAddress, mobileNode } = slot.binding;
    this.#move(slot, currentCareOf(slot.binding).address.key, undefined);
    const left = (this.#customers.get(customer) ?? 0) - 1;
    if (left === 0) {
      this.#customers.delete(customer);
      this.#indexes.delete(customer);
      return;
    }
    this.#customers.set(customer, left);
    const { byPrefix, byHomeAddress, byMobileNode } = this.#indexes.get(customer) as CustomerIndexes;
    for (const prefix of prefixes) byPrefix.delete(prefix.network.key);
    if (homeAddress) byHomeAddress.delete(homeAddress.address.word);
    const [first, ...more] = slotsOf(byMobileNode.get(mobileNode.name)).filter((other) => other !== slot);
    if (!first) byMobileNode.delete(mobileNode.name);
    else byMobileNode.set(mobileNode.name, more.length === 0 ? first : [first, ...more]);
  }

  /** From the bindings of one Proxy Care-of Address to those of another. */
  #move(slot: Slot, from: string | undefined, to: string | undefined): void {
    if (from === to) return;
    if (from !== undefined) {
      const same = this.#byCareOf.get(from);
      same?.delete(slot);
      if (same?.size === 0) this.#byCareOf.delete(from);
    }
    if (to === undefined) return;
    const same = this.#byCareOf.get(to);
    if (same) same.add(slot);
    else this.#byCareOf.set(to, new Set([slot]));
  }
}

const NONE: readonly Binding[] = [];

/** Whether both are under the same keys, but for their Proxy Care-of Addresses. */
function isFoundAlike(a: Binding, b: Binding): boolean {
  return (
    a.customer === b.customer &&
    a.mobileNode.name === b.mobileNode.name &&
    a.homeAddress?.address.word === b.homeAddress?.address.word &&
    a.prefixes.length === b.prefixes.length &&
    a.prefixes.every((prefix, i) => prefix === b.prefixes[i] || prefix.equals(b.prefixes[i]))
  );
}

function slotsOf(found: Slot | readonly Slot[] | undefined): readonly Slot[] {
  if (found === undefined) return [];
  return 'binding' in found ? [found] : found;
}

function* bindingsOf(slots: Iterable<Slot>): Iterable<Binding> {
  for (const { binding } of slots) yield binding;
}
