import type { FastifyInstance } from 'fastify';
import type { ApiParts } from '../parts.ts';
import {
  type AttachBody,
  attachBody,
  attached,
  type ClearBody,
  clearBody,
  cleared,
  type DetachBody,
  detachBody,
  detached,
} from '../schemas/actions.ts';
import { route } from './route.ts';

export async function actionRoutes(app: FastifyInstance, { node }: ApiParts): Promise<void> {
  const common = { tag: 'mobile nodes', audience: 'read-write' } as const;
  app.post<{ Body: AttachBody }>(
    '/attach',
    route({
      ...common,
      id: 'attach',
      summary: 'Says that a mobile node has come to an access interface',
      body: attachBody,
      answer: attached,
    }),
    ({ body }) => node.ask({ request: 'attach', ...body }),
  );
  app.post<{ Body: DetachBody }>(
    '/detach',
    route({
      ...common,
      id: 'detach',
      summary: 'Says that a mobile node is to be served no longer',
      body: detachBody,
      answer: detached,
    }),
    ({ body }) => node.ask({ request: 'detach', ...body }),
  );
  app.post<{ Body: ClearBody }>(
    '/clear',
    route({
      ...common,
      id: 'clear',
      summary: 'Ends the bindings for which everything given holds',
      body: clearBody,
      answer: cleared,
    }),
    ({ body: { all: _, ...selection } }) => node.ask({ request: 'clear-bindings', ...selection }),
  );
}
