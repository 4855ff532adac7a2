import { describe, expect, test } from 'vitest';
import { complete, help, printConfiguration } from '#config/index.ts';
import { messages, read } from './read.ts';

const list = (...lines: string[]) => ['ip access-list extended A', ...lines].join('\n');
const printed = (...lines: string[]) =>
  printConfiguration(read(list(...lines)))
    .split('\n')
    .filter((line) => line.startsWith(' '))
    .map((line) => line.trim());

describe('ip access-list extended', () => {
  test('keeps the order of its rules and numbers them by tens', () => {
    const { accessLists } = read(list('deny ip host 10.2.2.2 any', 'permit tcp any any eq www', '15 deny udp any any'));
    expect(accessLists[0]?.rules.map(({ sequence, action, protocol }) => [sequence, action, protocol])).toEqual([
      [10, 'deny', 'ip'],
      [15, 'deny', 17],
      [20, 'permit', 6],
    ]);
    expect(accessLists[0]?.rules[2]?.destinationPorts).toEqual({ low: 80, high: 80, except: false });
  });

  test('prints a number only where counting by tens would not give it', () => {
    expect(printed('permit ip any any', '30 deny ip any any', 'permit icmp any any')).toEqual([
      'permit ip any any',
      '30 deny ip any any',
      'permit icmp any any',
    ]);
  });

  test.each([
    ['permit ip any 10.255.224.0 0.0.0.255', 'permit ip any 10.255.224.0 0.0.0.255'],
    ['permit ip 10.1.1.1 0.0.0.0 any', 'permit ip host 10.1.1.1 any'],
    ['permit tcp any range 20 21 any gt 1023 established', 'permit tcp any range 20 21 any gt 1023 established'],
    ['permit udp any lt 1024 any neq 53 log', 'permit udp any lt 1024 any neq 53 log'],
    ['permit 47 any any', 'permit gre any any'],
    ['permit 250 any any', 'permit 250 any any'],
  ])('%s', (written, expected) => {
    expect(printed(written)).toEqual([expected]);
  });

  test('a rule is removed by its number or by its text', () => {
    expect(printed('permit ip any any', 'deny ip any any', 'no 10')).toEqual(['20 deny ip any any']);
    expect(printed('permit ip any any', 'deny ip any any', 'no permit ip any any')).toEqual(['20 deny ip any any']);
    expect(messages(list('permit ip any any', 'no permit'))).toEqual(['incomplete command']);
  });

  test.each([
    ['permit ip any any eq 80', '"ip" has no ports; tcp and udp have'],
    ['permit udp any any established', '"udp" has no connections; tcp has'],
    ['permit tcp any any eq 65536', '"65536" is not a port'],
    ['permit tcp any any lt 0', '"0" leaves no port: there is none below it'],
    ['permit tcp host 10.1.1 any', '"10.1.1" is not an IPv4 address'],
    ['permit tcp any host', 'incomplete command'],
    ['permit tpc any any', '"tpc" is not an IP protocol'],
    ['allow ip any any', 'unknown command "allow"'],
  ])('%s: %s', (line, message) => {
    expect(messages(list(line))).toEqual([message]);
  });

  test('a number is given once', () => {
    expect(messages(list('10 permit ip any any', '10 deny ip any any'))).toEqual([
      '"10" is the number of another rule',
    ]);
  });

  test('a rule outside a list says where it belongs', () => {
    expect(messages('permit ip any any')).toEqual([
      '"permit" does not belong here; it is a command of "ip access-list extended"',
    ]);
  });

  test('help goes on inside an address', () => {
    expect(complete('permit ip h', 'access-list')).toEqual(['host']);
    expect(help('permit ip host ', 'access-list')).toEqual([{ word: 'A.B.C.D', help: 'Source address' }]);
    expect(help('permit ip 10.0.0.0 ', 'access-list')).toEqual([
      { word: 'A.B.C.D', help: 'Wildcard: bits that do not matter' },
    ]);
  });
});
