import { NumberSet } from '#base/number-set.ts';
import type { Duration, Instant } from '#base/time.ts';
import { after } from '#base/time.ts';
import { RestingNumbers } from './resting-numbers.ts';

/** So many last owners are remembered once their quarantine is over, the latest. */
const REMEMBERED = 1 << 16;
/** Where fewer than one of so many numbers is forgotten, it is not looked for while another is at hand. */
const SPARSE = 256;

/**
 * Numbers from 0 to `size` - 1 lent to owners, each to one at a time. A returned number rests: its last owner gets it back, unless very many others have come back since, and
 * another owner gets it only when every number has been lent once and its quarantine is over, those that rested long first.
 */
export class IndexPool {
  readonly size: number;
  readonly #reserved: ReadonlySet<number>;
  readonly #quarantine: Duration;
  /** To whom, the owner of an address knows itself; so a million of them take no memory for it. */
  readonly #held = new NumberSet();
  readonly #resting: RestingNumbers;
  /** Every number below was lent or is reserved. */
  #fresh = 0;
  /** How many of these are neither lent nor rest, as their last owner is forgotten, and from where on one is looked for. */
  #forgotten = 0;
  #sweep = 0;

  /** `multiplier`: as `RestingNumbers` has it. `reserved` numbers are never lent. */
  constructor(size: number, quarantine: Duration, multiplier: number, reserved: ReadonlySet<number> = new Set()) {
    this.size = size;
    this.#quarantine = quarantine;
    this.#resting = new RestingNumbers(multiplier);
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
    const isSparse = this.#forgotten * SPARSE < this.size;
    const index =
      this.#resting.lastOf(owner) ??
      this.#nextFresh() ??
      (isSparse ? this.#resting.longest(now) : undefined) ??
      this.#nextForgotten() ??
      this.#resting.longest(now);
    if (index !== undefined) this.#lend(index);
    return index;
  }

  /** Lends that very number; false when it is outside, reserved, lent, or in quarantine after another owner. */
  claim(index: number, owner: string, now: Instant): boolean {
    if (!this.#isFree(index) || this.#resting.isKeptFrom(owner, index, now)) return false;
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
    this.#resting.add(index, owner, after(now, this.#quarantine));
    this.#forgetOne(now);
  }

  #forgetOne(now: Instant): void {
    if (this.#resting.size <= REMEMBERED) return;
    const index = this.#resting.longest(now);
    if (index === undefined) return;
    this.#resting.delete(index);
    if (index < this.#fresh) this.#forgotten++;
  }

  #isFree(index: number): boolean {
    return index >= 0 && index < this.size && !this.#reserved.has(index) && !this.#held.has(index);
  }

  #lend(index: number): void {
    if (!this.#resting.delete(index) && index < this.#fresh) this.#forgotten--;
    this.#held.add(index);
  }

  #nextFresh(): number | undefined {
    for (; this.#fresh < this.size; this.#fresh++) {
      if (this.#isIdle(this.#fresh)) return this.#fresh;
    }
    return undefined;
  }

  #nextForgotten(): number | undefined {
    if (this.#forgotten === 0) return undefined;
    while (!this.#isIdle(this.#sweep)) this.#sweep = (this.#sweep + 1) % this.#fresh;
    return this.#sweep;
  }

  #isIdle(index: number): boolean {
    return !this.#reserved.has(index) && !this.#held.has(index) && !this.#resting.has(index);
  }
}
