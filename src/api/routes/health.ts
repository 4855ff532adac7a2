import type { FastifyInstance } from 'fastify';
import type { ReadinessView } from '#daemon/observe/requests.ts';
import type { ApiParts } from '../parts.ts';
import { health, readiness } from '../schemas/views.ts';
import { route } from './route.ts';

export async function healthRoutes(app: FastifyInstance, { node }: ApiParts): Promise<void> {
  app.get(
    '/health',
    route({ id: 'getHealth', summary: 'Whether the daemon lives', tag: 'node', audience: 'anybody', answer: health }),
    async () => ({ status: 'ok', version: node.version, startedAt: node.startedAt, pid: process.pid }),
  );
  app.get(
    '/ready',
    route({
      id: 'getReadiness',
      summary: 'Whether the node serves mobile nodes; 503 when it does not',
      tag: 'node',
      audience: 'anybody',
      answer: readiness,
      others: { 503: readiness },
    }),
    async (_request, reply) => {
      const view = await node.ask<ReadinessView>({ request: 'readiness' });
      return reply.code(view.ready ? 200 : 503).send({ ...view, hostname: view.hostname ?? node.hostname });
    },
  );
  app.get('/openapi.json', { config: { audience: 'anybody' }, schema: { hide: true } }, async () => app.swagger());
}
