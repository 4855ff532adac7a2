import type { Path } from './desired.ts';
import type { PathPart } from './part.ts';
import { keysOf } from './tunnel-form.ts';

/** Whose the tunnels without keys are, of which nothing but the two ends says so. */
export class TunnelCustomers {
  /** By ends: how many paths each customer has between them. */
  readonly #paths = new Map<string, Map<number, number>>();

  /** The customer that has a tunnel between these ends already, unless it is this one. */
  other({ path, customer }: Pick<PathPart, 'path' | 'customer'>): number | undefined {
    if (keysOf(path.encapsulation)) return undefined;
    for (const number of this.#paths.get(ends(path))?.keys() ?? []) if (number !== customer) return number;
    return undefined;
  }

  add({ path, customer }: PathPart): void {
    if (keysOf(path.encapsulation)) return;
    const there = this.#paths.get(ends(path)) ?? new Map<number, number>();
    there.set(customer, (there.get(customer) ?? 0) + 1);
    this.#paths.set(ends(path), there);
  }

  remove({ path, customer }: PathPart): void {
    const there = this.#paths.get(ends(path));
    const left = (there?.get(customer) ?? 0) - 1;
    if (left > 0) there?.set(customer, left);
    else there?.delete(customer);
    if (there?.size === 0) this.#paths.delete(ends(path));
  }
}

function ends({ local, remote }: Path): string {
  return `${local.key} ${remote.key}`;
}
