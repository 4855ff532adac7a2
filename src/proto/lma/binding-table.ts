import { HandleIndex } from '#base/handle-index.ts';
import { hashOfText, hashOfWords, mixed } from '#base/hash.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { NumberedIds } from '#base/numbered-ids.ts';
import type { Binding } from './binding.ts';
import { currentCareOf } from './binding.ts';
import { PackedBindings } from './packed-bindings.ts';

/** The binding cache. Bindings are values: changing one is putting another under the same id. */
export interface BindingTable {
  readonly size: number;
  get(id: string): Binding | undefined;
  has(id: string): boolean;
  byPrefix(customer: number, prefix: Ipv6Prefix): Binding | undefined;
  byHomeAddress(customer: number, address: Ipv4Address): Binding | undefined;
  /** Every session of a mobile node, one for each of its interfaces. */
  byMobileNode(customer: number, name: string): readonly Binding[];
  /** How many bindings each customer has that has some. */
  readonly customers: ReadonlyMap<number, number>;
  /** Those whose Proxy Care-of Address has this key. */
  byCareOf(key: string): Iterable<Binding>;
  /** How many of those are active. */
  activeByCareOf(key: string): number;
  put(binding: Binding): void;
  delete(id: string): void;
  /** By age: a binding that is put anew keeps its place, so that who goes through them meanwhile comes to an end. */
  values(): Iterable<Binding>;
}

/** `multiplier`: odd, of the hashes; with one that is not known nobody can choose names or addresses that slow the table down. */
export function createBindingTable(multiplier: number): BindingTable {
  return new PackedBindingTable(multiplier);
}

/** One event asks for the same bindings again and again; so many are kept as they were read or put last. */
const RECENT = 64;
const NONE: readonly Binding[] = [];

/** Bindings as octets (`PackedBindings`), and indexes that have their handles. What is got equals what was put, but may be another object. */
class PackedBindingTable implements BindingTable {
  readonly #multiplier: number;
  readonly #ids = new NumberedIds();
  readonly #packed = new PackedBindings(this.#ids);
  /** By the number of the id. */
  readonly #handles = new Map<number, number>();
  readonly #byPrefix = new HandleIndex();
  readonly #byHomeAddress = new HandleIndex();
  readonly #byMobileNode = new HandleIndex();
  /** The numbers of ids. */
  readonly #byCareOf = new Map<string, Set<number>>();
  readonly #customers = new Map<number, number>();
  readonly #recent: (Binding | undefined)[] = new Array(RECENT).fill(undefined);
  readonly #recentHandles = new Int32Array(RECENT);

  constructor(multiplier: number) {
    this.#multiplier = multiplier;
  }

  get size(): number {
    return this.#handles.size;
  }

  get(id: string): Binding | undefined {
    const number = this.#ids.find(id);
    const handle = number === undefined ? undefined : this.#handles.get(number);
    return handle === undefined ? undefined : this.#at(handle);
  }

  has(id: string): boolean {
    const number = this.#ids.find(id);
    return number !== undefined && this.#handles.has(number);
  }

