import { expect, test } from 'vitest';
import { renderLmaBindings, renderMagBindings } from '#cli/show/index.ts';
import { lmaBinding, magBinding } from './fixtures.ts';

test('show ipv6 mobile pmipv6 mag binding prints the deployment guide’s sample', () => {
  expect(renderMagBindings([magBinding])).toBe(`
Total number of bindings: 1
-----
[Binding][MN]: Domain: D1, Nai: 0024.d78e.21a4
  [Binding][MN]: State: ACTIVE
  [Binding][MN]: Interface: GigabitEthernet0/1/0.3074
  [Binding][MN]: Hoa: 192.0.2.1, att: 4, llid: 0024.d78e.21a4
  [Binding][MN]: HNP: 0
  [Binding][MN][LMA]: Id: lma1
  [Binding][MN][LMA]: lifetime: 3600
  [Binding][MN][GREKEY]: Upstream: 8, Downstream: 8
`);
});

test('each prefix has a line of its own, each binding a separator', () => {
  const hnps = ['2001:db8:f00d:1::/64', '2001:db8:f00d:2::/64'];
  const lines = renderMagBindings([
    { ...magBinding, hnps },
    { ...magBinding, nai: 'b', hoa: null },
  ]).split('\n');
  expect(lines.filter((line) => line.includes('HNP'))).toEqual([
    '  [Binding][MN]: HNP: 2001:db8:f00d:1::/64',
    '  [Binding][MN]: HNP: 2001:db8:f00d:2::/64',
    '  [Binding][MN]: HNP: 0',
  ]);
  expect(lines.filter((line) => line === '-----')).toHaveLength(2);
  expect(lines[1]).toBe('Total number of bindings: 2');
  expect(lines).toContain('  [Binding][MN]: Hoa: 0.0.0.0, att: 4, llid: 0024.d78e.21a4');
});

test('without bindings there is only their number', () => {
  expect(renderMagBindings([])).toBe('\nTotal number of bindings: 0\n');
});

test('show ipv6 mobile pmipv6 lma binding', () => {
  expect(renderLmaBindings([lmaBinding])).toBe(`
Total number of bindings: 1
-----
[Binding][MN]: Domain: D1, Nai: 0024.d78e.21a4
  [Binding][MN]: State: ACTIVE
  [Binding][MN]: Hoa: 192.0.2.1, att: 4, llid: 0024.d78e.21a4
  [Binding][MN]: Prefix length: 24, Dflt: 192.0.2.254
  [Binding][MN]: HNP: 2001:db8:f00d:1::/64
  [Binding][MN]: apn: example_A.com
  [Binding][MN]: lifetime: 3600, remaining: 3598
  [Binding][MN][MAG]: Id: M1
  [Binding][MN][MAG]: Coa: 2001:db8:cafe:1025::15
  [Binding][MN][TUNNEL]: IPV6_IN_IPV6, Source: 2001:db8:cafe:1024::101, Destination: 2001:db8:cafe:1025::15
  [Binding][MN][GREKEY]: Upstream: 0, Downstream: 0
`);
});

test('an LMA binding of a node without IPv4, profile and link-layer identifier', () => {
  const lines = renderLmaBindings([{ ...lmaBinding, hoa: null, defaultRouter: null, apn: null, llid: '' }]);
  expect(lines).toContain('Hoa: 0.0.0.0, att: 4, llid: none');
  expect(lines).not.toMatch(/apn|Dflt|null/);
});
