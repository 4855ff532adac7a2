import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Duration, Instant } from '#base/time.ts';
import type { Ipv6PoolConfig } from './events.ts';
import { IndexPool } from './index-pool.ts';

/** Chooses: numbers of prefixes fit 32 bits; of a larger pool the first 2^32 prefixes are used. */
const INDEX_BITS_MAXIMUM = 32;

/** Home network prefixes of one assigned length, cut out of one configured prefix. */
export class Ipv6Pool {
  readonly #network: Ipv6Prefix;
  readonly #assignedLength: number;
  readonly #indexes: IndexPool;
  /** The word that holds the index's lowest bit, and that bit's distance from the word's end. */
  readonly #word: 0 | 1 | 2 | 3;
  readonly #bit: number;

  constructor(config: Ipv6PoolConfig, quarantine: Duration, multiplier: number) {
    this.#network = config.prefix.network;
    this.#assignedLength = config.assignedLength;
    const bits = Math.min(INDEX_BITS_MAXIMUM, config.assignedLength - config.prefix.length);
    this.#indexes = new IndexPool(bits < 0 ? 0 : 2 ** bits, quarantine, multiplier);
    const hostBits = 128 - config.assignedLength;
    this.#word = (3 - Math.min(3, Math.floor(hostBits / 32))) as 0 | 1 | 2 | 3;
    this.#bit = hostBits % 32;
  }

  get range(): string {
    return this.#network.toString();
  }

  get held(): number {
    return this.#indexes.held;
  }

  get available(): number {
    return this.#indexes.available;
  }

  allocate(owner: string, now: Instant): Ipv6Prefix | undefined {
    const index = this.#indexes.allocate(owner, now);
    return index === undefined ? undefined : this.#prefixAt(index);
  }

  /** That very prefix; `undefined` when it is not of this pool or not free. */
  claim(prefix: Ipv6Prefix, owner: string, now: Instant): Ipv6Prefix | undefined {
    const index = this.#indexOf(prefix);
    return index !== undefined && this.#indexes.claim(index, owner, now) ? prefix.network : undefined;
  }

  /** For whose it is by right, in quarantine after another owner too. */
  reclaim(prefix: Ipv6Prefix): boolean {
    const index = this.#indexOf(prefix);
    return index !== undefined && this.#indexes.reclaim(index);
  }

  /** Does nothing for a prefix of another pool. */
  release(prefix: Ipv6Prefix, owner: string, now: Instant): void {
    const index = this.#indexOf(prefix);
    if (index !== undefined) this.#indexes.release(index, owner, now);
  }

  /** Whether it is one of its prefixes, or has addresses in common with one. */
  overlaps(prefix: Ipv6Prefix): boolean {
    return this.#network.contains(prefix.address) || prefix.contains(this.#network.address);
  }

  #prefixAt(index: number): Ipv6Prefix {
    const { w0, w1, w2, w3 } = this.#network.address;
    const word = this.#word;
    const low = index << this.#bit;
    const high = this.#bit > 0 ? index >>> (32 - this.#bit) : 0;
    const address = new Ipv6Address(
      w0 | partAt(0, word, low, high),
      w1 | partAt(1, word, low, high),
      w2 | partAt(2, word, low, high),
      w3 | partAt(3, word, low, high),
    );
    return new Ipv6Prefix(address, this.#assignedLength);
  }

  #indexOf(prefix: Ipv6Prefix): number | undefined {
    if (prefix.length !== this.#assignedLength || !this.#network.contains(prefix.address)) return undefined;
    const word = this.#word;
    const bit = this.#bit;
    const above = bit > 0 && word > 0 ? wordOf(prefix.address, word - 1) << (32 - bit) : 0;
    const index = (((wordOf(prefix.address, word) >>> bit) | above) >>> 0) % this.#indexes.size;
    // Of a pool that is larger than its numbers there are prefixes without one.
    const hasNumber = this.#indexBits <= INDEX_BITS_MAXIMUM || this.#prefixAt(index).equals(prefix.network);
    return hasNumber ? index : undefined;
  }

  get #indexBits(): number {
    return this.#assignedLength - this.#network.length;
  }
}

function wordOf({ w0, w1, w2, w3 }: Ipv6Address, word: number): number {
  return word < 2 ? (word === 0 ? w0 : w1) : word === 2 ? w2 : w3;
}

/** What an index, the low part of which is in one word and the high part in the one before, puts into a word. */
function partAt(at: number, word: number, low: number, high: number): number {
  if (at === word) return low;
  return at === word - 1 ? high : 0;
}