  byPrefix(customer: number, prefix: Ipv6Prefix): Binding | undefined {
    const { address } = prefix.network;
    const handle = this.#byPrefix.find(this.#prefixHash(customer, prefix), (one) =>
      this.#packed.hasPrefix(one, customer, address),
    );
    return handle === 0 ? undefined : this.#at(handle);
  }

  byHomeAddress(customer: number, address: Ipv4Address): Binding | undefined {
    const handle = this.#byHomeAddress.find(this.#addressHash(customer, address), (one) =>
      this.#packed.hasHomeAddress(one, customer, address),
    );
    return handle === 0 ? undefined : this.#at(handle);
  }

  byMobileNode(customer: number, name: string): readonly Binding[] {
    const handles = this.#byMobileNode.findAll(this.#nameHash(customer, name), (one) =>
      this.#packed.hasName(one, customer, name),
    );
    if (handles.length === 0) return NONE;
    if (handles.length > 1) handles.sort((a, b) => this.#packed.idAt(a) - this.#packed.idAt(b));
    return handles.map((handle) => this.#at(handle));
  }

  *byCareOf(key: string): Iterable<Binding> {
    for (const number of this.#byCareOf.get(key) ?? []) yield this.#at(this.#handles.get(number) as number);
  }

  activeByCareOf(key: string): number {
    let count = 0;
    for (const number of this.#byCareOf.get(key) ?? [])
      if (this.#packed.isActive(this.#handles.get(number) as number)) count++;
    return count;
  }

  get customers(): ReadonlyMap<number, number> {
    return this.#customers;
  }

  put(binding: Binding): void {
    const number = this.#ids.numberOf(binding.id);
    const former = this.#handles.get(number);
    if (former === undefined) {
      const handle = this.#packed.add(binding);
      this.#handles.set(number, handle);
      this.#enter(handle, number, binding);
      this.#note(handle, binding);
      return;
    }
    const before = this.#at(former);
    const alike = isFoundAlike(before, binding);
    if (!alike) this.#leave(former, number, before);
    const handle = this.#packed.replace(former, binding);
    if (handle !== former) {
      if (alike) this.#leave(former, number, before);
      this.#handles.set(number, handle);
      this.#forget(former);
    }
    if (!alike || handle !== former) this.#enter(handle, number, binding);
    else this.#move(number, currentCareOf(before).address.key, currentCareOf(binding).address.key);
    this.#note(handle, binding);
  }

  delete(id: string): void {
    const number = this.#ids.find(id);
    const handle = number === undefined ? undefined : this.#handles.get(number);
    if (number === undefined || handle === undefined) return;
    this.#leave(handle, number, this.#at(handle));
    this.#handles.delete(number);
    this.#packed.remove(handle);
    this.#forget(handle);
  }

  *values(): Iterable<Binding> {
    for (const handle of this.#handles.values()) yield this.#at(handle);
  }

  #at(handle: number): Binding {
    const place = handle & (RECENT - 1);
    if (this.#recentHandles[place] === handle) return this.#recent[place] as Binding;
    const binding = this.#packed.read(handle);
    this.#note(handle, binding);
    return binding;
  }

  #note(handle: number, binding: Binding): void {
    const place = handle & (RECENT - 1);
    this.#recent[place] = binding;
    this.#recentHandles[place] = handle;
  }

  #forget(handle: number): void {
    const place = handle & (RECENT - 1);
    if (this.#recentHandles[place] !== handle) return;
    this.#recent[place] = undefined;
    this.#recentHandles[place] = 0;
  }

  #enter(handle: number, number: number, binding: Binding): void {
    const { customer, prefixes, homeAddress, mobileNode } = binding;
    this.#customers.set(customer, (this.#customers.get(customer) ?? 0) + 1);
    for (const prefix of prefixes) this.#byPrefix.add(this.#prefixHash(customer, prefix), handle);
    if (homeAddress) this.#byHomeAddress.add(this.#addressHash(customer, homeAddress.address), handle);
    this.#byMobileNode.add(this.#nameHash(customer, mobileNode.name), handle);
    this.#move(number, undefined, currentCareOf(binding).address.key);
  }

  #leave(handle: number, number: number, binding: Binding): void {
    const { customer, prefixes, homeAddress, mobileNode } = binding;
    this.#move(number, currentCareOf(binding).address.key, undefined);
    for (const prefix of prefixes) this.#byPrefix.remove(this.#prefixHash(customer, prefix), handle);
    if (homeAddress) this.#byHomeAddress.remove(this.#addressHash(customer, homeAddress.address), handle);
    this.#byMobileNode.remove(this.#nameHash(customer, mobileNode.name), handle);
    const left = (this.#customers.get(customer) ?? 0) - 1;
    if (left === 0) this.#customers.delete(customer);
    else this.#customers.set(customer, left);
  }

  /** From the bindings of one Proxy Care-of Address to those of another. */
  #move(number: number, from: string | undefined, to: string | undefined): void {
    if (from === to) return;
    if (from !== undefined) {
      const same = this.#byCareOf.get(from);
      same?.delete(number);
      if (same?.size === 0) this.#byCareOf.delete(from);
    }
    if (to === undefined) return;
    const same = this.#byCareOf.get(to);
    if (same) same.add(number);
    else this.#byCareOf.set(to, new Set([number]));
  }

  #prefixHash(customer: number, prefix: Ipv6Prefix): number {
    const { w0, w1, w2, w3 } = prefix.network.address;
    return hashOfWords(w0, w1, w2, w3 ^ customer, this.#multiplier);
  }

  #addressHash(customer: number, { word }: Ipv4Address): number {
    return mixed(Math.imul(word, this.#multiplier) ^ customer);
  }

  #nameHash(customer: number, name: string): number {
    return hashOfText(name, this.#multiplier) ^ customer;
  }
}

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
