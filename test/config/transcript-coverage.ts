import { complete, matchLine, type Row, splitWords, type Table } from '#config/index.ts';

/** What a transcript does with a row: a plain line executes it, one that ends with `?` asks for help on it, one that ends with `→` completes it. */
type Way = 'execute' | 'help' | 'complete';
const MARKS: Readonly<Record<string, Way>> = { '?': 'help', '→': 'complete' };

/** The rows of a table that the lines of a transcript do not execute, complete or ask help on, each with what is lacking. */
export function lackingIn<Of extends Row>({ commands }: Table<Of>, lines: readonly string[]): string[] {
  const met = { execute: new Set<Of>(), help: new Set<Of>(), complete: new Set<Of>() };
  for (const line of lines) {
    const way = MARKS[line.at(-1) as string] ?? 'execute';
    const text = way === 'execute' ? line : line.slice(0, -1);
    const texts = way === 'complete' ? completed(text, { commands }) : [text];
    for (const row of texts.flatMap((one) => rowsOf(one, way === 'execute', { commands }))) met[way].add(row);
  }
  return Object.entries(met).flatMap(([way, rows]) =>
    commands.filter((command) => !rows.has(command)).map(({ help }) => `${way}: ${help}`),
  );
}

/** What a tab makes of the text: several where it only shows them, the text itself where nothing can be offered. */
function completed(text: string, table: Table): string[] {
  const words = complete(text, table);
  return words.length > 0 ? words.map((word) => text.replace(/\S*$/, word)) : [text];
}

/** The row that a line is, or those that its beginning leads to. */
function rowsOf<Of extends Row>(line: string, whole: boolean, table: Table<Of>): readonly Of[] {
  const words = splitWords(line);
  if (words.length === 0) return [];
  const match = matchLine(words, line, table);
  if (match.ok) return [match.command];
  return whole ? [] : match.meant;
}
