import { elapsed, type Instant } from '#base/time.ts';
import { entryOfWords } from './anchor-bindings.ts';
import { type EntryWords, emptyWords, writeEntry } from './anchor-entries.ts';
import type { BindingCounters } from './dataplane.ts';
import type { Forwarding } from './desired.ts';
import type { Part, PathPart } from './part.ts';
import type { TableChange } from './plan.ts';
import type { Execution, Tables } from './tables.ts';
import { PORT_MOVE_INTERVAL, type TranslatedPort } from './translated-port.ts';

/** Tables in which a process itself looks up packets. */
export class MemoryTables implements Tables {
  /** By key. */
  readonly #parts = new Map<string, Part>();
  /** By index of the path. */
  readonly #ports = new Map<number, TranslatedPort & { readonly movedAt: Instant }>();
  readonly #counters = new Map<number, Counters>();
  /** By kind and index of a path. */
  readonly #pathCounters = new Map<string, Counters>();
  counterSlots = 0;

  get size(): number {
    return this.#parts.size;
  }

  get(key: string): Part | undefined {
    return this.#parts.get(key);
  }

  find(part: Part): Part | undefined {
    return this.#parts.get(part.key);
  }

  parts(): Part[] {
    const parts = [...this.#parts.values()].filter(({ kind }) => kind !== 'anchor-entry');
    return [...parts.filter(({ kind }) => kind === 'path'), ...parts.filter(({ kind }) => kind !== 'path')];
  }

  *anchorEntries(): Iterable<EntryWords> {
    const words = emptyWords();
    for (const part of this.#parts.values()) {
      if (part.kind !== 'anchor-entry') continue;
      writeEntry(words, part);
      yield words;
    }
  }

  execute(changes: readonly TableChange[]): Execution {
    for (const { before, after } of changes) {
      if (after) this.#parts.set(after.key, after);
      else if (before) this.#parts.delete(before.key);
      if (after?.kind === 'path') {
        for (const kind of KINDS) this.#pathCounters.delete(`${kind} ${after.index}`);
      } else if (before?.kind === 'path') {
        this.#ports.delete(before.index);
      }
    }
    return { done: changes };
  }

  addAnchor(entry: Readonly<EntryWords>, path: PathPart): boolean {
    const part = entryOfWords(entry, () => path);
    this.#parts.set(part.key, part);
    return true;
  }

  /** Their frames tell the next process that they are there. */
  forgetStations(): void {
    for (const part of this.#parts.values()) if (part.kind === 'station') this.#parts.delete(part.key);
  }

  clear(): void {
    this.#parts.clear();
    this.#ports.clear();
    this.#counters.clear();
    this.#pathCounters.clear();
  }

  translatedPort(path: number): TranslatedPort | undefined {
    const { port, moves } = this.#ports.get(path) ?? {};
    return port === undefined || moves === undefined ? undefined : { port, moves };
  }

  /** `false`: it has just been another one. */
  followPort(path: number, port: number, now: Instant): boolean {
    const { moves = 0, movedAt } = this.#ports.get(path) ?? {};
    if (movedAt !== undefined && elapsed(movedAt, now) < PORT_MOVE_INTERVAL) return false;
    this.#ports.set(path, { port, moves: moves + 1, movedAt: now });
    return true;
  }

  resetCounters(index: number): void {
    this.#counters.set(index, zeros());
  }

  counters(index: number): BindingCounters {
    return this.#counters.get(index) as BindingCounters;
  }

  count(index: number, direction: 'up' | 'down', octets: number): void {
    const counters = this.#counters.get(index);
    if (counters) add(counters, direction, octets);
  }

  /** What bindings of a kind have had carried by a path. */
  pathCounters(kind: Forwarding['kind'], path: number): BindingCounters {
    return this.#pathCounters.get(`${kind} ${path}`) ?? zeros();
  }

  countPath(kind: Forwarding['kind'], path: number, direction: 'up' | 'down', octets: number): void {
    const counters = this.#pathCounters.get(`${kind} ${path}`) ?? zeros();
    this.#pathCounters.set(`${kind} ${path}`, counters);
    add(counters, direction, octets);
  }
}

type Counters = { -readonly [K in keyof BindingCounters]: number };

const KINDS: readonly Forwarding['kind'][] = ['anchor', 'access'];

function zeros(): Counters {
  return { upPackets: 0, upOctets: 0, downPackets: 0, downOctets: 0 };
}

function add(counters: Counters, direction: 'up' | 'down', octets: number): void {
  counters[`${direction}Packets`]++;
  counters[`${direction}Octets`] += octets;
}
