import type { ApplyErrorCode } from './dataplane.ts';
import type { Forwarding, NodeForwarding } from './desired.ts';

/** Why a binding is not forwarded for. */
export interface Refusal {
  readonly code: ApplyErrorCode;
  readonly reason: string;
}

/** Where bindings can be. */
export interface Places {
  readonly customers: ReadonlySet<number>;
  /** The customers of the access interfaces. */
  readonly interfaces: ReadonlyMap<string, number>;
}

export function placesOf({ customers = [], accessInterfaces }: NodeForwarding): Places {
  return {
    customers: new Set([0, ...customers.map(({ number }) => number)]),
    interfaces: new Map(accessInterfaces.map(({ name, customer = 0 }) => [name, customer])),
  };
}

/** A binding that is of a customer or at an interface that this node does not have. */
export function misplaced(forwarding: Forwarding, { customers, interfaces }: Places): Refusal | undefined {
  const { customer } = forwarding;
  if (!customers.has(customer))
    return { code: 'unknown-customer', reason: `customer ${customer} is none of this node` };
  if (forwarding.kind === 'anchor') return undefined;
  const owner = interfaces.get(forwarding.interface);
  if (owner === undefined)
    return { code: 'unknown-interface', reason: `${forwarding.interface} is no access interface of this node` };
  if (owner === customer) return undefined;
  return {
    code: 'unknown-customer',
    reason: `${forwarding.interface} is not the access interface of customer ${customer}`,
  };
}
