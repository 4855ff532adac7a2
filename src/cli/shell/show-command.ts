import type { Syntax, Values } from '#config/index.ts';
import { renderShow, type ShowQuery } from '../show/index.ts';
import { type ExecCommand, exec, type Inquiry } from './exec-command.ts';

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
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return {
    kind: 'inquiry',
    request: { request: 'show', query, ...Object.fromEntries(given) },
    render: (result) => renderShow(query, result),
  };
}
