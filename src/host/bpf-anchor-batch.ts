import { Ipv4Address } from '#base/ipv4-address.ts';
import type { AnchorEntry, Target } from '#dataplane/part.ts';
import type { BpfMap } from './bpf.ts';
import { ANCHOR_VALUE, KEY6 } from './bpf-map-specs.ts';
import { writeDirection, writeTargetKey } from './bpf-values.ts';
import { alloc, type SystemCallError } from './posix.ts';

const ENTRIES = 512;

/** Fewer are put one by one. */
export const FEW_ENTRIES = 16;

/** Puts many entries of anchors with few system calls; those of one family first. */
export class AnchorBatch {
  readonly #keys = alloc(ENTRIES * KEY6);
  readonly #values = alloc(ENTRIES * ANCHOR_VALUE);

  /** Gives those that were put, and why not the others. */
  put(
    entries: readonly AnchorEntry[],
    maps: { readonly anchor4: BpfMap; readonly anchor6: BpfMap },
  ): { readonly done: readonly AnchorEntry[]; readonly error?: SystemCallError } {
    const isFour = ({ target }: { readonly target: Target }) => target instanceof Ipv4Address;
    const four = entries.filter(isFour);
    const done: AnchorEntry[] = [];
    for (const [map, some] of [
      [maps.anchor4, four],
      [maps.anchor6, entries.filter((entry) => !isFour(entry))],
    ] as const) {
      for (let at = 0; at < some.length; at += ENTRIES) {
        const outcome = this.#put(map, some.slice(at, at + ENTRIES));
        done.push(...some.slice(at, at + outcome.done));
        if (outcome.error) return { done, error: outcome.error };
      }
    }
    return { done };
  }

  #put(map: BpfMap, entries: readonly AnchorEntry[]): { done: number; error?: SystemCallError } {
    const { keySize, valueSize } = map.spec;
    for (const [i, entry] of entries.entries()) {
      writeTargetKey(this.#keys.buffer, i * keySize, entry);
      writeDirection(this.#values.buffer, entry, i * valueSize);
    }
    return map.updateBatch(this.#keys, this.#values, entries.length);
  }
}
