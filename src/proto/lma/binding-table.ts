import { AgeOrder } from '#base/age-order.ts';
import { appended } from '#base/appended.ts';
import { HandleIndex } from '#base/handle-index.ts';
import { farOf, hashOfNumber, hashOfText, hashOfWords, mixed, near } from '#base/hash.ts';
import type { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Prefix } from '#base/ipv6-address.ts';
import { NumberedIds } from '#base/numbered-ids.ts';
import { OctetSlab } from '#base/octet-slab.ts';
import type { ClockReading, Instant } from '#base/time.ts';
import type { WireTimestamp } from '../wire-timestamp.ts';
import type { Binding, Tenure } from './binding.ts';
import { currentCareOf } from './binding.ts';
import { CareOfChains } from './care-of-chains.ts';
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
  /** What whether it may be extended is judged by; `undefined` when there is no such binding. */
  tenure(id: string): Tenure | undefined;
  /** Puts the same binding with a lifetime that begins anew and the message that asked for that. It must be there, and have had a timestamp before. */
  extend(id: string, endsAt: Instant, timestamp: WireTimestamp, sequence: number): void;
  /** Its record as it is stored. It must be there. */
  encoded(id: string, now: ClockReading): Uint8Array;
  delete(id: string): void;
  /** By age: a binding that is put anew keeps its place, so that who goes through them meanwhile comes to an end. */
  values(): Iterable<Binding>;
}

/**
 * `multiplier`: odd, of the hashes; with one that is not known nobody can choose names or addresses that slow the table down. `changed` is told the id of each binding
 * that is put in the place of another or deleted, and not of such as are extended.
 */
export function createBindingTable(multiplier: number, changed: (id: string) => void = () => {}): BindingTable {
  return new PackedBindingTable(multiplier, changed);
}

/** One event asks for the same bindings again and again; so many are kept as they were read or put last. */
const RECENT = 64;
const NONE: readonly Binding[] = [];
const NO_HANDLES: readonly number[] = [];

/** Bindings as octets (`PackedBindings`), and indexes that have their handles. What is got equals what was put, but may be another object. */
class PackedBindingTable implements BindingTable {
  readonly #multiplier: number;
  readonly #changed: (id: string) => void;
  readonly #ids = new NumberedIds();
  readonly #packed = new PackedBindings(this.#ids);
  readonly #encodings = new OctetSlab();
  /** By the number of the id. */
  readonly #handles = new HandleIndex();
  readonly #byAge = new AgeOrder();
  readonly #byPrefix = new HandleIndex();
  readonly #byHomeAddress = new HandleIndex();
  readonly #byMobileNode = new HandleIndex();
  readonly #byCareOf = new CareOfChains(this.#packed);
  readonly #customers = new Map<number, number>();
  readonly #recent: (Binding | undefined)[] = new Array(RECENT).fill(undefined);
  readonly #recentHandles = new Int32Array(RECENT);
  /** What was found last, of the number that was looked for. */
  #sought = 0;
  #soughtNumber = -1;
  /** Of the mobile node that was asked for last. */
  #asked: readonly number[] | undefined;
  #askedName = '';
  #askedCustomer = 0;

  constructor(multiplier: number, changed: (id: string) => void) {
    this.#multiplier = multiplier;
    this.#changed = changed;
  }

  get size(): number {
    return this.#byAge.size;
  }

  get(id: string): Binding | undefined {
    const handle = this.#handleOf(this.#ids.find(id));
    return handle === 0 ? undefined : this.#at(handle);
  }

  has(id: string): boolean {
    return this.#handleOf(this.#ids.find(id)) !== 0;
  }

