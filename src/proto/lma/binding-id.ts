import type { LmaState } from './state.ts';

/** Of no binding that exists or rests. */
export function nextBindingId(state: LmaState): string {
  let id: string;
  do id = `${state.config.name}/${++state.lastBindingNumber}`;
  while (state.table.has(id) || state.resting.has(id));
  return id;
}

/** A restored binding has this id: the search for a free one begins behind it. */
export function noteBindingId(state: LmaState, id: string): void {
  const number = Number(id.slice(id.lastIndexOf('/') + 1));
  if (number > state.lastBindingNumber && number < NUMBER_MAXIMUM) state.lastBindingNumber = number;
}

/** Far more than there will be; numbers above are none that were given. */
const NUMBER_MAXIMUM = 2 ** 40;

/** The name of the LMA that gave this id. */
export function lmaOfBinding(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('/')));
}
