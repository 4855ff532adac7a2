import { existsSync, readFileSync } from 'node:fs';

/** The members of what a `show` command answers as JSON, each by its path: `[].tunnels[].peer`. What a member holds is not told, nor how many there are. */
export function jsonMembers(text: string): string[] {
  return [...new Set(pathsOf(JSON.parse(text), ''))].sort();
}

/** What the list of members in a file should be: as it is when nothing of it is gone, whatever came new; without a file, what is there. */
export function expectedMembers(file: URL, members: readonly string[]): string {
  const listed = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const seen = new Set(members);
  const isHeld =
    listed !== '' &&
    listed
      .trimEnd()
      .split('\n')
      .every((one) => seen.has(one));
  return isHeld ? listed : `${members.join('\n')}\n`;
}

/** Members whose own members are named for what happened. */
const OPEN = /\.fields$/;

function pathsOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => pathsOf(each, `${path}[]`));
  if (value === null || typeof value !== 'object' || OPEN.test(path)) return path === '' ? [] : [path];
  const members = Object.entries(value);
  return members.length === 0 ? [path] : members.flatMap(([name, member]) => pathsOf(member, `${path}.${name}`));
}
