import { Type } from 'typebox';
import { LOG_FACILITIES } from '#config/index.ts';
import { closed, count, timestamp } from './members.ts';

const facility = Type.Enum([...LOG_FACILITIES], { description: 'A part of the daemon, as in "logging level"' });
const levels = ['debug', 'info', 'warn', 'error'] as const;

export const log = closed({
  level: Type.Enum([...levels], { description: 'The least level that is logged' }),
  levels: Type.Array(closed({ facility, level: Type.Enum([...levels]) }), {
    description: 'Of the parts of the daemon that have another one',
  }),
  capacity: count('Lines that are kept'),
  logged: count('Lines since the daemon started'),
  lines: Type.Array(
    closed({
      time: timestamp('When it was logged, UTC'),
      level: Type.Enum([...levels, 'fatal']),
      facility,
      code: Type.String({ description: 'What kind of line it is', examples: ['peer-restarted'] }),
      text: Type.String({ description: 'For people' }),
      fields: Type.Record(Type.String(), Type.Unknown(), { description: 'What it is about' }),
    }),
    { description: 'The oldest first' },
  ),
});
