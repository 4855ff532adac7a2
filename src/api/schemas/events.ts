import { type Static, Type } from 'typebox';
import { closed, nameText } from './members.ts';

const level = Type.Enum(['debug', 'info', 'warn', 'error', 'fatal']);

/** The data of one event of the stream. */
export const event = closed({
  at: Type.String({ description: 'When it happened, UTC' }),
  kind: Type.String({ examples: ['binding-created', 'binding-handed-over', 'binding-de-registered'] }),
  level,
  node: Type.Union([Type.String(), Type.Null()], { description: 'The LMA or MAG; null for the node as a whole' }),
  text: Type.String({ description: 'For people' }),
  fields: Type.Record(Type.String(), Type.Unknown(), { description: 'What it is about: nai, mac, mag, …' }),
});

export type StreamedEvent = Static<typeof event>;

export const eventQuery = closed({
  nai: Type.Optional(nameText('Only about the mobile node of this name')),
  mac: Type.Optional(nameText('Only about this link-layer address')),
  kind: Type.Optional(
    Type.String({
      maxLength: 1000,
      description: 'Only of these kinds, separated by commas',
      examples: ['binding-created,binding-handed-over'],
    }),
  ),
  after: Type.Optional(
    Type.String({ maxLength: 64, description: 'As the header Last-Event-ID: only what came after this event' }),
  ),
});

export type EventQuery = Static<typeof eventQuery>;
