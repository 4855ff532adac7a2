import { DataPlaneError } from '#dataplane/dataplane.ts';
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, ENODEV, EPERM, SystemCallError } from '#host/posix.ts';
import { AssemblyError } from './assemble.ts';

/** Why a node could not start, and what to do, for the operator. */
export function explainStart(error: unknown): string {
  if (error instanceof AssemblyError) return error.problems.join('\n');
  if (error instanceof DataPlaneError) return error.message;
  if (error instanceof SystemCallError) {
    const remedy = REMEDIES[error.errno];
    return remedy ? `${error.message}: ${remedy}` : error.message;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const REMEDIES: Record<number, string> = {
  [EPERM]: 'the process may not do this; run it as root, or with CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF',
  [EACCES]: 'the process may not do this; run it as root, or with CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF',
  [EADDRNOTAVAIL]:
    'the address is on no interface of this host; add it with "ip address add", or correct the configuration',
  [EADDRINUSE]: 'something else has this port; is another PMIPv6 node running in this network namespace?',
  [ENODEV]: 'there is no such interface; create it, or correct "linux-interface" in the configuration',
};
