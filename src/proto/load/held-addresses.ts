import { HandleIndex } from '#base/handle-index.ts';
import { mixed } from '#base/hash.ts';
import { Granted, SHORT_WORDS } from './granted.ts';

const ABSENT = 0;
const PRESENT = 1;
/** In `#longer`. */
const LONG = 2;

/** What each of many mobile nodes has of an LMA, in a few blocks of memory, and who has the same as another. */
export class HeldAddresses {
  readonly #states: Uint8Array;
  /** By mobile node, where that is enough. */
  readonly #words: Int32Array;
  readonly #longer = new Map<number, Int32Array>();
  /** By what they have, one more than the number of the last mobile node that was given it. */
  readonly #owners = new HandleIndex();
  readonly #scratch = new Granted();
  #size = 0;

  constructor(nodes: number) {
    this.#states = new Uint8Array(nodes);
    this.#words = new Int32Array(nodes * SHORT_WORDS);
  }

  /** How many have addresses. */
  get size(): number {
    return this.#size;
  }

  has(node: number): boolean {
    return (this.#states[node] ?? ABSENT) !== ABSENT;
  }

  /** Which the mobile node has. */
  read(node: number, into: Granted): void {
    const longer = this.#longer.get(node);
    if (longer) into.words.set(longer);
    else for (let i = 0; i < SHORT_WORDS; i++) into.words[i] = this.#words[node * SHORT_WORDS + i] as number;
  }

  isSame(node: number, granted: Granted): boolean {
    const state = this.#states[node];
    if (state === ABSENT) return false;
    const { words, length } = granted;
    if (state === LONG) {
      const longer = this.#longer.get(node) as Int32Array;
      return longer.length === length && longer.every((word, i) => word === words[i]);
    }
    const at = node * SHORT_WORDS;
    for (let i = 0; i < SHORT_WORDS; i++) if (this.#words[at + i] !== words[i]) return false;
    return true;
  }

  /** The mobile node, which has these or none, has these. Returns whether another one has them too. */
  take(node: number, granted: Granted): boolean {
    if (!this.has(node)) this.#put(node, granted);
    const hash = hashOf(granted);
    let owner = this.#owners.first(hash);
    while (owner !== 0 && !this.isSame(owner - 1, granted)) owner = this.#owners.next();
    if (owner === node + 1) return false;
    if (owner !== 0) this.#owners.remove(hash, owner);
    this.#owners.add(hash, node + 1);
    return owner !== 0;
  }

  /** The mobile node has none any more. */
  leave(node: number): void {
    if (!this.has(node)) return;
    this.read(node, this.#scratch);
    this.#owners.remove(hashOf(this.#scratch), node + 1);
    this.#states[node] = ABSENT;
    this.#longer.delete(node);
    this.#size--;
  }

  #put(node: number, granted: Granted): void {
    const { words, length } = granted;
    this.#size++;
    this.#states[node] = length > SHORT_WORDS ? LONG : PRESENT;
    if (length > SHORT_WORDS) this.#longer.set(node, words.slice(0, length));
    else for (let i = 0; i < SHORT_WORDS; i++) this.#words[node * SHORT_WORDS + i] = words[i] as number;
  }
}

function hashOf({ words, length }: Granted): number {
  let hash = 0;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (hash >>> 15) ^ (words[i] as number), 0x9e3779b1);
  return mixed(hash);
}
