import { decimal } from './decimal.ts';

/** Digits of a number that is part of an id at most, so that it and the number of its beginning fit a double exactly. */
const DIGITS_MAXIMUM = 12;
const NUMBERS = 2 ** 40;

/**
 * Ids as numbers, of which a million take little room: `L/17` is 17, with the number of `L/` above it. An id without a number
 * at its end is a beginning itself.
 */
export class NumberedIds {
  readonly #beginnings: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** That of the id before, which is nearly always that of the next. */
  #latest: string | undefined;
  #latestNumber = 0;

  /** Of an id that is kept. */
  numberOf(id: string): number {
    const length = beginningOf(id);
    let number = this.#beginning(id, length);
    if (number === undefined) {
      const beginning = id.slice(0, length);
      number = this.#beginnings.push(beginning) - 1;
      this.#numbers.set(beginning, number);
    }
    return number * NUMBERS + numberAfter(id, length);
  }

  /** `undefined` for one that is surely not kept; nothing is remembered of it. */
  find(id: string): number | undefined {
    const length = beginningOf(id);
    const number = this.#beginning(id, length);
    return number === undefined ? undefined : number * NUMBERS + numberAfter(id, length);
  }

  idOf(number: number): string {
    const value = number % NUMBERS;
    const beginning = this.#beginnings[(number - value) / NUMBERS] as string;
    return value === 0 ? beginning : beginning + decimal(value - 1);
  }

  #beginning(id: string, length: number): number | undefined {
    if (this.#latest?.length === length && id.startsWith(this.#latest)) return this.#latestNumber;
    const number = this.#numbers.get(id.slice(0, length));
    if (number === undefined) return undefined;
    this.#latest = this.#beginnings[number];
    this.#latestNumber = number;
    return number;
  }
}

/** How much of it is not its number: at least all but the last digits, the first of which is no 0 unless it is alone. */
function beginningOf(id: string): number {
  let at = id.length;
  while (at > 0 && id.length - at < DIGITS_MAXIMUM && isDigit(id.charCodeAt(at - 1))) at--;
  while (at < id.length - 1 && id.charCodeAt(at) === ZERO) at++;
  return at;
}

/** 0 for none, one more than the number otherwise. */
function numberAfter(id: string, from: number): number {
  if (from === id.length) return 0;
  let value = 0;
  for (let at = from; at < id.length; at++) value = value * 10 + (id.charCodeAt(at) - ZERO);
  return value + 1;
}

const ZERO = 0x30;

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}
