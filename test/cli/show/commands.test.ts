import { describe, expect, test } from 'vitest';
import { matchShow } from '#cli/show/index.ts';

const show = (line: string) => matchShow(line.split(' '));

describe('show', () => {
  test.each([
    ['ipv6 mobile pmipv6 mag binding', { query: 'mag-binding' }],
    ['ipv6 mobile pmipv6 mag bindings', { query: 'mag-binding' }],
    ['ipv6 mobile pmipv6 lma binding', { query: 'lma-binding' }],
    ['ipv6 mobile pmipv6 lma lma1 globals', { query: 'lma-globals', node: 'lma1' }],
    ['ipv6 mobile pmipv6 mag globals', { query: 'mag-globals' }],
    ['ipv6 mobile pmipv6 mag mag1 globals', { query: 'mag-globals', node: 'mag1' }],
    ['ipv6 mobile pmipv6 lma stats', { query: 'lma-stats' }],
    ['ipv6 mobile pmipv6 mag M1 stats', { query: 'mag-stats', node: 'M1' }],
    ['ipv6 mobile pmipv6 lma binding nai mn@example.com', { query: 'lma-binding', nai: 'mn@example.com' }],
    ['ipv6 mob pm m bi', { query: 'mag-binding' }],
    ['IPV6 MOBILE PMIPV6 LMA B', { query: 'lma-binding' }],
    ['running-config', { query: 'running-config' }],
    ['run', { query: 'running-config' }],
    ['ver', { query: 'version' }],
    ['dataplane', { query: 'dataplane' }],
  ])('%s', (line, expected) => {
    expect(show(line)).toEqual({ ok: true, ...expected });
  });

  test('an incomplete command tells what is missing', () => {
    expect(show('ipv6 mobile pmipv6')).toEqual({
      ok: false,
      kind: 'incomplete',
      message: 'incomplete command',
      expected: ['lma', 'mag'],
    });
    expect(matchShow([])).toMatchObject({
      kind: 'incomplete',
      expected: ['ipv6', 'dataplane', 'running-config', 'version'],
    });
  });

  test('an unknown word, and one word too many', () => {
    expect(show('bogus')).toMatchObject({ kind: 'unknown', message: '"bogus" is not known here' });
    expect(show('version now')).toMatchObject({ kind: 'unknown', expected: [] });
  });

  test('a question mark lists what may follow', () => {
    expect(show('ipv6 mobile pmipv6 mag ?')).toMatchObject({
      kind: 'help',
      expected: ['binding', 'NAME', 'bindings', 'globals', 'stats', 'heartbeat'],
    });
    expect(show('version ?')).toMatchObject({ kind: 'help', expected: ['<cr>'] });
  });
});
