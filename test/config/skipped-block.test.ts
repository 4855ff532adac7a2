import { expect, test } from 'vitest';
import { parseConfiguration } from '#config/index.ts';
import { messages, read } from './read.ts';

test('the lines below a wrong opening line are skipped and counted, and the next section counts again', () => {
  const text = `ipv6 mobile pmipv6-lma L domian D
 address ipv6 2001:db8::1
 network N
  pool ipv4 P pfxlen 24
 exit
 bce maximum 7
!
interface eth0
 description a`;
  expect(messages(text)).toEqual([
    '"domian" is not known here; did you mean "domain"? (5 lines below it were skipped)',
  ]);
  expect(parseConfiguration(text).configuration.lmas).toEqual([]);
  expect(parseConfiguration(text).configuration.interfaces).toMatchObject([{ name: 'eth0', description: 'a' }]);
});

test('so are those below a misspelt keyword, without any indentation', () => {
  expect(messages('intrface eth0\ndescription a\nip address 192.0.2.1 255.255.255.0\nhostname r1')).toEqual([
    'unknown command "intrface"; did you mean "interface"? (2 lines below it were skipped)',
  ]);
  expect(messages('ipv6 mobile pmipv6-lmaa L domain D\naddress ipv6 2001:db8::1')).toHaveLength(1);
});

test('so are those below an opening line that is refused', () => {
  const text = `ipv6 mobile pmipv6-lma L domain D
bce maximum 5
ipv6 mobile pmipv6-lma L domain E
bce maximum 7`;
  expect(messages(text)).toEqual(['L is in domain D; remove it there first (1 line below it was skipped)']);
  expect(parseConfiguration(text).configuration.lmas[0]?.bindingMaximum).toBe(5);
});

test('below an unknown command only lines further to the right are skipped', () => {
  const text = `router bgp 65000
 neighbor 192.0.2.1
 description not of an interface
hostname r1
mystery
hostname r2`;
  expect(messages(text)).toEqual([
    'unknown command "router" (2 lines below it were skipped)',
    'unknown command "mystery"',
  ]);
  expect(parseConfiguration(text).configuration.hostname).toBe('r2');
});

test('one skipped block after another', () => {
  expect(messages('interface Serial\n description b\nrouter bgp 1\n neighbor x\n neighbor y\nhostname r1')).toEqual([
    '"Serial" needs an interface number (1 line below it was skipped)',
    'unknown command "router" (2 lines below it were skipped)',
  ]);
});

test('a line of an outer section ends the skipped one', () => {
  const { lmas } = parseConfiguration(`ipv6 mobile pmipv6-lma L domain D
network
pool ipv4 P pfxlen 24
bce maximum 7`).configuration;
  expect(lmas).toMatchObject([{ networks: [], bindingMaximum: 7 }]);
});

test('"exit" and "end" end the skipped section', () => {
  const text = 'interface eth0\nexit\ninterface 1/2/3/:\ndescription b\nexit\nhostname r1';
  expect(messages(text)).toEqual(['"1/2/3/:" is not the name of an interface (2 lines below it were skipped)']);
  expect(messages('interface Serial\ndescription b\nend\nhostname r1')).toHaveLength(1);
});

test('a wrong line inside a skipped section is an error of its own', () => {
  expect(messages('interface Serial\ndescription b\nbogus 1\nip address 192.0.2.1 255.255.255.0')).toEqual([
    '"Serial" needs an interface number (2 lines below it were skipped)',
    'unknown command "bogus"',
  ]);
});

test('a wrong "no" form opens nothing', () => {
  expect(messages('interface eth0\nno interface Serial\ndescription a')).toHaveLength(1);
  expect(read('interface eth0\ndescription a').interfaces[0]?.description).toBe('a');
});
