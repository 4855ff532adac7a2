import type { TSchema } from 'typebox';
import type { Audience } from '../access.ts';
import { problem } from '../schemas/problem.ts';

interface RouteText {
  readonly id: string;
  readonly summary: string;
  readonly tag: string;
  readonly audience: Audience;
  readonly answer: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly params?: TSchema;
  /** Beside 200. */
  readonly others?: Readonly<Record<number, TSchema>>;
}

/** What Fastify is told of a route: who may ask, and the schemas that validate and document it. */
export function route({ id, summary, tag, audience, answer, query, body, params, others }: RouteText) {
  return {
    config: { audience },
    schema: {
      operationId: id,
      summary,
      tags: [tag],
      ...(query && { querystring: query }),
      ...(body && { body }),
      ...(params && { params }),
      ...(audience === 'anybody' && { security: [] }),
      response: {
        200: answer,
        ...others,
        '4xx': { description: 'A problem document', content: { 'application/problem+json': { schema: problem } } },
        503: others?.[503] ?? {
          description: 'The node does not answer',
          content: { 'application/problem+json': { schema: problem } },
        },
      },
    },
  };
}
