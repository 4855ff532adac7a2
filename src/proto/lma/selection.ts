import { toHex } from '#base/bytes.ts';
import type { Binding } from './binding.ts';
import type { LmaBindingSelection } from './events.ts';
import type { LmaState } from './state.ts';

/** Whether an operator means it. */
export function isSelected(state: LmaState, binding: Binding, { nai, mac, mag }: LmaBindingSelection): boolean {
  return (
    (nai === undefined || binding.mobileNode.name === nai) &&
    (mac === undefined || binding.interface.linkLayerIdentifier === toHex(mac.toBytes())) &&
    (mag === undefined || binding.careOfAddresses.some(({ address }) => isNamed(state, address, mag)))
  );
}

function isNamed(state: LmaState, address: Binding['careOfAddresses'][number]['address'], mag: string): boolean {
  return mag === `${address}` || state.peerNames.get(address.key) === mag;
}
