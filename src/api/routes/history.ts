import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { AttachTimelineRow } from '#daemon/attach-timeline.ts';
import type { NodeHistory } from '#daemon/observe/recorder.ts';
import type { BindingDetail } from '#daemon/observe/requests.ts';
import type { NodeAccess } from '../node-access.ts';
import type { ApiParts } from '../parts.ts';
import { type AttachmentView, attachmentQuery, attachments, history, ladder } from '../schemas/history.ts';
import { closed } from '../schemas/members.ts';
import { stepView } from '../step-view.ts';
import { bindingId } from './bindings.ts';
import { route } from './route.ts';

const nodeName = closed({
  nai: Type.String({ minLength: 1, maxLength: 253, description: 'Name of the mobile node, percent-encoded' }),
});

export async function historyRoutes(app: FastifyInstance, { node }: ApiParts): Promise<void> {
  const common = { tag: 'bindings', audience: 'read-only' } as const;
  app.get<{ Params: { id: string } }>(
    '/bindings/:id/history',
    route({
      ...common,
      id: 'getBindingHistory',
      summary: 'What happened to the mobile node of a binding: events, and each message with its content',
      params: bindingId,
      answer: history,
    }),
    async ({ params }) => {
      const { nai } = await node.ask<BindingDetail>({ request: 'binding-detail', key: params.id });
      return historyOf(node, nai);
    },
  );
  app.get<{ Params: { nai: string } }>(
    '/nodes/:nai/history',
    route({
      ...common,
      id: 'getNodeHistory',
      summary: 'The same by the name of the mobile node, which may be attached no longer',
      params: nodeName,
      answer: history,
    }),
    ({ params }) => historyOf(node, params.nai),
  );
  app.get<{ Params: { nai: string } }>(
    '/nodes/:nai/ladder',
    route({
      ...common,
      id: 'getNodeLadder',
      summary: 'The messages about a mobile node',
      params: nodeName,
      answer: ladder,
    }),
    async ({ params }) => {
      const { nai, complete, steps } = await historyOf(node, params.nai);
      return { nai, complete, steps: steps.filter(({ kind }) => kind === 'message') };
    },
  );
  app.get<{ Querystring: { limit?: number } }>(
    '/attachments',
    route({
      ...common,
      id: 'listAttachments',
      summary: 'The latest attachments at the gateways of this node, with how long each step took',
      query: attachmentQuery,
      answer: attachments,
    }),
    async ({ query: { limit = 100 } }) => ({ items: (await attachmentsOf(node)).slice(0, limit) }),
  );
}

async function historyOf(node: NodeAccess, nai: string) {
  const { steps, complete, macs } = await node.ask<NodeHistory>({ request: 'node-history', nai });
  const all = await attachmentsOf(node);
  return {
    nai,
    complete,
    steps: steps.map(stepView),
    attachments: all.filter((one) => one.nai === nai || macs.includes(one.mac)),
  };
}

/** The latest first. */
async function attachmentsOf(node: NodeAccess): Promise<AttachmentView[]> {
  const rows = await node.ask<AttachTimelineRow[]>({ request: 'attach-timeline' });
  const started = Date.now() - Number(process.hrtime.bigint()) / 1e6;
  return rows.map(({ mac, nai, interface: name, trigger, eventNs, steps }) => {
    const later = Object.entries(steps).filter(([step]) => step !== 'event');
    return {
      at: new Date(started + eventNs / 1e6).toISOString(),
      mac,
      nai,
      interface: name,
      trigger,
      stepsMs: Object.fromEntries(
        later.map(([step, { sinceEventUs }]) => [step, Number((sinceEventUs / 1000).toFixed(4))]),
      ),
    };
  });
}
