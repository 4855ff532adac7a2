import type { LogOutput } from '../peer.ts';
import { transitionLog } from '../peer.ts';
import { type Binding, currentCareOf } from './binding.ts';
import type { BindingTable } from './binding-table.ts';
import type { LmaEvent } from './events.ts';

/** The same table, with a word for each change of a binding's state: for a node that is debugged. `event` is what is being handled. */
export function observed(
  table: BindingTable,
  event: () => LmaEvent | undefined,
  tell: (output: LogOutput) => void,
): BindingTable {
  const changed = (before: Binding | undefined, after: Binding | undefined) => {
    const cause = event();
    if (cause) tell(transition(cause, before, after));
  };
  return {
    get size() {
      return table.size;
    },
    get: (id) => table.get(id),
    has: (id) => table.has(id),
    byPrefix: (customer, prefix) => table.byPrefix(customer, prefix),
    byHomeAddress: (customer, address) => table.byHomeAddress(customer, address),
    byMobileNode: (customer, name) => table.byMobileNode(customer, name),
    byCareOf: (key) => table.byCareOf(key),
    activeByCareOf: (key) => table.activeByCareOf(key),
    get customers() {
      return table.customers;
    },
    values: () => table.values(),
    put: (binding) => {
      const before = table.get(binding.id);
      table.put(binding);
      changed(before, binding);
    },
    tenure: (id) => table.tenure(id),
    extend: (id, endsAt, timestamp, sequence) => {
      const before = table.get(id);
      table.extend(id, endsAt, timestamp, sequence);
      changed(before, table.get(id));
    },
    encoded: (id, now) => table.encoded(id, now),
    delete: (id) => {
      const before = table.get(id);
      table.delete(id);
      if (before) changed(before, undefined);
    },
  };
}

function transition(event: LmaEvent, before: Binding | undefined, after: Binding | undefined): LogOutput {
  const { mobileNode, interface: at } = (after ?? before) as Binding;
  const fields = { nai: mobileNode.name, llid: at.linkLayerIdentifier };
  return transitionLog(eventName(event, before, after), stateName(before), stateName(after), fields);
}

function stateName(binding: Binding | undefined): string {
  return binding?.state.toUpperCase() ?? 'NULL';
}

function eventName(event: LmaEvent, before: Binding | undefined, after: Binding | undefined): string {
  switch (event.kind) {
    case 'message':
      return event.message.kind === 'binding-update' ? updateName(event.message.lifetime, before, after) : 'BRA';
    case 'timeout':
      return 'Timer expiry';
    case 'clear-bindings':
      return 'Clear binding';
    case 'forwarding-failed':
      return 'Forwarding failure';
    default:
      return `LMA ${event.kind}`;
  }
}

function updateName(lifetime: number, before: Binding | undefined, after: Binding | undefined): string {
  if (lifetime === 0) return 'PBU deregistration';
  if (!before) return 'New MN PBU';
  const moved = after && currentCareOf(after).address.key !== currentCareOf(before).address.key;
  return moved ? 'PBU handoff' : 'PBU refresh';
}
