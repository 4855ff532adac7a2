import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ApiParts } from '../parts.ts';
import { route } from './route.ts';

export async function metricRoutes(app: FastifyInstance, { metrics }: ApiParts): Promise<void> {
  const told = route({
    id: 'getMetrics',
    summary: 'Everything that is counted, in the text format of Prometheus',
    tag: 'node',
    audience: 'read-only',
    answer: Type.String(),
  });
  const text = { description: 'The text format of Prometheus', content: { 'text/plain': { schema: Type.String() } } };
  const schema = { ...told.schema, response: { ...told.schema.response, 200: text } };
  app.get('/metrics', { ...told, schema }, async (_request, reply) => {
    const { text: body, contentType } = await metrics.scrape();
    return reply.type(contentType).serializer(String).send(body);
  });
}
