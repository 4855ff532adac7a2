import { toHex } from '#base/bytes.ts';
import type { Binding } from './binding.ts';
import type { LmaBindingSelection } from './events.ts';
import { type LmaState, peerName } from './state.ts';

/** Whether an operator means it. */
export function isSelected(state: LmaState, binding: Binding, { id, nai, mac, mag }: LmaBindingSelection): boolean {
  return (
    (id === undefined || binding.id === id) &&
    (nai === undefined || binding.mobileNode.name === nai) &&
    (mac === undefined || binding.interface.linkLayerIdentifier === toHex(mac.toBytes())) &&
    (mag === undefined ||
      binding.careOfAddresses.some(({ address }) => mag === `${address}` || mag === peerName(state, address)))
  );
}
