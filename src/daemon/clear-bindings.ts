import type { BindingCount } from '#cli/show/index.ts';
import type { BindingSelection } from './binding-selection.ts';
import type { LmaInstance, MagInstance, Node } from './node.ts';

/** Ends bindings; gives how many there were. A step for each binding that is looked at, so that mobile nodes are served in between. */
export function* clearBindings(node: Node, selection: BindingSelection): Generator<unknown, BindingCount> {
  const { role, node: name, nai, mac, mag } = selection;
  const given = { ...(nai !== undefined && { nai }), ...(mac && { mac }), ...(mag !== undefined && { mag }) };
  const named = <Instance extends LmaInstance | MagInstance>(instances: readonly Instance[]) =>
    instances.filter(({ config }) => name === undefined || config.name === name);
  let bindings = 0;
  if (role !== 'mag') for (const lma of named(node.lmas)) bindings += yield* clearAtLma(node, lma, given);
  // A MAG's bindings are all its own.
  if (role !== 'lma' && mag === undefined)
    for (const gateway of named(node.mags)) bindings += yield* clearAtMag(node, gateway, given);
  return { bindings };
}

type Given = Pick<BindingSelection, 'nai' | 'mac' | 'mag'>;

function* clearAtLma(node: Node, lma: LmaInstance, given: Given): Generator<unknown, number> {
  const { nai, mac, mag } = given;
  // All of a MAG are revoked by one message.
  const atOnce = mag !== undefined && nai === undefined && mac === undefined;
  let bindings = 0;
  for (const id of lma.machine.selected(given)) {
    if (id !== undefined) bindings++;
    if (id !== undefined && !atOnce) node.runtime.tellNodes([lma], { kind: 'clear-bindings', id });
    yield;
  }
  if (atOnce) node.runtime.tellNodes([lma], { kind: 'clear-bindings', mag });
  return bindings;
}

function* clearAtMag(node: Node, gateway: MagInstance, given: Given): Generator<unknown, number> {
  let bindings = 0;
  for (const mac of gateway.machine.selected(given)) {
    if (mac) bindings++;
    if (mac) node.runtime.tellNodes([gateway], { kind: 'clear-bindings', mac });
    yield;
  }
  // What LMAs have denied is forgotten too, of mobile nodes without a binding as well.
  node.runtime.tellNodes([gateway], { kind: 'clear-bindings', ...given });
  return bindings;
}
