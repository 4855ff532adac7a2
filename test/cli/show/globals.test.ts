import { expect, test } from 'vitest';
import { lmaGlobals, magGlobals, renderLmaGlobals, renderMagGlobals } from '#cli/show/index.ts';
import { parseConfiguration } from '#config/index.ts';
import { folded, lmaGlobalsSample, magGlobalsSample } from './samples.ts';

const lmaText = `ip local pool v4 192.0.2.1 192.0.2.9
ipv6 local pool v6pool 2001:db8::/48 64
ipv6 mobile pmipv6-domain D1
 replay-protection timestamp window 10
 fixed-link-layer-address aaaa.aaaa.aaaa
 fixed-link-local-address fe80::2
 nai profile1
!
ipv6 mobile pmipv6-lma lma1 domain D1
 default profile profile1
 network network1
  pool ipv4 v4 pfxlen 24
  pool ipv6 v6pool pfxlen 48
 mag mag1
 mag mag0
  encap gre-ipv4
`;

const magText = `ipv6 mobile pmipv6-domain D1
 fixed-link-layer-address aaaa.aaaa.aaaa
 fixed-link-local-address fe80::2
 lma LMA1
 lma LMA2
!
ipv6 mobile pmipv6-mag M1 domain D1
 binding maximum 3
 binding init-retx-time 20000
 binding max-retx-time 50000
 bri delay max 40000
 bri retries 6
 interface GigabitEthernet0/0/0
 interface GigabitEthernet0/1/0
`;

test('show ipv6 mobile pmipv6 lma globals prints the guide’s sample', () => {
  const { configuration } = parseConfiguration(`${lmaText}\nipv6 mobile pmipv6-domain D1\n signalling ipsec\n`);
  expect(folded(renderLmaGlobals(lmaGlobals(configuration)))).toEqual(folded(lmaGlobalsSample));
});

test('show ipv6 mobile pmipv6 mag globals prints the guide’s sample', () => {
  const { configuration } = parseConfiguration(magText);
  const sample = folded(magGlobalsSample);
  expect(folded(renderMagGlobals(magGlobals(configuration))).slice(0, sample.length)).toEqual(sample);
});

test('a name selects the node; an unknown one none', () => {
  const { configuration } = parseConfiguration(magText);
  expect(magGlobals(configuration, 'M1').map(({ name }) => name)).toEqual(['M1']);
  expect(magGlobals(configuration, 'M2')).toEqual([]);
  expect(lmaGlobals(configuration, 'L')).toEqual([]);
});

test('a pool that is not defined is marked', () => {
  const { configuration } = parseConfiguration(lmaText.slice(lmaText.indexOf('ipv6 local')));
  expect(folded(renderLmaGlobals(lmaGlobals(configuration)))).toContain('IPv4 Pool Name : v4 (not defined)');
});

test('a default profile that is not defined is marked', () => {
  const { configuration } = parseConfiguration(lmaText.replace('nai profile1', ''));
  expect(folded(renderLmaGlobals(lmaGlobals(configuration)))).toContain('Default MN Profile : profile1 (not defined)');
});

test('accounting is shown as configured', () => {
  const { configuration } = parseConfiguration(
    lmaText.replace(' default profile', ' enable aaa accounting\n default profile'),
  );
  expect(folded(renderLmaGlobals(lmaGlobals(configuration)))).toContain('AAA Accounting : Enabled');
});

test('the interfaces towards correspondent nodes are shown where they are named', () => {
  const { configuration } = parseConfiguration(
    lmaText.replace(' network network1', ' interface Ethernet0/2\n network network1'),
  );
  expect(folded(renderLmaGlobals(lmaGlobals(configuration)))).toContain('Correspondents at interface : Ethernet0/2');
});

test('the globals are plain JSON', () => {
  for (const globals of [
    lmaGlobals(parseConfiguration(lmaText).configuration),
    magGlobals(parseConfiguration(magText).configuration),
  ]) {
    expect(JSON.parse(JSON.stringify(globals))).toEqual(globals);
  }
});

test('detach detection shows its times, no timestamp option is disabled', () => {
  const { configuration } = parseConfiguration(
    `${magText} discover-mn-detach poll interval 11 timeout 3 retries 4\n no replay-protection timestamp\n`,
  );
  expect(folded(renderMagGlobals(magGlobals(configuration)))).toEqual(
    expect.arrayContaining([
      "MN's detach discover : enabled",
      'Detach discover period : 11 (sec)',
      'Detach discover timeout : 3 (sec)',
      'Detach discover retries : 4',
      'Timestamp option : disabled',
    ]),
  );
});

test('what is not defined is named at the end, and a domain that is not defined is marked', () => {
  const { configuration } = parseConfiguration(
    `${magText} lma LMA3
  vrfid nowhere
 tunnel acl nothing
 interface GigabitEthernet0/2/0
  enable pmipv6 default nobody
`,
  );
  const [mag] = magGlobals(configuration);
  expect(mag?.warnings).toEqual(
    expect.arrayContaining([
      'Warning: VRF nowhere is not defined (vrf definition nowhere)',
      'Warning: access list nothing is not defined (ip access-list extended nothing)',
      'Warning: profile nobody is not defined in domain D1',
    ]),
  );
  expect(renderMagGlobals(magGlobals(configuration))).toContain('\n% Warning: VRF nowhere is not defined');
  const alone = parseConfiguration('ipv6 mobile pmipv6-lma lma1 domain D9').configuration;
  expect(folded(renderLmaGlobals(lmaGlobals(alone)))).toEqual(
    expect.arrayContaining(['Domain : D9 (not defined)', '% Warning: domain D9 is not defined']),
  );
});
