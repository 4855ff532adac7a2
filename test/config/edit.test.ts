import { expect, test } from 'vitest';
import { editConfiguration } from '#config/index.ts';

const text = `ip access-list extended A
permit ip any any
!
ipv6 mobile pmipv6-domain D
ipv6 mobile pmipv6-lma L domain D
address ipv6 2001:db8::1
tunnel acl A
tunnel mtu 1200
`;

const doubtsOf = (line: string) => {
  const edit = editConfiguration(text, [], line);
  return edit.ok ? edit.warnings.map(({ message }) => message) : edit.error.message;
};

test('a line that takes away what others name says so; what was doubtful before is not said again', () => {
  expect(doubtsOf('no ip access-list extended A')).toEqual([
    'access list A is not defined (ip access-list extended A)',
  ]);
  expect(doubtsOf('no ipv6 mobile pmipv6-domain D')).toEqual(['domain D is not defined']);
  expect(doubtsOf('no hostname')).toEqual([]);
  expect(doubtsOf('hostname r')).toEqual([]);
});
