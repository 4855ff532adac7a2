import { nextBelow, type Random } from '#base/random.ts';

const KEYS = 0x1_0000_0000;

/**
 * GRE keys of tunnel packets that come to this node, each in use once. They follow each other from a random one, so that those of an earlier run do not come
 * back while its tunnels may last. 0 and the keys of profiles are left out.
 */
export class GreKeySpace {
  readonly #taken = new Set<number>();
  #preset: ReadonlySet<number> = new Set();
  #last: number;

  constructor(random: Random) {
    this.#last = nextBelow(random, KEYS);
  }

  /** The keys that the configuration names. */
  leaveOut(keys: Iterable<number>): void {
    this.#preset = new Set(keys);
  }

  /** There are far more keys than bindings: this ends soon. */
  take(): number {
    do this.#last = (this.#last + 1) % KEYS;
    while (this.#last === 0 || this.#taken.has(this.#last) || this.#preset.has(this.#last));
    this.#taken.add(this.#last);
    return this.#last;
  }

  /** Of a binding of an earlier run. */
  reserve(key: number): void {
    this.#taken.add(key);
  }

  giveBack(key: number): void {
    this.#taken.delete(key);
  }
}
