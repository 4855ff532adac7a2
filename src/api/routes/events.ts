import type { FastifyInstance } from 'fastify';
import type { ApiParts } from '../parts.ts';
import { type EventQuery, event, eventQuery } from '../schemas/events.ts';
import { route } from './route.ts';

export async function eventRoutes(app: FastifyInstance, { streams }: ApiParts): Promise<void> {
  const told = route({
    id: 'streamEvents',
    summary: 'What happens at the node, as Server-Sent Events; Last-Event-ID gives what was missed',
    tag: 'events',
    audience: 'read-only',
    query: eventQuery,
    answer: event,
  });
  const { response } = told.schema;
  const schema = {
    ...told.schema,
    response: {
      ...response,
      200: { description: 'Events without end', content: { 'text/event-stream': { schema: event } } },
    },
  };
  app.get<{ Querystring: EventQuery }>('/events', { ...told, schema }, async (request, reply) => {
    const { 'last-event-id': header } = request.headers;
    await streams.open(reply, request.query, typeof header === 'string' ? header : request.query.after);
    return reply;
  });
}
