import type { BindingCount } from '#cli/show/index.ts';
import type { LmaBindingRow, LmaBindingSelection } from '#proto/lma/index.ts';
import type { MagBindingRow, MagBindingSelection } from '#proto/mag/index.ts';
import { RequestError } from './control-protocol.ts';
import { named } from './named-nodes.ts';
import type { LmaInstance, Node } from './node.ts';
import type { ShowFilter } from './show-filter.ts';

export function* lmaBindings(node: Node, filter: ShowFilter): Generator<LmaBindingRow | undefined> {
  const lmas = named(node.lmas, 'LMA', filter.node);
  const wanted = lmas.map((lma) => ({ machine: lma.machine, selection: selectionAt(node, lma, filter) }));
  node.runtime.refreshClock();
  for (const { machine, selection } of wanted) yield* machine.rows(selection);
}

export function* magBindings(node: Node, filter: ShowFilter): Generator<MagBindingRow | undefined> {
  const mags = named(node.mags, 'MAG', filter.node);
  node.runtime.refreshClock();
  for (const { machine } of mags) yield* machine.rows(magSelection(filter));
}

export function* countLmaBindings(node: Node, filter: ShowFilter): Generator<unknown, BindingCount> {
  const lmas = named(node.lmas, 'LMA', filter.node);
  let bindings = 0;
  for (const lma of lmas) {
    const selection = selectionAt(node, lma, filter);
    if (isEmpty(selection)) bindings += lma.machine.bindingCount;
    else bindings += yield* counted(lma.machine.selected(selection));
  }
  return { bindings };
}

export function* countMagBindings(node: Node, filter: ShowFilter): Generator<unknown, BindingCount> {
  const selection = magSelection(filter);
  let bindings = 0;
  for (const { machine } of named(node.mags, 'MAG', filter.node)) {
    if (isEmpty(selection)) bindings += machine.bindingCount;
    else bindings += yield* counted(machine.selected(selection));
  }
  return { bindings };
}

/** What is wanted of the bindings of one LMA. Throws `RequestError` for a customer that it does not have. */
export function selectionAt(node: Node, { config }: LmaInstance, filter: ShowFilter): LmaBindingSelection {
  const { nai, mac, mag, customer } = filter;
  return {
    ...(nai !== undefined && { nai }),
    ...(mac && { mac }),
    ...(mag !== undefined && { mag }),
    ...(customer !== undefined && { customer: customerNumber(node, config.name, customer) }),
  };
}

function magSelection({ nai, mac, lma }: ShowFilter): MagBindingSelection {
  return { ...(nai !== undefined && { nai }), ...(mac && { mac }), ...(lma !== undefined && { lma }) };
}

/** Customers are numbered from 1 in the order of the configuration. Throws `RequestError`. */
function customerNumber({ configuration }: Node, lma: string, customer: string): number {
  const configured = configuration.lmas.find(({ name }) => name === lma)?.localLoop?.customers ?? [];
  const number = configured.findIndex(({ name }) => name === customer) + 1;
  if (number > 0) return number;
  const there = configured.map(({ name }) => name).join(', ') || 'none';
  throw new RequestError('bad-request', `LMA ${lma} has no customer "${customer}"; it has: ${there}`);
}

function* counted(selected: Iterable<unknown>): Generator<unknown, number> {
  let count = 0;
  for (const meant of selected) {
    if (meant !== undefined) count++;
    yield;
  }
  return count;
}

function isEmpty(selection: object): boolean {
  return Object.keys(selection).length === 0;
}
