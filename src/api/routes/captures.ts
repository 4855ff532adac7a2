import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { captureFile, readCapture } from '#daemon/capture/capture-file.ts';
import type { CaptureView } from '#daemon/capture/captures.ts';
import type { ApiParts } from '../parts.ts';
import { type CaptureBody, capture, captureBody, captureName, captures } from '../schemas/captures.ts';
import { route } from './route.ts';

interface Named {
  readonly Params: { readonly name: string };
}

export async function captureRoutes(app: FastifyInstance, { node }: ApiParts): Promise<void> {
  const common = { tag: 'captures', audience: 'read-write' } as const;
  const control = (name: string, action: string, parameters: object = {}) =>
    node.ask<CaptureView[]>({ request: 'capture', name, action, ...parameters });
  app.get(
    '/captures',
    route({ ...common, audience: 'read-only', id: 'listCaptures', summary: 'The captures', answer: captures }),
    async () => ({ items: await node.ask<CaptureView[]>({ request: 'captures' }) }),
  );
  app.put<Named & { Body: CaptureBody }>(
    '/captures/:name',
    route({
      ...common,
      id: 'startCapture',
      summary:
        'Captures signalling from now on, and the data of a mobile node; of a capture that is there, what it had is gone',
      params: captureName,
      body: captureBody,
      answer: capture,
    }),
    async ({ params: { name }, body }) => {
      const { megabytes = 10, circular = true, mobileNode = {}, packetsPerSecond, packetLength } = body;
      const before = named(await node.ask<CaptureView[]>({ request: 'captures' }), name);
      if (before?.active) await control(name, 'stop');
      await control(name, 'take', mobileNode);
      await control(name, 'limit', { rate: packetsPerSecond, length: packetLength });
      await control(name, 'configure', { megabytes, circular });
      return named(await control(name, 'start'), name);
    },
  );
  app.post<Named>(
    '/captures/:name/stop',
    route({ ...common, id: 'stopCapture', summary: 'Captures no more', params: captureName, answer: capture }),
    async ({ params: { name } }) => named(await control(name, 'stop'), name),
  );
  app.delete<Named>(
    '/captures/:name',
    route({
      ...common,
      id: 'removeCapture',
      summary: 'Ends a capture and forgets what it had; answers those that are left',
      params: captureName,
      answer: captures,
    }),
    async ({ params: { name } }) => ({ items: await control(name, 'remove') }),
  );
  const told = route({
    ...common,
    id: 'getCaptureFile',
    summary: 'What was captured, as a file for Wireshark; each message and packet has a comment that names its binding',
    params: captureName,
    answer: Type.String(),
  });
  const file = {
    description: 'A pcapng file',
    content: { 'application/x-pcapng': { schema: Type.String({ format: 'binary' }) } },
  };
  const schema = { ...told.schema, response: { ...told.schema.response, 200: file } };
  app.get<Named>('/captures/:name/file', { ...told, schema }, async ({ params: { name } }, reply) => {
    // What is wrong with the request is found out before the answer begins.
    const portions = readCapture((request) => node.ask(request), name);
    const first = await portions.next();
    const pieces = captureFile(first.done ? [] : startingWith(first.value, portions));
    return reply.type('application/x-pcapng').send(Readable.from(pieces));
  });
}

async function* startingWith<One>(first: One, others: AsyncIterable<One>): AsyncGenerator<One> {
  yield first;
  yield* others;
}

function named(views: readonly CaptureView[], name: string): CaptureView | undefined {
  return views.find((view) => view.name === name);
}
