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

class MapBindingTable implements BindingTable {
  readonly #bindings = new Map<string, Binding>();
  readonly #byPrefix = new Map<string, Binding>();
  readonly #byHomeAddress = new Map<string, Binding>();
  readonly #byMobileNode = new Map<string, Binding[]>();
  readonly #byCareOf = new Map<string, Map<string, Binding>>();
  readonly #customers = new Map<number, number>();

  get size(): number {
    return this.#bindings.size;
  }

  get(id: string): Binding | undefined {
    return this.#bindings.get(id);
  }

  byPrefix(customer: number, prefix: Ipv6Prefix): Binding | undefined {
    return this.#byPrefix.get(prefixKey(customer, prefix));
  }

  byHomeAddress(customer: number, address: Ipv4Address): Binding | undefined {
    return this.#byHomeAddress.get(addressKey(customer, address));
  }

  byMobileNode(customer: number, name: string): readonly Binding[] {
    return this.#byMobileNode.get(nodeKey(customer, name)) ?? [];
  }

  byCareOf(key: string): Iterable<Binding> {
    return this.#byCareOf.get(key)?.values() ?? [];
  }

  get customers(): ReadonlyMap<number, number> {
    return this.#customers;
  }

  put(binding: Binding): void {
    this.#leaveIndexes(binding.id);
    this.#bindings.set(binding.id, binding);
    this.#customers.set(binding.customer, (this.#customers.get(binding.customer) ?? 0) + 1);
    for (const prefix of binding.prefixes) this.#byPrefix.set(prefixKey(binding.customer, prefix), binding);
    if (binding.homeAddress) {
      this.#byHomeAddress.set(addressKey(binding.customer, binding.homeAddress.address), binding);
    }
    const key = nodeKey(binding.customer, binding.mobileNode.name);
    const sessions = this.#byMobileNode.get(key);
    if (sessions) sessions.push(binding);
    else this.#byMobileNode.set(key, [binding]);
    const careOf = currentCareOf(binding).address.key;
    const same = this.#byCareOf.get(careOf);
    if (same) same.set(binding.id, binding);
    else this.#byCareOf.set(careOf, new Map([[binding.id, binding]]));
  }

  delete(id: string): void {
    this.#leaveIndexes(id);
    this.#bindings.delete(id);
  }

  values(): Iterable<Binding> {
    return this.#bindings.values();
  }

  #leaveIndexes(id: string): void {
    const binding = this.#bindings.get(id);
    if (!binding) return;
    const left = (this.#customers.get(binding.customer) ?? 0) - 1;
    if (left > 0) this.#customers.set(binding.customer, left);
    else this.#customers.delete(binding.customer);
    for (const prefix of binding.prefixes) this.#byPrefix.delete(prefixKey(binding.customer, prefix));
    if (binding.homeAddress) this.#byHomeAddress.delete(addressKey(binding.customer, binding.homeAddress.address));
    const key = nodeKey(binding.customer, binding.mobileNode.name);
    const sessions = this.#byMobileNode.get(key)?.filter((other) => other.id !== id) ?? [];
    if (sessions.length > 0) this.#byMobileNode.set(key, sessions);
    else this.#byMobileNode.delete(key);
    const careOf = currentCareOf(binding).address.key;
    const same = this.#byCareOf.get(careOf);
    same?.delete(id);
    if (same?.size === 0) this.#byCareOf.delete(careOf);
  }
}

function prefixKey(customer: number, prefix: Ipv6Prefix): string {
  return `${customer}/${prefix.network.key}`;
}

function addressKey(customer: number, address: Ipv4Address): string {
  return `${customer}/${address.word}`;
}

function nodeKey(customer: number, name: string): string {
  return `${customer}/${name}`;
}
