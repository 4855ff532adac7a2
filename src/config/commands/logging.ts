import { choice } from '../arguments.ts';
import type { AnyCommand } from '../command.ts';
import { LOG_FACILITIES, LOG_SEVERITIES } from '../logging.ts';
import type { OperatorsConfiguration } from '../operators.ts';
import { Rows } from '../rows.ts';

const rows = new Rows<OperatorsConfiguration>();

/** As NX-OS has it, with the severities of IOS. */
export const loggingCommands: AnyCommand[] = [
  rows.entry({
    syntax: [
      'logging',
      'level',
      choice(['all', ...LOG_FACILITIES], 'Part of the daemon, or all that have no level of their own'),
      choice(LOG_SEVERITIES, 'The least severity that is logged'),
    ],
    help: 'Choose how much a part of the daemon logs',
    list: 'logLevels',
    create: (facility, severity) => ({ facility, severity }),
    values: ({ facility, severity }) => [facility, severity],
  }),
];
