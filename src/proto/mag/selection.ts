import type { MacAddress } from '#base/mac-address.ts';
import type { BindingList } from './binding-list.ts';
import type { Binding } from './state.ts';

/** Which bindings an operator means: those for which everything that is given holds. */
export interface MagBindingSelection {
  readonly nai?: string;
  readonly mac?: MacAddress;
  /** An LMA's name, or its address. */
  readonly lma?: string;
}

/** The bindings that may be meant: an index finds them where there is one, and each has yet to be looked at. */
export function candidates(bindings: BindingList, { nai, mac }: MagBindingSelection): Iterable<Binding> {
  if (mac) return [bindings.get(mac)].filter((binding) => binding !== undefined);
  return nai === undefined ? bindings : bindings.withNai(nai);
}

/** Whether an operator means it. */
export function isSelected({ nai, mac, lma }: Binding, selection: MagBindingSelection): boolean {
  return (
    (selection.nai === undefined || nai === selection.nai) &&
    (selection.mac === undefined || mac.equals(selection.mac)) &&
    (selection.lma === undefined || lma.name === selection.lma || `${lma.address}` === selection.lma)
  );
}
