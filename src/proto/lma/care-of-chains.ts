import type { PackedBindings } from './packed-bindings.ts';

/** The bindings of each Proxy Care-of Address, by its key: a chain of handles that goes through the bindings themselves. */
export class CareOfChains {
  readonly #packed: PackedBindings;
  readonly #first = new Map<string, number>();

  constructor(packed: PackedBindings) {
    this.#packed = packed;
  }

  enter(handle: number, key: string): void {
    const next = this.#first.get(key) ?? 0;
    this.#packed.setNext(handle, next);
    this.#packed.setPrevious(handle, 0);
    if (next !== 0) this.#packed.setPrevious(next, handle);
    this.#first.set(key, handle);
  }

  leave(handle: number, key: string): void {
    const next = this.#packed.next(handle);
    const previous = this.#packed.previous(handle);
    if (next !== 0) this.#packed.setPrevious(next, previous);
    if (previous !== 0) this.#packed.setNext(previous, next);
    else if (next !== 0) this.#first.set(key, next);
    else this.#first.delete(key);
  }

  /** The latest first; none may come or go meanwhile. */
  *handles(key: string): Iterable<number> {
    for (let handle = this.#first.get(key) ?? 0; handle !== 0; handle = this.#packed.next(handle)) yield handle;
  }
}
