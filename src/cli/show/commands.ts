import { uniquePrefix } from '#config/index.ts';

/** What a `show` command asks for; a stable name, also of its JSON form. */
export type ShowQuery =
  | 'lma-binding'
  | 'lma-globals'
  | 'lma-stats'
  | 'lma-heartbeat'
  | 'mag-binding'
  | 'mag-globals'
  | 'mag-stats'
  | 'mag-heartbeat'
  | 'dataplane'
  | 'running-config'
  | 'version';

export interface ShowMatch {
  readonly ok: true;
  readonly query: ShowQuery;
  /** The LMA or MAG that was named; all of the node when absent. */
  readonly node?: string;
  /** Only bindings of this mobile node. */
  readonly nai?: string;
}

export interface ShowMismatch {
  readonly ok: false;
  /** `help`: the operator asked with `?`. */
  readonly kind: 'help' | 'unknown' | 'ambiguous' | 'incomplete';
  readonly message: string;
  /** The words that may stand there. */
  readonly expected: readonly string[];
}

interface ShowCommand {
  readonly query: ShowQuery;
  readonly words: readonly (string | Variable)[];
}

interface Variable {
  readonly label: string;
  readonly field: 'node' | 'nai';
}

const node: Variable = { label: 'NAME', field: 'node' };
const nai: Variable = { label: 'NAI', field: 'nai' };

/** The table of show commands: which words lead to what. */
const commands: readonly ShowCommand[] = [
  ...nodeCommands('lma'),
  ...nodeCommands('mag'),
  { query: 'dataplane', words: ['dataplane'] },
  { query: 'running-config', words: ['running-config'] },
  { query: 'version', words: ['version'] },
];

/** Finds the command for the words after `show`. Words may be shortened as in IOS; `?` as the last one lists what may stand there. */
export function matchShow(words: readonly string[]): ShowMatch | ShowMismatch {
  return step(
    commands.map((command) => ({ command, rest: command.words })),
    words,
    {},
  );
}

function nodeCommands(kind: 'lma' | 'mag'): ShowCommand[] {
  const start = ['ipv6', 'mobile', 'pmipv6', kind] as const;
  const command = (query: ShowQuery, ...rest: (string | Variable)[]): ShowCommand[] => [
    { query, words: [...start, ...rest] },
    { query, words: [...start, node, ...rest] },
  ];
  return [
    ...command(`${kind}-binding`, 'binding'),
    ...command(`${kind}-binding`, 'bindings'),
    ...command(`${kind}-binding`, 'binding', 'nai', nai),
    ...command(`${kind}-globals`, 'globals'),
    ...command(`${kind}-stats`, 'stats'),
    ...command(`${kind}-heartbeat`, 'heartbeat'),
  ];
}

/** A command of the table, and its words that are still to be matched. */
interface Candidate {
  readonly command: ShowCommand;
  readonly rest: ShowCommand['words'];
}

type Fields = { readonly [Field in Variable['field']]?: string };

function step(candidates: readonly Candidate[], words: readonly string[], fields: Fields): ShowMatch | ShowMismatch {
  const [word, ...later] = words;
  const expected = expectedOf(candidates);
  const complete = candidates.find(({ rest }) => rest.length === 0);
  if (word === undefined) {
    if (complete) return { ok: true, query: complete.command.query, ...fields };
    return { ok: false, kind: 'incomplete', message: 'incomplete command', expected };
  }
  if (word === '?')
    return { ok: false, kind: 'help', message: '', expected: complete ? [...expected, '<cr>'] : expected };

  const keywords = new Set(candidates.flatMap(({ rest: [next] }) => (typeof next === 'string' ? [next] : [])));
  const found = uniquePrefix(keywords, word);
  const chosen = found.length > 1 ? singular(found) : found[0];
  if (chosen !== undefined)
    return step(
      advance(candidates, (next) => next === chosen),
      later,
      fields,
    );
  if (found.length > 1) return { ok: false, kind: 'ambiguous', message: `"${word}" is ambiguous`, expected: found };

  const variable = candidates.map(({ rest: [next] }) => next).find((next) => typeof next === 'object');
  if (variable)
    return step(
      advance(candidates, (next) => next === variable),
      later,
      { ...fields, [variable.field]: word },
    );
  return { ok: false, kind: 'unknown', message: `"${word}" is not known here`, expected };
}

/** `binding` and `bindings` are the same word to a shortened one. */
function singular(found: readonly string[]): string | undefined {
  const [first, second] = found;
  return found.length === 2 && second === `${first}s` ? first : undefined;
}

function advance(candidates: readonly Candidate[], takes: (next: string | Variable) => boolean): Candidate[] {
  return candidates.flatMap(({ command, rest: [next, ...rest] }) =>
    next !== undefined && takes(next) ? [{ command, rest }] : [],
  );
}

function expectedOf(candidates: readonly Candidate[]): string[] {
  const words = candidates.flatMap(({ rest: [next] }) => (next === undefined ? [] : [next]));
  return [...new Set(words.map((word) => (typeof word === 'string' ? word : word.label)))];
}
