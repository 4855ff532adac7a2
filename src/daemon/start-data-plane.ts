import type { NodeForwarding } from '#dataplane/desired.ts';
import { BpfDataPlane, DEFAULT_DEVICE } from '#host/bpf-data-plane.ts';
import type { HostDataPlane } from '#host/host-data-plane.ts';
import { ifNameToIndex } from '#host/posix.ts';
import { UserDataPlane } from '#host/user/user-data-plane.ts';
import { forgetUserState, hasUserState } from '#host/user/user-state.ts';
import { bpfProblem, type DataPlaneChoice } from './preflight.ts';

export interface StartedDataPlane {
  readonly plane: HostDataPlane;
  readonly kind: 'ebpf' | 'user';
  /** Why it is not in eBPF, where nobody asked for that. */
  readonly reason?: string;
}

/**
 * Starts the data plane that the operator chose, or the one that this kernel can have. What one of the other kind left in this network namespace goes first:
 * neither understands what the other did. Throws `DataPlaneError`.
 */
export function startDataPlane(choice: DataPlaneChoice, node: NodeForwarding): StartedDataPlane {
  const reason = choice === 'auto' ? bpfProblem() : undefined;
  const kind = choice === 'auto' ? (reason === undefined ? 'ebpf' : 'user') : choice;
  const left = leftBehind();
  if (left === undefined) forgetUserState(DEFAULT_DEVICE);
  if (left !== undefined && left !== kind && (left === 'user' || bpfProblem() === undefined)) {
    const other = make(left);
    other.start(node);
    other.close();
  }
  const plane = make(kind);
  plane.start(node);
  return { plane, kind, ...(reason !== undefined && { reason }) };
}

function make(kind: StartedDataPlane['kind']): HostDataPlane {
  return kind === 'ebpf' ? new BpfDataPlane() : new UserDataPlane();
}

/** Of an earlier process; `undefined` when there is nothing. */
function leftBehind(): StartedDataPlane['kind'] | undefined {
  if (ifNameToIndex(DEFAULT_DEVICE) === 0) return undefined;
  return hasUserState(DEFAULT_DEVICE) ? 'user' : 'ebpf';
}
