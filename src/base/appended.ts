/** The same with one more at its end, in no more memory than that takes: what an array grows by when something is pushed is for many. */
export function appended<Item>(items: readonly Item[], item: Item): readonly Item[] {
  if (items.length === 0) return [item];
  const more = new Array<Item>(items.length + 1);
  for (let i = 0; i < items.length; i++) more[i] = items[i] as Item;
  more[items.length] = item;
  return more;
}
