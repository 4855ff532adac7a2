/** An access list, as IOS prints it. */
export interface AccessListRow {
  readonly name: string;
  readonly rules: readonly { readonly sequence: number; readonly text: string; readonly matches: number }[];
}

export function renderAccessLists(lists: readonly AccessListRow[]): string {
  return lists
    .flatMap(({ name, rules }) => [
      `Extended IP access list ${name}\n`,
      ...rules.map(({ sequence, text, matches }) => `    ${sequence} ${text}${counted(matches)}\n`),
    ])
    .join('');
}

function counted(matches: number): string {
  if (matches === 0) return '';
  return ` (${matches} ${matches === 1 ? 'match' : 'matches'})`;
}
