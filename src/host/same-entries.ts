/** Whether both have the same keys with the same values, in any order. */
export function sameEntries<Key>(entries: ReadonlyMap<Key, number>, others: ReadonlyMap<Key, number>): boolean {
  return entries.size === others.size && [...entries].every(([key, value]) => others.get(key) === value);
}
