import { DataPlaneError } from '#dataplane/dataplane.ts';
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, ENODEV, EPERM, SystemCallError } from '#host/posix.ts';
import { StoreError } from '#store/store.ts';
import { AssemblyError } from './assemble.ts';
import { NEEDED_CAPABILITIES } from './preflight.ts';

/** Why a node could not start, and what to do, for the operator. */
export function explainStart(error: unknown): string {
  if (error instanceof AssemblyError) return error.problems.join('\n');
  if (error instanceof DataPlaneError || error instanceof StoreError) return error.message;
  if (error instanceof SystemCallError) {
    const remedy = REMEDIES[error.errno];
    return remedy ? `${error.message}: ${remedy}` : error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const NOT_PERMITTED = `the process may not do this; run it as root, or with ${NEEDED_CAPABILITIES.join(', ')}; if it is, a container's seccomp profile or a security module forbids it`;

const REMEDIES: Record<number, string> = {
  [EPERM]: NOT_PERMITTED,
  [EACCES]: NOT_PERMITTED,
  [EADDRNOTAVAIL]:
    'the address is on no interface of this host; add it with "ip address add", or correct the configuration',
  [EADDRINUSE]: 'something else has this port; is another PMIPv6 node running in this network namespace?',
  [ENODEV]: 'there is no such interface; create it, or correct "linux-interface" in the configuration',
};
