import { RequestError } from './control-protocol.ts';
import { workSlice } from './sliced.ts';

/** Some rows of a long list; plain JSON. */
export interface Portion<Row = unknown> {
  readonly rows: readonly Row[];
  /** What to ask for the next ones with; `null` behind the last. There may be more although `rows` is empty. */
  readonly next: string | null;
}

/** Steps through a list; `undefined` is a row that is not wanted. */
export type Walk<Row = unknown> = Iterator<Row | undefined, unknown>;

const WALK_MAXIMUM = 32;
/** As long as an operator may look at a page. */
const IDLE_MS = 600_000;

interface Open {
  readonly walk: Walk;
  usedAt: number;
}

/** Lists that clients of the control socket take portion by portion. What is given up unread makes room, and ends after ten minutes. */
export class Walks {
  readonly #open = new Map<string, Open>();
  #last = 0;

  get size(): number {
    return this.#open.size;
  }

  begin(walk: Walk, now: number): Portion {
    if (this.#open.size >= WALK_MAXIMUM) this.#open.delete(this.#open.keys().next().value as string);
    return this.#take(`${++this.#last}`, walk, now);
  }

  /** Throws `RequestError` when the list is over. */
  continue(id: string, now: number): Portion {
    const open = this.#open.get(id);
    if (!open) throw new RequestError('refused', 'the list was not read on for long and is closed; ask for it again');
    this.#open.delete(id);
    return this.#take(id, open.walk, now);
  }

  expire(now: number): void {
    for (const [id, { usedAt }] of this.#open) {
      if (usedAt + IDLE_MS > now) return;
      this.#open.delete(id);
    }
  }

  /** Those used last stand last. */
  #take(id: string, walk: Walk, now: number): Portion {
    const rows: unknown[] = [];
    const { done } = workSlice(walk, (row) => {
      if (row !== undefined) rows.push(row);
    });
    if (done) return { rows, next: null };
    this.#open.set(id, { walk, usedAt: now });
    return { rows, next: id };
  }
}
