import type { DataPlane } from '#dataplane/dataplane.ts';
import type { ForwardingChange } from '#dataplane/desired.ts';
import { SimulationFault } from './scheduler.ts';

/** A machine never asks for forwarding that cannot be: two bindings with one address, or more than fit. */
export function applyOrFault(dataPlane: DataPlane, change: ForwardingChange): void {
  const [failed] = dataPlane.apply([change]).failed;
  if (failed) throw new SimulationFault('forwarding can be applied', `${failed.kind} ${failed.id}: ${failed.reason}`);
}
