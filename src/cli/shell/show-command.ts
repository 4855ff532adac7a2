import type { Syntax, Values } from '#config/index.ts';
import { isList, renderShow, type ShowQuery, showList } from '../show/index.ts';
import { type ExecCommand, exec, type Inquiry, type ListInquiry } from './exec-command.ts';

/** A row of the table: what a `show` command asks the daemon. */
export function show<const Parts extends Syntax>(row: {
  syntax: Parts;
  also?: readonly Syntax[];
  help: string;
  mode?: ExecCommand['mode'];
  ask: (...values: Values<Parts>) => Inquiry;
}): ExecCommand {
  const { ask, ...rest } = row;
  return exec({ mode: 'user', ...rest, action: ask });
}

/** Parameters that are undefined are left out. */
export function inquire(query: ShowQuery, parameters: Readonly<Record<string, unknown>> = {}): Inquiry {
  const given = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
  return {
    kind: 'inquiry',
    request: { request: 'show', query, ...given },
    render: (result) => renderShow(query, result),
    ...(isList(query) && { list: { text: () => showList(query), ...counted(query, given) } }),
  };
}

/** The lists that begin with the number of their rows. */
function counted(query: ShowQuery, given: object): Pick<ListInquiry, 'count'> {
  if (query !== 'lma-binding' && query !== 'mag-binding') return {};
  return { count: { request: 'show', query: `${query}-count`, ...given } };
}
