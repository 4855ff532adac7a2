import { expect, test } from 'vitest';
import { renderLogging } from '#cli/show/index.ts';

test('show logging prints the buffer with the severities of IOS', () => {
  const view = {
    level: 'info',
    levels: [
      { facility: 'lma', level: 'debug' },
      { facility: 'http', level: 'error' },
    ],
    capacity: 1000,
    logged: 7,
    lines: [
      {
        time: '2026-11-26T11:53:01.123Z',
        level: 'warn',
        facility: 'lma',
        code: 'peer-restarted',
        text: 'M1 restarted',
        fields: { n: 3 },
      },
      {
        time: '2026-12-05T01:02:03.004Z',
        level: 'info',
        facility: 'daemon',
        code: 'started',
        text: 'a\u001b[2Jb',
        fields: { peer: 'x' },
      },
    ],
  } as const;
  expect(renderLogging(view)).toBe(`Syslog logging: enabled (7 messages logged)
    Console logging: level informational
    Buffer logging: level informational, 2 messages held
    Facility lma: level debugging
    Facility http: level errors

Log Buffer (1000 lines):

*Nov 26 11:53:01.123: %MOORING-4-PEER_RESTARTED: M1 restarted  n=3
*Dec  5 01:02:03.004: %MOORING-6-STARTED: a\ufffd[2Jb  peer=x
`);
});
