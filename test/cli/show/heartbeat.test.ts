import { expect, test } from 'vitest';
import { type HeartbeatView, renderHeartbeats } from '#cli/show/index.ts';

const path: HeartbeatView['paths'][number] = {
  peer: 'M1',
  source: '2001:db8:cafe:1024::101',
  destination: '2001:db8:cafe:1025::15',
  sourcePort: null,
  destinationPort: null,
  ipv6Path: true,
  status: true,
  state: 'up',
  sessions: 12,
  interval: 60,
  retries: 3,
  missing: 0,
  restartCounter: 1795000000,
  lastHeardAgo: 42,
  roundTripMs: 1.25,
};

test('show ipv6 mobile pmipv6 lma heartbeat', () => {
  const other = {
    ...path,
    ...{ peer: '203.0.113.9', source: '198.51.100.1', destination: '203.0.113.9', ipv6Path: false },
    ...{ sourcePort: 5436, destinationPort: 6000, status: false, state: 'down' as const, missing: 4 },
    ...{ restartCounter: null, lastHeardAgo: null, roundTripMs: null },
  };
  expect(
    renderHeartbeats('LMA', [{ domain: 'D1', name: 'lma1', interval: 60, retries: 3, paths: [path, other] }]),
  ).toBe(`-----
Domain : D1
LMA Identifier : lma1
  Heartbeat                    : enabled
  Heartbeat interval           : 60 (sec)
  Heartbeat retries            : 3
  Total number of paths        : 2

Peer : M1
  Status                       : UP
  Source IPv6 address          : 2001:db8:cafe:1024::101
  Destination IPv6 address     : 2001:db8:cafe:1025::15
  Bindings                     : 12
  Missing heartbeats           : 0
  Restart counter              : 1795000000
  Last answer                  : 42 (sec) ago
  Round trip time              : 1.3 (msec)

Peer : 203.0.113.9
  Status                       : DOWN
  Source IPv4 address          : 198.51.100.1
  Destination IPv4 address     : 203.0.113.9
  Source port                  : 5436
  Destination port             : 6000
  Bindings                     : 12
  Missing heartbeats           : 4
  Restart counter              : unknown
  Last answer                  : never

`);
});

test('show ipv6 mobile pmipv6 mag heartbeat where none are sent', () => {
  expect(renderHeartbeats('Mag', [{ domain: 'D1', name: 'M1', interval: null, retries: null, paths: [] }])).toBe(
    '-----\nDomain : D1\nMag Identifier : M1\n  Heartbeat                    : disabled\n\n',
  );
});
