import type { Instant } from '#base/time.ts';
import type { Figures } from './figures.ts';
import type { Operation } from './messages.ts';

const NOBODY = -1;

/** What mobile nodes wait for, one thing each, in the order in which it was asked for last: a doubly linked list in a few blocks of memory, by mobile node. */
export class OpenRequests {
  /** `undefined`: it waits for nothing. */
  readonly #operations: (Operation | undefined)[];
  readonly #figures: (Figures | undefined)[];
  readonly #gateways: Uint16Array;
  readonly #dueAt: Float64Array;
  readonly #sentAt: Float64Array;
  readonly #tries: Uint8Array;
  readonly #before: Int32Array;
  readonly #behind: Int32Array;
  #first = NOBODY;
  #last = NOBODY;
  #size = 0;

  constructor(nodes: number) {
    this.#operations = new Array<Operation | undefined>(nodes).fill(undefined);
    this.#figures = new Array<Figures | undefined>(nodes).fill(undefined);
    this.#gateways = new Uint16Array(nodes);
    this.#dueAt = new Float64Array(nodes);
    this.#sentAt = new Float64Array(nodes);
    this.#tries = new Uint8Array(nodes);
    this.#before = new Int32Array(nodes);
    this.#behind = new Int32Array(nodes);
  }

  get size(): number {
    return this.#size;
  }

  /** The mobile node that has waited longest; -1 when none waits. */
  get oldest(): number {
    return this.#first;
  }

  /** What the mobile node waits for; `undefined` for nothing, or when there is no such mobile node. */
  operation(node: number): Operation | undefined {
    return this.#operations[node];
  }

  /** Of one that waits. */
  figures(node: number): Figures {
    return this.#figures[node] as Figures;
  }

  /** The MAG that asked for it. */
  gateway(node: number): number {
    return this.#gateways[node] as number;
  }

  dueAt(node: number): Instant {
    return this.#dueAt[node] as Instant;
  }

  sentAt(node: number): Instant {
    return this.#sentAt[node] as Instant;
  }

  /** How often it was sent. */
  tries(node: number): number {
    return this.#tries[node] as number;
  }

  /** The mobile node, which waits for nothing, is about to ask. */
  open(node: number, operation: Operation, gateway: number, figures: Figures, dueAt: Instant): void {
    this.#operations[node] = operation;
    this.#figures[node] = figures;
    this.#gateways[node] = gateway;
    this.#dueAt[node] = dueAt;
    this.#tries[node] = 0;
    this.#size++;
    this.#append(node);
  }

  /** It is sent, for the first time or again. */
  sent(node: number, now: Instant): void {
    this.#sentAt[node] = now;
    this.#tries[node] = this.tries(node) + 1;
    if (this.#last === node) return;
    this.#unlink(node);
    this.#append(node);
  }

  close(node: number): void {
    this.#operations[node] = undefined;
    this.#size--;
    this.#unlink(node);
  }

  #append(node: number): void {
    this.#before[node] = this.#last;
    this.#behind[node] = NOBODY;
    if (this.#last === NOBODY) this.#first = node;
    else this.#behind[this.#last] = node;
    this.#last = node;
  }

  #unlink(node: number): void {
    const before = this.#before[node] as number;
    const behind = this.#behind[node] as number;
    if (before === NOBODY) this.#first = behind;
    else this.#behind[before] = behind;
    if (behind === NOBODY) this.#last = before;
    else this.#before[behind] = before;
  }
}
