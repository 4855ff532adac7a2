import { type Static, Type } from 'typebox';
import { closed, count, nullable, timestamp } from './members.ts';

const message = closed({
  kind: Type.Literal('message'),
  at: timestamp('When it passed; the latest, where several refreshes are one step'),
  firstAt: timestamp('When the first of them passed'),
  count: Type.Integer({ minimum: 1, description: 'How many refreshes this step stands for' }),
  direction: Type.Enum(['received', 'sent']),
  protocol: Type.Enum(['pmipv6', 'dhcpv4', 'dhcpv6', 'icmpv6', 'radius', 'other']),
  name: Type.String({ examples: ['PBU', 'DHCPDISCOVER', 'Access-Request'] }),
  summary: Type.String({ description: 'The message in one line' }),
  local: Type.String({ description: 'This end: an address, or an access interface' }),
  remote: Type.String({ description: 'The other end: an address, or a link-layer address' }),
  octets: count('Length'),
  tree: Type.Array(Type.String(), { description: 'Everything in it, a field a line, indented' }),
  decoded: Type.Record(Type.String(), Type.Unknown(), {
    description: 'The same as data, as "mooring decode --json" has it',
  }),
});

const occurrence = closed({
  kind: Type.Literal('event'),
  at: timestamp('When it happened'),
  code: Type.String({ examples: ['binding-handed-over'] }),
  level: Type.String(),
  node: nullable(Type.String({ description: 'The LMA or MAG' })),
  text: Type.String({ description: 'For people' }),
  fields: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
});

export const attachment = closed({
  at: timestamp('When the mobile node showed itself'),
  mac: Type.String(),
  nai: nullable(Type.String()),
  interface: nullable(Type.String()),
  trigger: nullable(Type.String({ description: 'What showed it' })),
  stepsMs: Type.Record(Type.String(), Type.Number(), {
    description:
      'Milliseconds from then until each step: pbuSent, pbaReceived, forwardingReady, routerAdvertisementSent, dhcpOfferSent, dhcpAckSent',
  }),
});

export const history = closed({
  nai: Type.String(),
  complete: Type.Boolean({ description: 'False when older steps had to make room, or there was no time for some' }),
  steps: Type.Array(Type.Union([message, occurrence]), { description: 'The oldest first' }),
  attachments: Type.Array(attachment, { description: 'At the gateways of this node, the latest first' }),
});

export type StepView = Static<typeof message> | Static<typeof occurrence>;
export type AttachmentView = Static<typeof attachment>;

export const ladder = closed({
  nai: Type.String(),
  complete: Type.Boolean(),
  steps: Type.Array(message),
});

export const attachments = closed({ items: Type.Array(attachment) });

export const attachmentQuery = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024, default: 100 })),
});
