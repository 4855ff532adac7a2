import { type Portion, portionsFrom } from '../control-list.ts';
import type { BindingCount } from '../show/index.ts';
import type { Backend } from './backend.ts';
import type { Inquiry, ListInquiry } from './exec-command.ts';
import { FilteredLines, filterText, type OutputFilter } from './output-filter.ts';

/** What is shown of an answer. */
export interface Shown {
  readonly text: string;
  /** What follows, of a list that is too long to be had at once; throws as the backend does. */
  readonly more?: AsyncIterable<string>;
}

/** Asks the daemon; resolves to what IOS prints, or to JSON. */
export async function inquire(backend: Backend, inquiry: Inquiry, filter: OutputFilter | undefined): Promise<Shown> {
  if (inquiry.list) return inquireList(backend, inquiry, inquiry.list, filter);
  const result = await backend.ask(inquiry.request);
  if (filter?.kind === 'json') return { text: `${JSON.stringify(result, undefined, 2)}\n` };
  const text = inquiry.render(result);
  return { text: filter ? filterText(text, filter) : text };
}

async function inquireList(
  backend: Backend,
  { request }: Inquiry,
  list: ListInquiry,
  filter: OutputFilter | undefined,
): Promise<Shown> {
  const first = (await backend.ask({ ...request, request: 'list' })) as Portion;
  const whole = first.next === null;
  let total = first.rows.length;
  if (!whole && list.count) total = ((await backend.ask(list.count)) as BindingCount).bindings;
  const pieces = (portions: Iterable<Portion> | AsyncIterable<Portion>) =>
    filter?.kind === 'json' ? jsonOf(portions) : textOf(portions, list, total, filter);
  if (!whole) return { text: '', more: pieces(portionsFrom(backend, first)) };
  let text = '';
  for await (const piece of pieces([first])) text += piece;
  return { text };
}

async function* textOf(
  portions: Iterable<Portion> | AsyncIterable<Portion>,
  { text }: ListInquiry,
  total: number,
  filter: OutputFilter | undefined,
): AsyncGenerator<string> {
  const list = text();
  const filtered = filter && new FilteredLines(filter);
  const shown = (piece: string) => (filtered ? filtered.pass(piece) : piece);
  yield shown(list.head(total));
  for await (const { rows } of portions) yield shown(list.rows(rows));
  yield shown(list.foot());
  if (filtered) yield filtered.end();
}

/** As `JSON.stringify` has the whole list. */
async function* jsonOf(portions: Iterable<Portion> | AsyncIterable<Portion>): AsyncGenerator<string> {
  let before = '[';
  for await (const { rows } of portions) {
    for (const row of rows) {
      yield `${before}\n  ${JSON.stringify(row, undefined, 2).replaceAll('\n', '\n  ')}`;
      before = ',';
    }
  }
  yield before === '[' ? '[]\n' : '\n]\n';
}
