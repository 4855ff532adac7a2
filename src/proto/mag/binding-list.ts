import type { MacAddress } from '#base/mac-address.ts';
import type { Binding, Request } from './state.ts';

/** The Binding Update List with its ways in: by station, by NAI, by the sequence number of an unanswered request. */
export class BindingList {
  readonly #byMac = new Map<number, Binding>();
  readonly #byNai = new Map<string, Set<Binding>>();
  readonly #bySequence = new Map<number, Binding>();

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

  awaiting(sequence: number): Binding | undefined {
    return this.#bySequence.get(sequence);
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
  }

  /** Notes that `binding`'s request went out with `sequence`. */
  await(binding: Binding, request: Request, sequence: number): void {
    request.sequences.push(sequence);
    this.#bySequence.set(sequence, binding);
  }

  forget(binding: Binding, request: Request): void {
    for (const sequence of request.sequences) {
      if (this.#bySequence.get(sequence) === binding) this.#bySequence.delete(sequence);
    }
  }
}
