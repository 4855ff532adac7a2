import { describe, expect, it } from 'vitest';
import { effectiveText } from '#daemon/aaa/domain-overlay.ts';
import { ciscoPair } from '#proto/aaa/attributes.ts';
import { readDomain } from '#proto/aaa/domain.ts';
import { read } from '../../config/read.ts';

const SAID = [
  ['cisco-mpc-protocol-interface', 'pmipv6'],
  ['pmip6-domain-identifier', 'D1'],
  ['lma-identifier', 'lma1'],
  ['home-lma-ipv6-address', '2001:db8:cafe:1024::101'],
  ['home-lma-ipv4-address', '10.8.24.101'],
  ['mag-identifier', 'M1'],
  ['mag-v4-address', '10.8.25.15'],
  ['mag-v6-address', '2001:db8:cafe:1025::15'],
  ['pmip6-timestamp-window', '200'],
  ['pmip6-replay-protection', 'timestamp'],
  ['pmip6-spi-key', 'key1'],
  ['pmip6-spi-value', '67'],
] as const;

/** What is in force of the domain where these lines of it are typed, without what does not concern it. */
function inForce(...typed: string[]): string[] {
  const said = readDomain(
    SAID.map(([name, value]) => ciscoPair(name, value)),
    'D1',
  );
  if (!said.ok) throw new Error(said.error);
  const lines = ['ipv6 mobile pmipv6-domain D1 load-aaa', 'ipv6 mobile pmipv6-domain D1', ...typed];
  const text = effectiveText(read(lines.join('\n')), new Map([['D1', said.value]]));
  return text
    .slice(text.indexOf('ipv6 mobile pmipv6-domain D1'))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '!' && line !== 'end' && line !== '');
}

const LOADED = [
  'ipv6 mobile pmipv6-domain D1',
  'replay-protection timestamp window 200',
  expect.stringMatching(/^auth-option spi 67 key /),
  'lma lma1',
  'ipv4-address 10.8.24.101',
  'ipv6-address 2001:db8:cafe:1024::101',
  'mag M1',
  'ipv4-address 10.8.25.15',
  'ipv6-address 2001:db8:cafe:1025::15',
];

describe('a domain of the AAA server', () => {
  it('is in force as the server says it, where nothing is typed', () => {
    expect(inForce().toSorted()).toEqual(LOADED.toSorted());
  });

  it.each<[string, string[], string[], string[]]>([
    ['home-lma-ipv6-address', ['lma lma1', 'ipv6-address 2001:db8::1'], ['2001:db8::1', '10.8.24.101'], ['1024::101']],
    ['home-lma-ipv4-address', ['lma lma1', 'ipv4-address 192.0.2.1'], ['192.0.2.1', '1024::101'], ['10.8.24.101']],
    ['lma-identifier', ['lma lma2', 'ipv6-address 2001:db8::2'], ['lma lma2', 'lma lma1'], []],
    ['mag-v6-address', ['mag M1', 'ipv6-address 2001:db8::3'], ['2001:db8::3', '10.8.25.15'], ['1025::15']],
    ['mag-v4-address', ['mag M1', 'ipv4-address 192.0.2.3'], ['192.0.2.3', '1025::15'], ['10.8.25.15']],
    ['mag-identifier', ['mag M2', 'ipv6-address 2001:db8::4'], ['mag M2', 'mag M1'], []],
    ['pmip6-timestamp-window', ['replay-protection timestamp window 99'], ['timestamp window 99'], ['window 200']],
    ['pmip6-replay-protection', ['no replay-protection timestamp'], ['no replay-protection timestamp'], ['window 200']],
    ['pmip6-spi-value and -key', ['auth-option spi 77 key ascii other'], ['auth-option spi 77 key'], ['spi 67']],
  ])('has what is typed hold against %s, and the rest of the server', (_, typed, present, absent) => {
    const text = inForce(...typed).join('\n');
    for (const part of present) expect(text).toContain(part);
    for (const part of absent) expect(text).not.toContain(part);
  });
});