  byPrefix(customer: number, prefix: Ipv6Prefix): Binding | undefined {
    const { address } = prefix.network;
    let handle = this.#byPrefix.first(this.#prefixHash(customer, prefix));
    while (handle !== 0 && !this.#packed.hasPrefix(handle, customer, address)) handle = this.#byPrefix.next();
    return handle === 0 ? undefined : this.#at(handle);
  }

  byHomeAddress(customer: number, address: Ipv4Address): Binding | undefined {
    let handle = this.#byHomeAddress.first(this.#addressHash(customer, address));
    while (handle !== 0 && !this.#packed.hasHomeAddress(handle, customer, address)) handle = this.#byHomeAddress.next();
    return handle === 0 ? undefined : this.#at(handle);
  }

  byMobileNode(customer: number, name: string): readonly Binding[] {
    const handles = this.#handlesOf(customer, name);
    return handles.length === 0 ? NONE : this.#allAt(handles);
  }

  *byCareOf(key: string): Iterable<Binding> {
    const numbers = Array.from(this.#byCareOf.handles(key), (handle) => this.#packed.idAt(handle));
    for (const number of numbers.sort((a, b) => a - b)) {
      const handle = this.#handleOf(number);
      if (handle !== 0) yield this.#at(handle);
    }
  }

  activeByCareOf(key: string): number {
    let count = 0;
    for (const handle of this.#byCareOf.handles(key)) if (this.#packed.isActive(handle)) count++;
    return count;
  }

  get customers(): ReadonlyMap<number, number> {
    return this.#customers;
  }

  put(binding: Binding): void {
    const number = this.#ids.numberOf(binding.id);
    const former = this.#handleOf(number);
    if (former !== 0) this.#changed(binding.id);
    if (former !== 0 && this.#isReplaced(former, binding)) return;
    const age = former === 0 ? undefined : this.#packed.ageAt(former);
    if (former !== 0) this.#remove(former, number);
    const handle = this.#packed.add(binding, number);
    this.#handles.add(hashOfNumber(number), handle);
    this.#soughtNumber = -1;
    if (age !== undefined) this.#byAge.replace(age, handle);
    this.#packed.setAge(handle, age ?? this.#byAge.add(handle));
    this.#enter(handle, binding);
    this.#note(handle, binding);
  }

  tenure(id: string): Tenure | undefined {
    const handle = this.#handleOf(this.#ids.find(id));
    return handle === 0 ? undefined : this.#packed.tenureAt(handle);
  }

  extend(id: string, endsAt: Instant, timestamp: WireTimestamp, sequence: number): void {
    const handle = this.#handleOf(this.#ids.find(id));
    this.#packed.extend(handle, endsAt, timestamp, sequence);
    this.#forget(handle);
  }

  encoded(id: string, { utc, instant }: ClockReading): Uint8Array {
    return this.#encodings.copy(this.#packed.encode(this.#handleOf(this.#ids.find(id)), utc - instant));
  }

  delete(id: string): void {
    this.#changed(id);
    const number = this.#ids.find(id);
    const handle = this.#handleOf(number);
    if (number === undefined || handle === 0) return;
    this.#byAge.remove(this.#packed.ageAt(handle));
    this.#remove(handle, number);
  }

  *values(): Iterable<Binding> {
    for (const handle of this.#byAge.values()) yield this.#at(handle);
  }

  /** Of a mobile node, in the order of their ids. */
  #handlesOf(customer: number, name: string): readonly number[] {
    if (this.#asked && this.#askedName === name && this.#askedCustomer === customer) return this.#asked;
    const index = this.#byMobileNode;
    let handles = NO_HANDLES;
    for (let handle = index.first(this.#nameHash(customer, name)); handle !== 0; handle = index.next())
      if (this.#packed.hasName(handle, customer, name)) handles = appended(handles, handle);
    this.#asked = handles.length > 1 ? this.#inOrder(handles) : handles;
    this.#askedName = name;
    this.#askedCustomer = customer;
    return this.#asked;
  }

  /** Of their ids. */
  #inOrder(handles: readonly number[]): readonly number[] {
    return handles.toSorted((a, b) => this.#packed.idAt(a) - this.#packed.idAt(b));
  }

  #allAt(handles: readonly number[]): readonly Binding[] {
    return handles.map((handle) => this.#at(handle));
  }

  /** 0 when there is none of this number. */
  #handleOf(number: number | undefined): number {
    if (number === undefined) return 0;
    if (number !== this.#soughtNumber) {
      let handle = this.#handles.first(hashOfNumber(number));
      while (handle !== 0 && this.#packed.idAt(handle) !== number) handle = this.#handles.next();
      this.#sought = handle;
      this.#soughtNumber = number;
    }
    return this.#sought;
  }

  /** Whether another value of a binding could be put in its place, found as the former is. */
  #isReplaced(handle: number, binding: Binding): boolean {
    const before = this.#at(handle);
    if (!isFoundAlike(before, binding) || !this.#packed.fits(handle, binding)) return false;
    this.#packed.replace(handle, binding);
    const [from, to] = [currentCareOf(before).address.key, currentCareOf(binding).address.key];
    if (from !== to) {
      this.#byCareOf.leave(handle, from);
      this.#byCareOf.enter(handle, to);
    }
    this.#note(handle, binding);
    return true;
  }

  #remove(handle: number, number: number): void {
    this.#handles.remove(hashOfNumber(number), handle);
    this.#soughtNumber = -1;
    this.#leave(handle, this.#at(handle));
    this.#packed.remove(handle);
    this.#forget(handle);
  }

  #at(handle: number): Binding {
    const place = handle & (RECENT - 1);
    if (this.#recentHandles[place] === handle) return this.#recent[place] as Binding;
    const binding = this.#packed.read(handle, 0) as Binding;
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

  #enter(handle: number, binding: Binding): void {
    const { customer, prefixes, homeAddress, mobileNode } = binding;
    this.#customers.set(customer, (this.#customers.get(customer) ?? 0) + 1);
    for (const prefix of prefixes) this.#byPrefix.add(this.#prefixHash(customer, prefix), handle);
    if (homeAddress) this.#byHomeAddress.add(this.#addressHash(customer, homeAddress.address), handle);
    this.#asked = undefined;
    this.#byMobileNode.add(this.#nameHash(customer, mobileNode.name), handle);
    this.#byCareOf.enter(handle, currentCareOf(binding).address.key);
  }

  #leave(handle: number, binding: Binding): void {
    const { customer, prefixes, homeAddress, mobileNode } = binding;
    this.#byCareOf.leave(handle, currentCareOf(binding).address.key);
    for (const prefix of prefixes) this.#byPrefix.remove(this.#prefixHash(customer, prefix), handle);
    if (homeAddress) this.#byHomeAddress.remove(this.#addressHash(customer, homeAddress.address), handle);
    this.#asked = undefined;
    this.#byMobileNode.remove(this.#nameHash(customer, mobileNode.name), handle);
    const left = (this.#customers.get(customer) ?? 0) - 1;
    if (left === 0) this.#customers.delete(customer);
    else this.#customers.set(customer, left);
  }

  #prefixHash(customer: number, prefix: Ipv6Prefix): number {
    const { w0, w1, w2, w3 } = prefix.network.address;
    return near(w1, hashOfWords(w0, farOf(w1), w2, w3 ^ customer, this.#multiplier));
  }

  #addressHash(customer: number, { word }: Ipv4Address): number {
    return near(word, mixed(Math.imul(farOf(word), this.#multiplier) ^ customer));
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
