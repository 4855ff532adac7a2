import { NumberSet } from '#base/number-set.ts';
import type { Duration, Instant } from '#base/time.ts';
import { after } from '#base/time.ts';

/**
 * Numbers from 0 to `size` - 1 lent to owners, each to one at a time. A returned number rests: its last owner gets it back at any time, and
 * another owner gets it only when every number has been lent once and its quarantine is over, the longest rested first.
 */
export class IndexPool {
  readonly size: number;
  readonly #reserved: ReadonlySet<number>;
  readonly #quarantine: Duration;
  /** To whom, the owner of an address knows itself; so a million of them take no memory for it. */
  readonly #held = new NumberSet();
  /** In the order of return. */
  readonly #resting = new Map<number, Rest>();
  readonly #restingOf = new Map<string, number>();
  /** Every number below was lent or is reserved. */
  #fresh = 0;

  /** `reserved` numbers are never lent. */
  constructor(size: number, quarantine: Duration, reserved: ReadonlySet<number> = new Set()) {
    this.size = size;
    this.#quarantine = quarantine;
    this.#reserved = reserved;
  }

  get held(): number {
    return this.#held.size;
  }

  /** Those in quarantine too. */
  get available(): number {
    return this.size - this.#reserved.size - this.#held.size;
  }

  /** `undefined` when none is to be had now. */
  allocate(owner: string, now: Instant): number | undefined {
    const index = this.#restingOf.get(owner) ?? this.#nextFresh() ?? this.#longestRested(now);
    if (index !== undefined) this.#lend(index);
    return index;
  }

  /** Lends that very number; false when it is outside, reserved, lent, or in quarantine after another owner. */
  claim(index: number, owner: string, now: Instant): boolean {
    if (!this.#isFree(index)) return false;
    const rest = this.#resting.get(index);
    if (rest && rest.owner !== owner && rest.until > now) return false;
    this.#lend(index);
    return true;
  }

  /** Lends it to whose it is by right, in quarantine after another owner too; false when it is lent, or never is. */
  reclaim(index: number): boolean {
    const isFree = this.#isFree(index);
    if (isFree) this.#lend(index);
    return isFree;
  }

  /** `owner` gives it back, and is who may have it again. Does nothing when it is not lent. */
  release(index: number, owner: string, now: Instant): void {
    if (!this.#held.delete(index)) return;
    this.#resting.set(index, { owner, until: after(now, this.#quarantine) });
    this.#restingOf.set(owner, index);
  }

  #isFree(index: number): boolean {
    return index >= 0 && index < this.size && !this.#reserved.has(index) && !this.#held.has(index);
  }

  #lend(index: number): void {
    const rest = this.#resting.get(index);
    if (rest) {
      this.#resting.delete(index);
      if (this.#restingOf.get(rest.owner) === index) this.#restingOf.delete(rest.owner);
    }
    this.#held.add(index);
  }

  #nextFresh(): number | undefined {
    for (; this.#fresh < this.size; this.#fresh++) {
      const index = this.#fresh;
      if (!this.#reserved.has(index) && !this.#held.has(index) && !this.#resting.has(index)) return index;
    }
    return undefined;
  }

  #longestRested(now: Instant): number | undefined {
    for (const [index, { until }] of this.#resting) return until <= now ? index : undefined;
    return undefined;
  }
}

interface Rest {
  readonly owner: string;
  /** The end of its quarantine. */
  readonly until: Instant;
}
