import { ifNameToIndex } from './posix.ts';

/** More indexes than this are not remembered; a host has few interfaces that signalling comes in by. */
const REMEMBERED = 256;

/** Interfaces by name, asked for by index; one that is made anew under its name is still in it. */
export class InterfaceSet {
  readonly #names: readonly string[];
  readonly #known = new Map<number, boolean>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** In the network namespace of the calling thread. */
  has(index: number): boolean {
    const known = this.#known.get(index);
    return known ?? this.#look(index);
  }

  #look(index: number): boolean {
    const found = this.#names.some((name) => ifNameToIndex(name) === index);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(index, found);
    return found;
  }
}
