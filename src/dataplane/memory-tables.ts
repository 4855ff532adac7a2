import type { BindingCounters } from './dataplane.ts';
import type { Path } from './desired.ts';
import type { Part } from './part.ts';
import type { TableChange } from './plan.ts';
import type { Execution, Tables } from './tables.ts';

/** Tables in which a process itself looks up packets. */
export class MemoryTables implements Tables {
  /** By key. */
  readonly #parts = new Map<string, Part>();
  readonly #paths = new Map<number, Path>();
  readonly #counters = new Map<number, { -readonly [K in keyof BindingCounters]: number }>();
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
    const parts = [...this.#parts.values()];
    return [...parts.filter(({ kind }) => kind === 'path'), ...parts.filter(({ kind }) => kind !== 'path')];
  }

  execute(changes: readonly TableChange[]): Execution {
    for (const { before, after } of changes) {
      if (after) this.#parts.set(after.key, after);
      else if (before) this.#parts.delete(before.key);
      if (after?.kind === 'path') this.#paths.set(after.index, after.path);
      else if (before?.kind === 'path') this.#paths.delete(before.index);
    }
    return { done: changes };
  }

  /** Their frames tell the next process that they are there. */
  forgetStations(): void {
    for (const part of this.#parts.values()) if (part.kind === 'station') this.#parts.delete(part.key);
  }

  clear(): void {
    this.#parts.clear();
    this.#paths.clear();
    this.#counters.clear();
  }

  path(index: number): Path | undefined {
    return this.#paths.get(index);
  }

  resetCounters(index: number): void {
    this.#counters.set(index, { upPackets: 0, upOctets: 0, downPackets: 0, downOctets: 0 });
  }

  counters(index: number): BindingCounters {
    return this.#counters.get(index) as BindingCounters;
  }

  count(index: number, direction: 'up' | 'down', octets: number): void {
    const counters = this.#counters.get(index);
    if (!counters) return;
    counters[`${direction}Packets`]++;
    counters[`${direction}Octets`] += octets;
  }
}
