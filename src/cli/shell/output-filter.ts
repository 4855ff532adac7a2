/** What follows `|` behind a command. */
export type OutputFilter =
  | { readonly kind: 'include' | 'exclude' | 'begin' | 'section'; readonly pattern: RegExp }
  | { readonly kind: 'count'; readonly pattern: RegExp }
  | { readonly kind: 'json' };

export const FILTER_HELP: readonly (readonly [word: string, help: string])[] = [
  ['begin', 'Begin with the line that matches'],
  ['count', 'Count lines that match'],
  ['exclude', 'Leave out lines that match'],
  ['include', 'Show only lines that match'],
  ['json', 'The data as JSON'],
  ['section', 'Show the sections whose first line matches, whole'],
];

const LONGEST_PATTERN = 200;

/** Splits `command | filter pattern`. The error is for the operator, after `% `. */
export function splitFilter(
  line: string,
): { readonly command: string; readonly filter?: OutputFilter } | { readonly error: string } {
  const bar = line.indexOf(' |');
  if (bar < 0) return { command: line };
  const command = line.slice(0, bar);
  const [, word = '', pattern = ''] = /^\s*(\S*)\s*(.*?)\s*$/.exec(line.slice(bar + 2)) ?? [];
  const found = FILTER_HELP.map(([name]) => name).filter((name) => word !== '' && name.startsWith(word.toLowerCase()));
  if (word === '') return { error: 'Incomplete command.' };
  if (found.length !== 1) return { error: `unknown output filter "${word}"` };
  const kind = found[0] as OutputFilter['kind'];
  if (kind === 'json')
    return pattern === '' ? { command, filter: { kind } } : { error: `"${pattern}" is one word too many` };
  if (pattern === '') return { error: 'Incomplete command.' };
  const compiled = compile(pattern);
  return compiled
    ? { command, filter: { kind, pattern: compiled } }
    : { error: `"${pattern}" is no regular expression` };
}

/** The lines of `text` that the filter lets pass; `json` is not a matter of lines and lets all pass. */
export function filterText(text: string, filter: OutputFilter): string {
  if (filter.kind === 'json') return text;
  const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
  const matches = (line: string) => filter.pattern.test(line);
  switch (filter.kind) {
    case 'include':
      return joined(lines.filter(matches));
    case 'exclude':
      return joined(lines.filter((line) => !matches(line)));
    case 'begin': {
      const first = lines.findIndex(matches);
      return joined(first < 0 ? [] : lines.slice(first));
    }
    case 'section':
      return joined(sections(lines, matches));
    case 'count':
      return `Number of lines which match regexp = ${lines.filter(matches).length}\n`;
  }
}

/** A line that matches, and the lines below it that stand further to the right. */
function sections(lines: readonly string[], matches: (line: string) => boolean): string[] {
  let within: number | undefined;
  return lines.filter((line) => {
    const indent = line.search(/\S/);
    if (within !== undefined && indent > within) return true;
    within = matches(line) ? Math.max(0, indent) : undefined;
    return within !== undefined;
  });
}

/** Plain text where the pattern is no expression of ours: IOS patterns hold `_` for a word's end. */
function compile(pattern: string): RegExp | undefined {
  if (pattern.length > LONGEST_PATTERN) return undefined;
  try {
    return new RegExp(pattern.replaceAll('_', '(?:^|$|[ ,{}()_])'));
  } catch {
    return undefined;
  }
}

function joined(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
