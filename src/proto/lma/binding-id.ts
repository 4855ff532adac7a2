import type { LmaState } from './state.ts';

/** Of no binding that exists or rests. */
export function nextBindingId(state: LmaState): string {
  let id: string;
  do id = `${state.config.name}/${++state.lastBindingNumber}`;
  while (state.table.get(id) ?? state.resting.get(id));
  return id;
}

/** The name of the LMA that gave this id. */
export function lmaOfBinding(id: string): string {
  return id.slice(0, Math.max(0, id.lastIndexOf('/')));
}
