/** A source of randomness that can be replayed from its seed: machines take it as a field, never from the system. */
export interface Random {
  /** An integer from 0 to 2^32 - 1. */
  nextU32(): number;
}

/** SplitMix32: small, fast, good enough for sequence numbers, jitter and simulated faults; not for secrets. */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  nextU32(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  }
}

/** A number from 0 (included) to 1 (excluded). */
export function nextFraction(random: Random): number {
  return random.nextU32() / 0x1_0000_0000;
}

/** An integer from 0 to `limit` - 1. */
export function nextBelow(random: Random, limit: number): number {
  return Math.floor(nextFraction(random) * limit);
}

/** One of them, each as likely as any other; there must be one. */
export function pick<T>(random: Random, from: readonly T[]): T {
  return from[nextBelow(random, from.length)] as T;
}
