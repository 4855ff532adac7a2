import { type Static, type TSchema, Type } from 'typebox';
import { closed } from './members.ts';

/** In octets; a configuration of a thousand profiles has a tenth of it. */
export const CONFIGURATION_MAXIMUM = 4_000_000;

export const configurationText = closed({
  text: Type.String({
    minLength: 1,
    maxLength: CONFIGURATION_MAXIMUM,
    description: 'The whole configuration, one command a line',
  }),
});

export type ConfigurationText = Static<typeof configurationText>;

/** A command with those of the mode that it opens. */
const section: TSchema = Type.Object(
  {
    command: Type.String(),
    commands: Type.Optional(
      Type.Array(Type.Object({}, { description: 'The same again', additionalProperties: true }), {
        description: 'Those of the mode that it opens',
      }),
    ),
  },
  { additionalProperties: false },
);

export const configuration = closed({
  text: Type.String({ description: 'The running configuration, as "show running-config" prints it' }),
  commands: Type.Array(section),
});

const diagnostic = closed({
  severity: Type.Union([Type.Literal('error'), Type.Literal('warning')]),
  line: Type.Integer({ minimum: 1 }),
  column: Type.Integer({ minimum: 1 }),
  message: Type.String(),
});

export const checkReport = closed({
  valid: Type.Boolean({ description: 'It has no error' }),
  diagnostics: Type.Array(diagnostic),
});

export const applied = closed({
  messages: Type.Array(Type.String(), { description: 'What it means for what runs, for people' }),
});
