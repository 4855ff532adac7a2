import { chownSync, readFileSync, statSync } from 'node:fs';

/** Members may do everything. */
export const OPERATOR_GROUP = 'mooring';
/** Members may look. */
export const VIEWER_GROUP = 'mooring-view';

/** Gives the socket to the group, where this machine has it and the process may. */
export function giveToGroup(path: string, group: string): void {
  const gid = groupId(group);
  if (gid === undefined) return;
  try {
    chownSync(path, statSync(path).uid, gid);
  } catch {
    // A process without the right keeps the socket to its own group.
  }
}

function groupId(group: string): number | undefined {
  try {
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((each) => each.startsWith(`${group}:`));
    const gid = Number(line?.split(':')[2]);
    return Number.isInteger(gid) ? gid : undefined;
  } catch {
    return undefined;
  }
}
