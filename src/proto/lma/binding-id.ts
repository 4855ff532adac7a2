import { decimal } from '#base/decimal.ts';
import type { LmaState } from './state.ts';

/** Of no binding that exists or rests: numbers only go up, from that of any which was restored. */
export function nextBindingId(state: LmaState): string {
  return `${state.config.name}/${decimal(++state.lastBindingNumber)}`;
}

/** A restored binding has this id: the next one is behind it. */
export function noteBindingId(state: LmaState, id: string): void {
  let [number, weight] = [0, 1];
  for (let at = id.length - 1; id[at] !== '/'; at--, weight *= 10) {
    const digit = id.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return;
    number += digit * weight;
  }
  if (number > state.lastBindingNumber && number < NUMBER_MAXIMUM) state.lastBindingNumber = number;
}

const ZERO = 0x30;

/** Far more than there will be; numbers above are none that were given. */
const NUMBER_MAXIMUM = 2 ** 40;

/** The name of the LMA that gave this id. */
export function lmaOfBinding(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('/')));
}
