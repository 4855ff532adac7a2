import { toHex } from '#base/bytes.ts';
import type { Binding } from './binding.ts';
import type { LmaBindingSelection } from './events.ts';
import { type LmaState, peerName } from './state.ts';

/** The bindings that may be meant: an index finds them where there is one, and each has yet to be looked at. */
export function candidates({ table }: LmaState, { id, nai }: LmaBindingSelection): Iterable<Binding> {
  if (id !== undefined) return [table.get(id)].filter((binding) => binding !== undefined);
  if (nai === undefined) return table.values();
  return [...table.customers.keys()].flatMap((customer) => table.byMobileNode(customer, nai));
}

/** Whether an operator means it. */
export function isSelected(state: LmaState, binding: Binding, selection: LmaBindingSelection): boolean {
  const { id, nai, mac, mag, customer } = selection;
  return (
    (id === undefined || binding.id === id) &&
    (nai === undefined || binding.mobileNode.name === nai) &&
    (customer === undefined || binding.customer === customer) &&
    (mac === undefined || binding.interface.linkLayerIdentifier === toHex(mac.toBytes())) &&
    (mag === undefined ||
      binding.careOfAddresses.some(({ address }) => mag === `${address}` || mag === peerName(state, address)))
  );
}
