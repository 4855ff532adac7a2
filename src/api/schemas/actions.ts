import { type Static, Type } from 'typebox';
import { closed, count, macText, nameText, role } from './members.ts';

export const attachBody = closed({
  interface: nameText('Access interface: its name in the configuration, or in Linux'),
  mac: macText('Link-layer address of the mobile node'),
});
export type AttachBody = Static<typeof attachBody>;

export const attached = closed({
  interface: Type.String(),
  mac: Type.String(),
  phase: Type.String({ description: 'pending: a registration is under way; confirming: the anchor is asked again' }),
});

export const detachBody = Type.Object(
  {
    interface: Type.Optional(nameText('Only there')),
    mac: Type.Optional(macText('Link-layer address of the mobile node')),
    nai: Type.Optional(nameText('Name of the mobile node')),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type DetachBody = Static<typeof detachBody>;

export const detached = closed({
  detached: Type.Array(closed({ interface: Type.String(), mac: Type.String(), nai: Type.String() })),
});

/** Everything is ended only by who says so. */
export const clearBody = Type.Object(
  {
    role: Type.Optional(role),
    node: Type.Optional(nameText('Only of this LMA or MAG')),
    nai: Type.Optional(nameText('Only of the mobile node of this name')),
    mac: Type.Optional(macText('Only of this link-layer address')),
    mag: Type.Optional(nameText('Only at this gateway: its name or address')),
    all: Type.Optional(Type.Literal(true, { description: 'Every binding' })),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type ClearBody = Static<typeof clearBody>;

export const cleared = closed({ bindings: count('Bindings that were ended') });
