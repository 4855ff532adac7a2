import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import type { Grant } from './messages.ts';

/** More prefixes of one mobile node are not remembered. */
export const PREFIXES_MAXIMUM = 16;
/** Of each prefix: its four words, then its length. */
const PREFIX_WORDS = 5;
/** Before the prefixes: the length of the IPv4 home address, or `NONE`, the address, and how many prefixes follow. */
const HEAD_WORDS = 3;
const NONE = -1;
/** With one prefix. */
export const SHORT_WORDS = HEAD_WORDS + PREFIX_WORDS;

/** The addresses that an LMA gave to one mobile node, as numbers, so that reading them makes no objects. It is filled again and again. */
export class Granted {
  readonly words = new Int32Array(HEAD_WORDS + PREFIXES_MAXIMUM * PREFIX_WORDS);

  constructor() {
    this.clear();
  }

  /** No address at all. */
  clear(): void {
    this.words.fill(0, 0, SHORT_WORDS);
    this.words[0] = NONE;
  }

  /** How many of the words say it. */
  get length(): number {
    return Math.max(SHORT_WORDS, HEAD_WORDS + this.prefixCount * PREFIX_WORDS);
  }

  get prefixCount(): number {
    return this.words[2] as number;
  }

  get hasHome(): boolean {
    return this.words[0] !== NONE;
  }

  get homeLength(): number {
    return this.words[0] as number;
  }

  get homeWord(): number {
    return this.words[1] as number;
  }

  setHome(word: number, prefixLength: number): void {
    this.words[0] = prefixLength;
    this.words[1] = word;
  }

  /** Where the words of this prefix begin. */
  prefixAt(i: number): number {
    return HEAD_WORDS + i * PREFIX_WORDS;
  }

  addPrefix({ address, length }: Ipv6Prefix): void {
    this.addWords(address.w0, address.w1, address.w2, address.w3, length);
  }

  /** A prefix by the words of its address and its length. */
  addWords(w0: number, w1: number, w2: number, w3: number, length: number): void {
    const { words } = this;
    const count = this.prefixCount;
    if (count === PREFIXES_MAXIMUM) return;
    const at = this.prefixAt(count);
    words[at] = w0;
    words[at + 1] = w1;
    words[at + 2] = w2;
    words[at + 3] = w3;
    words[at + 4] = length;
    words[2] = count + 1;
  }

  toGrant(): Grant {
    const { words, homeWord, homeLength } = this;
    const word = (i: number) => words[i] as number;
    return {
      prefixes: Array.from({ length: this.prefixCount }, (_, i) => {
        const at = this.prefixAt(i);
        return new Ipv6Prefix(new Ipv6Address(word(at), word(at + 1), word(at + 2), word(at + 3)), word(at + 4));
      }),
      home: this.hasHome ? { address: new Ipv4Address(homeWord), prefixLength: homeLength } : undefined,
    };
  }
}
