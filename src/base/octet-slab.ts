const BLOCK_OCTETS = 1 << 16;
/** Longer ones get memory of their own. */
const SHARING_MAXIMUM = 1 << 12;

/**
 * Copies of octets that soon go: many lie in one block of memory, as a block for each would cost more than the copying. A block goes with the last of its copies.
 */
export class OctetSlab {
  #block = new Uint8Array(0);
  #used = 0;

  /** Of `length` octets from `from` on. */
  copy(octets: Uint8Array, length = octets.length, from = 0): Uint8Array {
    if (length > SHARING_MAXIMUM) return octets.slice(from, from + length);
    if (this.#used + length > this.#block.length) {
      this.#block = new Uint8Array(BLOCK_OCTETS);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += length;
    const block = this.#block;
    for (let i = 0; i < length; i++) block[at + i] = octets[from + i] as number;
    return block.subarray(at, this.#used);
  }

  /** None of its copies is looked at any more: others take their places. */
  reuse(): void {
    this.#used = 0;
  }
}
