import { ControlSession } from './control-session.ts';
import type { Backend } from './shell/backend.ts';

/** Some rows of a list, as the daemon has them. */
export interface Portion<Row = never> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** The first portion and all that follow it, asked on the connection that the first one came by. Throws as `ask` does. */
export async function* portionsFrom<Row>(
  backend: Pick<Backend, 'ask'>,
  first: Portion<Row>,
): AsyncGenerator<Portion<Row>> {
  yield first;
  for (let { next } = first; next !== null; ) {
    const portion = (await backend.ask({ request: 'list', next })) as Portion<Row>;
    yield portion;
    next = portion.next;
  }
}

/** All rows of a list, however long it is. Rejects with `ControlError`. */
export async function controlList<Row>(
  path: string,
  parameters: { readonly query: string; readonly [parameter: string]: unknown },
): Promise<Row[]> {
  const session = await ControlSession.open(path);
  try {
    const rows: Row[] = [];
    const first = (await session.ask({ ...parameters, request: 'list' })) as Portion<Row>;
    for await (const portion of portionsFrom(session, first)) rows.push(...portion.rows);
    return rows;
  } finally {
    session.close();
  }
}
