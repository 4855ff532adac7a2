import type { MacAddress } from '#base/mac-address.ts';
import type { Binding, Grant, Request } from './state.ts';

/** The Binding Update List with its ways in: by station, by NAI, by address, by the sequence number of an unanswered request. */
export class BindingList {
  readonly #byMac = new Map<number, Binding>();
  readonly #byNai = new Map<string, Set<Binding>>();
  readonly #byAddress = new Map<string, Binding>();
  /** Several only where sequence numbers are counted for each mobile node. */
  readonly #bySequence = new Map<number, Set<Binding>>();

  get size(): number {
    return this.#byMac.size;
  }

  [Symbol.iterator](): IterableIterator<Binding> {
    return this.#byMac.values();
  }

  get(mac: MacAddress): Binding | undefined {
    return this.#byMac.get(mac.key);
  }

  withNai(nai: string): Binding[] {
    return [...(this.#byNai.get(nai) ?? [])];
  }

  /** The bindings that have an address or a prefix of `grant`. */
  holders(grant: Grant): Set<Binding> {
    return new Set(addressKeys(grant).flatMap((key) => this.#byAddress.get(key) ?? []));
  }

  awaiting(sequence: number): Iterable<Binding> {
    return this.#bySequence.get(sequence) ?? [];
  }

  add(binding: Binding): void {
    this.#byMac.set(binding.mac.key, binding);
    const same = this.#byNai.get(binding.nai);
    if (same) same.add(binding);
    else this.#byNai.set(binding.nai, new Set([binding]));
  }

  remove(binding: Binding): void {
    if (this.#byMac.get(binding.mac.key) === binding) this.#byMac.delete(binding.mac.key);
    const same = this.#byNai.get(binding.nai);
    same?.delete(binding);
    if (same?.size === 0) this.#byNai.delete(binding.nai);
    this.#forgetAddresses(binding);
  }

  /** Notes what the LMA accepted of `binding`. */
  grant(binding: Binding, grant: Grant): void {
    this.#forgetAddresses(binding);
    binding.granted = grant;
    for (const key of addressKeys(grant)) this.#byAddress.set(key, binding);
  }

  /** Nothing that the LMA accepted of `binding` holds any more. */
  forgetGrant(binding: Binding): void {
    this.#forgetAddresses(binding);
    binding.granted = undefined;
  }

  /** Notes that `binding`'s request went out with `sequence`. */
  await(binding: Binding, request: Request, sequence: number): void {
    request.sequences.push(sequence);
    const same = this.#bySequence.get(sequence);
    if (same) same.add(binding);
    else this.#bySequence.set(sequence, new Set([binding]));
  }

  forget(binding: Binding, request: Request): void {
    for (const sequence of request.sequences) {
      const same = this.#bySequence.get(sequence);
      same?.delete(binding);
      if (same?.size === 0) this.#bySequence.delete(sequence);
    }
  }

  #forgetAddresses({ granted, mac }: Binding): void {
    if (!granted) return;
    for (const key of addressKeys(granted)) {
      if (this.#byAddress.get(key)?.mac.equals(mac)) this.#byAddress.delete(key);
    }
  }
}

function addressKeys({ homeAddress, prefixes }: Grant): string[] {
  const keys = prefixes.map((prefix) => prefix.network.key);
  if (homeAddress) keys.push(homeAddress.address.toString());
  return keys;
}
