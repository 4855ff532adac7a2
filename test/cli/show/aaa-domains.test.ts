import { expect, test } from 'vitest';
import { renderAaaDomains } from '#cli/show/aaa-domains.ts';

test('show aaa domains says how each domain stands, why, and when it is asked for again', () => {
  const problem = 'no AAA server answered in time';
  const shown = renderAaaDomains([
    { domain: 'D1', state: 'loaded', loadedSecondsAgo: 12, attempts: 0, nextSeconds: 288 },
    { domain: 'D2', state: 'waiting', problem, attempts: 3, nextSeconds: 8 },
    { domain: 'D3', state: 'waiting', attempts: 1 },
    { domain: 'D4', state: 'kept', loadedSecondsAgo: 400, problem, attempts: 1, nextSeconds: 2 },
    { domain: 'D5', state: 'kept', problem, attempts: 2 },
  ]);
  expect(shown.split('\n')).toEqual([
    'Domain D1: loaded 12 s ago',
    `Domain D2: not loaded: ${problem}; asked 3 times, again in 8 s`,
    'Domain D3: not loaded; the AAA server is being asked',
    `Domain D4: as loaded 400 s ago: ${problem}; asked once, again in 2 s`,
    `Domain D5: as of a former run: ${problem}; asked 2 times, and now again`,
    '',
  ]);
});

test('show aaa domains says that there is none', () => {
  expect(renderAaaDomains([])).toBe('No domain is loaded from AAA\n');
});
