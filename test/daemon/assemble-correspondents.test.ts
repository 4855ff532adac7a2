import { expect, it } from 'vitest';
import { parseConfiguration } from '#config/index.ts';
import { assemble } from '#daemon/assemble.ts';
import { ANY_HOST } from '#daemon/host-availability.ts';

function text(...interfaces: string[]): string {
  return `interface GigabitEthernet0/2
 linux-interface inet
ipv6 mobile pmipv6-domain D
ipv6 mobile pmipv6-lma L domain D
 address ipv6 2001:db8::1
${interfaces.map((name) => ` interface ${name}\n`).join('')}`;
}

const assembled = (words: string, host = ANY_HOST) => assemble(parseConfiguration(words).configuration, 'h', host);

it('an LMA routes to mobile nodes what comes in from the interfaces that it names, or from everywhere', () => {
  const of = (words: string) => assembled(words).forwarding.correspondentInterfaces;
  expect(of(text('GigabitEthernet0/2', 'eth7'))).toEqual(['inet', 'eth7']);
  expect(of(text())).toBeUndefined();
  const second = 'ipv6 mobile pmipv6-lma M domain D\n address ipv6 2001:db8::2\n';
  expect(of(text('eth7') + second)).toBeUndefined();
});

it('an interface that this host does not have cuts nobody off, and is told of', () => {
  const host = { ...ANY_HOST, link: ({ name }: { name: string }) => (name === 'eth7' ? 'no eth7' : undefined) };
  expect(assembled(text('eth7'), host)).toMatchObject({ problems: ['no eth7'] });
  expect(assembled(text('eth7'), host).forwarding.correspondentInterfaces).toBeUndefined();
  expect(assembled(text('eth7', 'eth8'), host).forwarding.correspondentInterfaces).toEqual(['eth8']);
});
