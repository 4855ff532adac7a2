import { type Static, Type } from 'typebox';
import { closed } from './members.ts';

/** RFC 9457, as `application/problem+json`. */
export const problem = closed(
  {
    type: Type.String({ description: 'Stable: urn:mooring:problem: and a word of kebab-case' }),
    title: Type.String({ description: 'What kind of problem it is' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What went wrong this time, and what to do' }),
    instance: Type.String({ description: 'The path that was asked for' }),
    errors: Type.Optional(
      Type.Array(
        closed({
          line: Type.Optional(Type.Integer({ minimum: 1 })),
          column: Type.Optional(Type.Integer({ minimum: 1 })),
          message: Type.String(),
        }),
        { description: 'Each mistake, where there may be several' },
      ),
    ),
  },
  { description: 'A problem document of RFC 9457' },
);

export type Problem = Static<typeof problem>;
