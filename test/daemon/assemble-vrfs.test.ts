import { expect, it } from 'vitest';
import { checkConfiguration, parseConfiguration } from '#config/index.ts';
import { assemble } from '#daemon/assemble.ts';
import { ANY_HOST } from '#daemon/host-availability.ts';
import { markOfTable } from '#dataplane/vrf.ts';

const text = (vrfs: string, ...vrfids: string[]) => `${vrfs}
ipv6 mobile pmipv6-domain D
ipv6 mobile pmipv6-mag m domain D
 address ipv6 2001:db8::1
 lma one D
  ipv6-address 2001:db8:1::1
  ${vrfids[0] ?? ''}
 lma two D
  ipv6-address 2001:db8:2::1
  ${vrfids[1] ?? ''}
 interface acc
`;
const assembled = (words: string, table?: (name: string) => number | undefined) =>
  assemble(parseConfiguration(words).configuration, 'h', { ...ANY_HOST, ...(table && { table }) });
const vrfs = (words: string, table?: (name: string) => number | undefined) =>
  assembled(words, table).forwarding.vrfs?.map(({ name, table: number, peers }) => [
    name,
    number,
    ...peers.map(String),
  ]);

it('"vrfid" has signalling and tunnels of an LMA take the table that the host calls as the VRF', () => {
  const words = text('vrf definition red\nvrf definition blue', 'vrfid red');
  const named = (name: string) => (name === 'red' ? 100 : undefined);
  expect(vrfs(words, named)).toEqual([
    ['blue', expect.any(Number)],
    ['red', 100, '2001:db8:1::1'],
  ]);
  const { peers } = assembled(words, named).signalling;
  expect(peers.map(({ address, mark }) => [`${address}`, mark])).toEqual([
    ['2001:db8:1::1', markOfTable(100)],
    ['2001:db8:2::1', undefined],
  ]);
});

it('a VRF has the same table whatever other VRFs there are, and no other VRF has it', () => {
  const names = Array.from({ length: 300 }, (_, i) => `v${i}`);
  const tables = vrfs(text(names.map((name) => `vrf definition ${name}`).join('\n')))?.map(([, table]) => table);
  expect(new Set(tables).size).toBe(300);
  expect(vrfs(text('vrf definition red'))).toEqual(vrfs(text('vrf definition red\nvrf definition blue'))?.slice(1));
});

it('an LMA whose VRF is not defined is not used, and "check --strict" refuses it', () => {
  const words = text('', 'vrfid red');
  const { mags, problems } = assembled(words);
  expect(mags[0]?.mag.lmas.map(({ name }) => name)).toEqual(['two']);
  expect(problems.join()).toContain('lma one is not used, as there is no VRF red');
  expect(checkConfiguration(words, 'f')).toMatchObject({ errors: 0, warnings: 1 });
  expect(checkConfiguration(words, 'f', { strict: true })).toMatchObject({ errors: 1 });
});

it('says of an address that is to be in two VRFs which of them holds', () => {
  const twice = text('vrf definition red', 'vrfid red').replace('2001:db8:2::1', '2001:db8:1::1');
  const { problems, forwarding } = assembled(twice);
  expect(problems.join()).toContain('lma two: 2001:db8:1::1 is reached as "ipv6 mobile pmipv6-mag m, lma one" says');
  expect(forwarding.vrfs?.[0]?.peers.map(String)).toEqual(['2001:db8:1::1']);
});
