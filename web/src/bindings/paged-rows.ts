import { signal } from '@preact/signals';
import type { ApiError } from '../api/client.ts';

/** Of one question to the node. */
export const PAGE_ROWS = 100;
/** Pages that are kept: more than anybody sees at once. */
const PAGES_MAXIMUM = 40;
/** While somebody scrolls fast, what flies by is not asked for. */
const SETTLE_MS = 60;

export interface RowsPage<T> {
  readonly items: readonly T[];
  readonly total: number;
}

export type FetchRows<T> = (offset: number, limit: number, abort: AbortSignal) => Promise<RowsPage<T>>;

/** The rows in view of a list that is at the node. */
export class PagedRows<T> {
  /** `undefined` before the first answer. */
  readonly total = signal<number | undefined>(undefined);
  readonly error = signal<ApiError | undefined>(undefined);
  /** Changes when rows came. */
  readonly version = signal(0);
  readonly #fetch: FetchRows<T>;
  readonly #pages = new Map<number, { readonly items: readonly T[]; readonly generation: number }>();
  readonly #asked = new Map<number, AbortController>();
  #generation = 0;
  #view = { first: 0, count: 1 };
  #timer = 0;

  constructor(fetch: FetchRows<T>) {
    this.#fetch = fetch;
    this.#schedule(0);
  }

  row(index: number): T | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.items[index % PAGE_ROWS];
  }

  /** These rows are in view. */
  show(first: number, count: number): void {
    this.#view = { first, count };
    this.#schedule(SETTLE_MS);
  }

  /** What is known may be old: what is in view is asked for again, and shown meanwhile. */
  refresh(): void {
    this.#generation++;
    this.#schedule(0);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const abort of this.#asked.values()) abort.abort();
    this.#asked.clear();
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#askForView(), ms);
  }

  #askForView(): void {
    const { first, count } = this.#view;
    const [from, to] = [Math.floor(first / PAGE_ROWS), Math.floor((first + Math.max(1, count) - 1) / PAGE_ROWS)];
    for (const [page, abort] of this.#asked) {
      if (page >= from && page <= to) continue;
      abort.abort();
      this.#asked.delete(page);
    }
    for (let page = from; page <= to; page++) {
      const known = this.#pages.get(page);
      if (known?.generation !== this.#generation && !this.#asked.has(page)) void this.#ask(page);
    }
  }

  async #ask(page: number): Promise<void> {
    const abort = new AbortController();
    const generation = this.#generation;
    this.#asked.set(page, abort);
    try {
      const { items, total } = await this.#fetch(page * PAGE_ROWS, PAGE_ROWS, abort.signal);
      this.#keep(page, items, generation);
      this.total.value = total;
      this.error.value = undefined;
      this.version.value++;
    } catch (error) {
      if (!abort.signal.aborted) this.error.value = error as ApiError;
    }
    if (this.#asked.get(page) === abort) this.#asked.delete(page);
    if (generation !== this.#generation && !abort.signal.aborted) this.#schedule(0);
  }

  #keep(page: number, items: readonly T[], generation: number): void {
    this.#pages.delete(page);
    this.#pages.set(page, { items, generation });
    if (this.#pages.size > PAGES_MAXIMUM) this.#pages.delete(this.#pages.keys().next().value as number);
  }
}
