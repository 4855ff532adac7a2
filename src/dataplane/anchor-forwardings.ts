import { AnchorBindings } from './anchor-bindings.ts';
import type { AnchorForwarding } from './desired.ts';
import { IndexAllocator } from './index-allocator.ts';
import { targetsOf } from './part.ts';
import { TunnelPaths } from './tunnel-paths.ts';

const MAXIMUM = 2 ** 32;

/** Forwarding of bindings of anchors, by id, without an object for each of what may be a million. */
export class AnchorForwardings {
  readonly #paths = new TunnelPaths();
  readonly #bindings = new AnchorBindings((index) => this.#paths.at(index));
  readonly #places = new IndexAllocator(MAXIMUM);

  get size(): number {
    return this.#bindings.size;
  }

  /** Puts one in the place of the former of its id; `false` when it cannot be kept so, and is to be kept elsewhere: the former is gone. */
  set(forwarding: AnchorForwarding): boolean {
    const { id, customer, prefixes, paths } = forwarding;
    this.delete(id);
    const targets = targetsOf(forwarding);
    const isTaken = targets.some((target) => this.#bindings.idOf({ customer, target }) !== undefined);
    const isOdd = targets.length === 0 || paths.length > 1 || prefixes.some(({ length }) => length !== 64);
    if (isTaken || isOdd) return false;
    const path = this.#paths.find(customer, paths[0]) ?? this.#paths.add(customer, paths[0]);
    const place = path && this.#places.take();
    if (!path || place === undefined) return false;
    this.#bindings.set(forwarding, path.index, place);
    return true;
  }

  get(id: string): AnchorForwarding | undefined {
    const place = this.#bindings.counters(id);
    return place === undefined ? undefined : this.#bindings.forwarding(place);
  }

  /** Whether it was there. */
  delete(id: string): boolean {
    const place = this.#bindings.counters(id);
    if (place === undefined) return false;
    this.#bindings.delete(id);
    this.#places.release(place);
    return true;
  }

  /** Those that are there when it comes to them. */
  *values(): Iterable<AnchorForwarding> {
    for (const id of this.#bindings.ids()) yield this.get(id) as AnchorForwarding;
  }
}
