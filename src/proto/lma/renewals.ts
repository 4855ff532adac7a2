import { HandleIndex } from '#base/handle-index.ts';
import { hashOfNumber } from '#base/hash.ts';
import { NumberedIds } from '#base/numbered-ids.ts';
import { OctetSlab } from '#base/octet-slab.ts';
import { doubleAt, octetAt, RecordHeap, wordAt } from '#base/record-heap.ts';
import { answerAs, type ChangingParts, changingPartsOf, hashOfLasting, isAlike } from '#wire/mobility/index.ts';

/** Of all that is remembered, of half a million bindings or more; a million take less than a gigaoctet in all then. Those beyond are served as if it were not. */
const OCTETS_MAXIMUM = 160 << 20;

/** A block begins with these, in the order of the processor; behind them come the octets of the request and those of the answer. */
const ID_DOUBLE = 0;
const Word = {
  /** Of the request. */
  HASH: 2,
  REQUEST_LENGTH: 3,
  REQUEST_PARTS: 4,
  ANSWER_LENGTH: 5,
  ANSWER_PARTS: 6,
  COUNT: 7,
} as const;
const HEAD_OCTETS = 4 * Word.COUNT;

/**
 * Of each binding the last request that extended it and changed nothing else of it, with its answer, as octets: who asks for the same again is
 * answered from here, without decoding what he sends (`renewal.ts`). Only worth what it says as long as the binding and the configuration stay what they
 * were: whoever changes them has it forgotten.
 */
export class Renewals {
  /** How often something was forgotten: what was found before may be gone since. */
  forgotten = 0;
  readonly #multiplier: number;
  readonly #octetsMaximum: number;
  readonly #ids = new NumberedIds();
  readonly #slab = new OctetSlab();
  #heap = new RecordHeap();
  #byRequest = new HandleIndex();
  /** By the number of the binding's id. */
  #byBinding = new HandleIndex();

  /** `multiplier`: odd, of the hashes, and not known to those who send requests. */
  constructor(multiplier: number, octetsMaximum = OCTETS_MAXIMUM) {
    this.#multiplier = multiplier;
    this.#octetsMaximum = octetsMaximum;
  }

  /** Bindings of which there is one. */
  get size(): number {
    return this.#byBinding.size;
  }

  /** The handle of the request that asks for the same; 0 when there is none. */
  find(request: Uint8Array): number {
    const parts = changingPartsOf(request);
    if (parts === undefined) return 0;
    let handle = this.#byRequest.first(hashOfLasting(request, parts, this.#multiplier));
    while (handle !== 0 && !this.#isAlike(handle, request, parts)) handle = this.#byRequest.next();
    return handle;
  }

  bindingOf(handle: number): string {
    return this.#ids.idOf(this.#numberAt(handle));
  }

  /** Where what changes is in the request. */
  partsOf(handle: number): ChangingParts {
    return this.#heap.page(handle).words[wordAt(handle) + Word.REQUEST_PARTS] as ChangingParts;
  }

  /** The answer to this request, which is like the one that was found, but for its authentication data. */
  answer(handle: number, request: Uint8Array): Uint8Array {
    const { octets, words } = this.#heap.page(handle);
    const at = wordAt(handle);
    const from = octetAt(handle) + HEAD_OCTETS + request.length;
    const answer = this.#slab.copy(octets, words[at + Word.ANSWER_LENGTH], from);
    answerAs(answer, words[at + Word.ANSWER_PARTS] as ChangingParts, request, this.partsOf(handle));
    return answer;
  }

  /** In place of what was remembered of the binding. Does nothing where request and answer are not such, or there is no room. */
  remember(id: string, request: Uint8Array, answer: Uint8Array): void {
    this.forget(id);
    const [requestParts, answerParts] = [changingPartsOf(request), changingPartsOf(answer)];
    if (requestParts === undefined || answerParts === undefined || this.#heap.octets > this.#octetsMaximum) return;
    const hash = hashOfLasting(request, requestParts, this.#multiplier);
    const number = this.#ids.numberOf(id);
    const handle = this.#heap.take(HEAD_OCTETS + request.length + answer.length);
    const { octets, words, doubles } = this.#heap.page(handle);
    const at = wordAt(handle);
    doubles[doubleAt(handle) + ID_DOUBLE] = number;
    words[at + Word.HASH] = hash;
    words[at + Word.REQUEST_LENGTH] = request.length;
    words[at + Word.REQUEST_PARTS] = requestParts;
    words[at + Word.ANSWER_LENGTH] = answer.length;
    words[at + Word.ANSWER_PARTS] = answerParts;
    const from = octetAt(handle) + HEAD_OCTETS;
    octets.set(request, from);
    octets.set(answer, from + request.length);
    this.#byRequest.add(hash, handle);
    this.#byBinding.add(hashOfNumber(number), handle);
  }

  /** Of this binding. */
  forget(id: string): void {
    const number = this.#ids.find(id);
    if (number === undefined) return;
    const hash = hashOfNumber(number);
    let handle = this.#byBinding.first(hash);
    while (handle !== 0 && this.#numberAt(handle) !== number) handle = this.#byBinding.next();
    if (handle === 0) return;
    this.forgotten++;
    const { words } = this.#heap.page(handle);
    const at = wordAt(handle);
    this.#byBinding.remove(hash, handle);
    this.#byRequest.remove(words[at + Word.HASH] as number, handle);
    const length = (words[at + Word.REQUEST_LENGTH] as number) + (words[at + Word.ANSWER_LENGTH] as number);
    this.#heap.give(handle, HEAD_OCTETS + length);
  }

  /** All of it. */
  clear(): void {
    this.forgotten++;
    this.#heap = new RecordHeap();
    this.#byRequest = new HandleIndex();
    this.#byBinding = new HandleIndex();
  }

  #isAlike(handle: number, request: Uint8Array, parts: ChangingParts): boolean {
    const { octets, words } = this.#heap.page(handle);
    const at = wordAt(handle);
    return (
      words[at + Word.REQUEST_LENGTH] === request.length &&
      words[at + Word.REQUEST_PARTS] === parts &&
      isAlike(request, parts, octets, octetAt(handle) + HEAD_OCTETS)
    );
  }

  /** Of the binding's id. */
  #numberAt(handle: number): number {
    return this.#heap.page(handle).doubles[doubleAt(handle) + ID_DOUBLE] as number;
  }
}
