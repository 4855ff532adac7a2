import { isShared, type Part, sayTheSame } from './part.ts';

/** One step in the tables of a data plane: a part appears (no `before`), is replaced, or goes (no `after`). */
export type TableChange =
  | { readonly before?: undefined; readonly after: Part }
  | { readonly before: Part; readonly after?: Part };

/** How many bindings have a part. */
export type PartHolders = (part: Part) => number;

export type Plan =
  | { readonly kind: 'changes'; readonly changes: readonly TableChange[] }
  /** Another binding holds this part, which cannot be shared. */
  | { readonly kind: 'conflict'; readonly part: Part };

/**
 * The changes that lead one binding from the parts it has to those it shall have, in the order in which they must be made.
 *
 * New before old: what is new or different appears in its order, the entry which directs packets last, then what is left over goes in the
 * reverse order, its entries first. So a packet meets the old way or the new one, whole, and a part that another binding holds is never
 * touched: no packet can reach another mobile node.
 */
export function plan(held: readonly Part[], desired: readonly Part[], holders: PartHolders): Plan {
  const changes: TableChange[] = [];
  for (const after of desired) {
    const before = held.find((part) => part.key === after.key);
    if (before) {
      if (!sayTheSame(before, after)) changes.push({ before, after });
    } else if (holders(after) === 0) changes.push({ after });
    else if (!isShared(after)) return { kind: 'conflict', part: after };
  }
  for (const before of held.toReversed()) {
    const goes = !desired.some((part) => part.key === before.key) && holders(before) === 1;
    if (goes) changes.push({ before });
  }
  return { kind: 'changes', changes };
}

/** What takes back the changes, in order. */
export function inverse(changes: readonly TableChange[]): TableChange[] {
  return changes.toReversed().map(({ before, after }) => ({ before: after, after: before }) as TableChange);
}
