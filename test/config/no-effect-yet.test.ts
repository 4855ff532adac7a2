import { expect, test } from 'vitest';
import { signature } from '#config/command.ts';
import { modes } from '#config/modes.ts';
import { withoutEffect } from '#config/no-effect-yet.ts';
import { messages } from './read.ts';

const plain = 'accepted and stored, but has no effect yet';

test('the list of commands without effect names only commands that there are', () => {
  for (const [mode, commands] of Object.entries(withoutEffect)) {
    const known = modes.find(({ name }) => name === mode)?.commands.map(signature);
    expect(known, mode).toEqual(expect.arrayContaining([...commands]));
  }
});

test('only commands of features that are not there yet are without effect', () => {
  const features =
    /^(multipath|mobile-map|role 3gma|address dynamic|mobility-service (mobile-local-loop|hybrid-access)|mobile-network (v6)?pool .*)$/;
  const below = [
    ...['mobile-map', 'traffic-profile', 'lma-role', 'lma-local-loop', 'lma-customer', 'lma-customer-transport'],
    ...['mag-dynamic-address', 'mag-hybrid-access'],
  ];
  const others = Object.entries(withoutEffect).flatMap(([mode, commands]) =>
    commands.filter((command) => !below.includes(mode) && !features.test(command)),
  );
  expect(others).toEqual([]);
});

test('no two commands of a mode have the same signature', () => {
  for (const { name, commands } of modes) {
    expect(new Set(commands.map(signature)).size, name).toBe(commands.length);
  }
});

test('a section without effect is said to have none once, not line by line', () => {
  const text = `vrf definition v
ipv6 mobile pmipv6-domain D
ipv6 mobile pmipv6-lma L domain D
mobility-service mobile-local-loop
customer c vrf v
network unauthorized
transport
address ipv6 2001:db8::1`;
  expect(messages(text, 'warning')).toEqual([plain]);
});

test('whatever is doubtful about a command without effect is said too', () => {
  const lma = 'ipv6 mobile pmipv6-domain D\nipv6 mobile pmipv6-lma L domain D\nmobility-service mobile-local-loop';
  const text = `${lma}\ncustomer c vrf v`;
  expect(messages(text, 'warning')).toEqual([plain, 'VRF v is not defined (vrf definition v)']);
  expect(messages(`vrf definition v\n${text}`, 'warning')).toEqual([plain]);
});
