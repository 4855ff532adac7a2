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
  const lines = new FilteredLines(filter);
  return lines.pass(text) + lines.end();
}

/** Filters a text that comes in pieces, each of whole lines. */
export class FilteredLines {
  readonly #filter: OutputFilter;
  #matched = 0;
  /** Of the line that opened the section at hand. */
  #indent: number | undefined;

  constructor(filter: OutputFilter) {
    this.#filter = filter;
  }

  /** What of the piece is to be shown. */
  pass(text: string): string {
    if (this.#filter.kind === 'json' || text === '') return text;
    const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
    return lines.map((line) => (this.#passes(line) ? `${line}\n` : '')).join('');
  }

  /** What is to be shown behind the last piece. */
  end(): string {
    return this.#filter.kind === 'count' ? `Number of lines which match regexp = ${this.#matched}\n` : '';
  }

  #passes(line: string): boolean {
    const { kind } = this.#filter;
    const matches = kind === 'json' || this.#filter.pattern.test(line);
    if (matches) this.#matched++;
    switch (kind) {
      case 'json':
      case 'include':
        return matches;
      case 'exclude':
        return !matches;
      case 'begin':
        return this.#matched > 0;
      case 'section':
        return this.#inSection(line, matches);
      case 'count':
        return false;
    }
  }

  /** A line that matches, and the lines below it that stand further to the right. */
  #inSection(line: string, matches: boolean): boolean {
    const indent = line.search(/\S/);
    if (this.#indent !== undefined && indent > this.#indent) return true;
    this.#indent = matches ? Math.max(0, indent) : undefined;
    return this.#indent !== undefined;
  }
}

/** `undefined` when it is no regular expression. Those of IOS have `_` for a word's beginning or end. */
function compile(pattern: string): RegExp | undefined {
  if (pattern.length > LONGEST_PATTERN) return undefined;
  try {
    return new RegExp(pattern.replaceAll('_', '(?:^|$|[ ,{}()_])'));
  } catch {
    return undefined;
  }
}
