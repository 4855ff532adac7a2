import { expect, it } from 'vitest';
import { stepView } from '#api/step-view.ts';
import { instant, utcTime } from '#base/time.ts';
import { RadiusHistory } from '#daemon/observe/radius-history.ts';
import { encodeText } from '#wire/octets.ts';

const NOW = { instant: instant(0), utc: utcTime(1_700_000_000_000) };
const ACCESS_REQUEST = 1;
const ACCESS_ACCEPT = 2;
const USER_NAME = 1;
const USER_PASSWORD = 2;
const CALLING_STATION = 31;

/** RFC 2865 §3: code, identifier, length, authenticator, attributes. */
function packet(code: number, identifier: number, ...attributes: readonly (readonly [type: number, value: string])[]) {
  const octets = attributes.flatMap(([type, value]) => [type, value.length + 2, ...encodeText(value)]);
  return Uint8Array.from([code, identifier, 0, 20 + octets.length, ...new Array(16).fill(7), ...octets]);
}

it('an exchange is known by the station that the request names, its answer too, and without passwords', () => {
  const history = new RadiusHistory();
  history.passed('sent', '192.0.2.1', 1812, packet(ACCESS_REQUEST, 4, [CALLING_STATION, '00-24-D7-8E-21-A4']), NOW);
  expect(history.steps(['0024.d78e.21a4'])).toEqual([]);
  history.switch(true);
  const request = packet(
    ACCESS_REQUEST,
    5,
    [USER_NAME, 'mn1'],
    [USER_PASSWORD, 'sixteen octets!!'],
    [CALLING_STATION, '00-24-D7-8E-21-A4'],
  );
  history.passed('sent', '192.0.2.1', 1812, request, NOW);
  history.passed('received', '192.0.2.1', 1812, packet(ACCESS_ACCEPT, 5), NOW);
  history.passed('received', '192.0.2.1', 1812, packet(ACCESS_ACCEPT, 5), NOW);
  history.passed('received', '192.0.2.2', 1812, packet(ACCESS_ACCEPT, 5), NOW);
  history.passed('received', '192.0.2.1', 1812, Uint8Array.of(1, 2, 3), NOW);
  const steps = history.steps(['0024.d78e.21a4']).map(stepView);
  expect(steps).toMatchObject([
    { protocol: 'radius', name: 'Access-Request', direction: 'sent', remote: '192.0.2.1:1812' },
    { protocol: 'radius', name: 'Access-Accept', direction: 'received' },
  ]);
  expect(JSON.stringify(steps)).not.toMatch(/sixteen|7369787465656e/);
  history.switch(false);
  expect(history.steps(['0024.d78e.21a4'])).toEqual([]);
});

it.each([
  [40, 'Disconnect-Request'],
  [41, 'Disconnect-ACK'],
  [42, 'Disconnect-NAK'],
  [43, 'CoA-Request'],
  [44, 'CoA-ACK'],
  [45, 'CoA-NAK'],
])('a message of code %d is a %s', (code, name) => {
  const history = new RadiusHistory();
  history.switch(true);
  history.passed('received', '192.0.2.1', 3799, packet(code, 9, [USER_NAME, 'mn1@example.net']), NOW);
  expect(history.steps(['mn1@example.net']).map(stepView)).toMatchObject([{ name }]);
});

it('one that names no station is known by its name', () => {
  const history = new RadiusHistory();
  history.switch(true);
  history.passed('sent', '192.0.2.1', 1813, packet(4, 9, [USER_NAME, 'mn1@example.net']), NOW);
  expect(history.steps(['mn1@example.net'])).toHaveLength(1);
});
