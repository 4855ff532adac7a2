import type { HandleIndex } from '#base/handle-index.ts';

/** All that an index has of a hash. */
export function handlesOf(index: HandleIndex, hash: number): number[] {
  const found: number[] = [];
  for (let handle = index.first(hash); handle !== 0; handle = index.next()) found.push(handle);
  return found;
}
