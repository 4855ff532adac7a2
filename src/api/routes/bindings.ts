import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { KeyedRow } from '#daemon/observe/binding-index.ts';
import type { BindingDetail } from '#daemon/observe/requests.ts';
import { bindingFilter } from '../binding-filter.ts';
import type { ApiParts } from '../parts.ts';
import { ProblemError } from '../problem.ts';
import { type BindingQuery, bindingDetail, bindingPage, bindingQuery } from '../schemas/bindings.ts';
import { closed } from '../schemas/members.ts';
import { route } from './route.ts';

export const bindingId = closed({
  id: Type.String({ minLength: 1, maxLength: 400, description: 'id of a binding, percent-encoded' }),
});

export async function bindingRoutes(app: FastifyInstance, { node, index }: ApiParts): Promise<void> {
  app.get<{ Querystring: BindingQuery }>(
    '/bindings',
    route({
      id: 'listBindings',
      summary: 'Bindings, page by page',
      tag: 'bindings',
      audience: 'read-only',
      query: bindingQuery,
      answer: bindingPage,
    }),
    async ({ query }) => {
      const { sort = 'nai', order = 'asc', limit = 100, offset = 0, cursor } = query;
      const after = cursor === undefined ? undefined : readCursor(cursor, `${sort} ${order}`);
      const page = await index.page(
        bindingFilter(query),
        { sort, descending: order === 'desc' },
        { after, offset, limit },
      );
      const rows = await node.ask<KeyedRow[]>({ request: 'binding-rows', keys: page.keys });
      const nextCursor = page.last === undefined ? null : writeCursor(`${sort} ${order}`, page.last);
      return { items: rows, total: page.total, nextCursor };
    },
  );
  app.get<{ Params: { id: string } }>(
    '/bindings/:id',
    route({
      id: 'getBinding',
      summary: 'One binding, with what was carried for it',
      tag: 'bindings',
      audience: 'read-only',
      params: bindingId,
      answer: bindingDetail,
    }),
    ({ params }) => node.ask<BindingDetail>({ request: 'binding-detail', key: params.id }),
  );
}

function writeCursor(order: string, [value, key]: readonly [string, string]): string {
  return Buffer.from(JSON.stringify([order, value, key])).toString('base64url');
}

/** Throws `ProblemError`. */
function readCursor(cursor: string, order: string): readonly [string, string] {
  try {
    const [of, value, key]: unknown[] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (of === order && typeof value === 'string' && typeof key === 'string') return [value, key];
  } catch {
    // Answered below.
  }
  throw new ProblemError(
    'bad-request',
    'cursor must be the nextCursor of a page that was asked for with the same sort and order',
  );
}
