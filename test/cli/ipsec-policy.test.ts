import { describe, expect, test } from 'vitest';
import { policyText } from '#cli/ipsec/policy-text.ts';
import type { IpsecAuthentication } from '#cli/ipsec/swanctl.ts';
import { parseConfiguration } from '#config/index.ts';
import { assemble } from '#daemon/assemble.ts';

function policy(text: string, auth: IpsecAuthentication = 'certificate'): string {
  const { configuration, diagnostics } = parseConfiguration(text);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return policyText(assemble(configuration, ''), 'a file', auth) ?? '';
}

const domain = `ipv6 mobile pmipv6-domain D
lma L
ipv6-address 2001:db8::1
ipv4-address 192.0.2.1
mag M
ipv6-address 2001:db8::2
ipv4-address 192.0.2.2
mag M4
ipv4-address 192.0.2.3
nai P
service dual
`;
const lma = `${domain}ipv6 mobile pmipv6-lma L domain D\n`;
const mag = `${domain}ipv6 mobile pmipv6-mag M domain D\ninterface acc\nenable pmipv6 default P\n`;

/** Values of one key, in order. */
const values = (text: string, key: string) =>
  [...text.matchAll(new RegExp(`^ *${key} = (.*)$`, 'gm'))].map((match) => match[1]);

describe('mooring ipsec-policy', () => {
  test('[RFC 5213 §4.2] the LMA has the Mobility Header with each MAG, [RFC 5844 §4.3.1] and its UDP port over IPv4', () => {
    const text = policy(lma);
    expect(values(text, 'local_ts')).toEqual([
      '2001:db8::1/128[135]',
      '192.0.2.1/32[udp/5436]',
      '192.0.2.1/32[udp/5436]',
    ]);
    expect(values(text, 'remote_ts')).toEqual(['2001:db8::2/128[135]', '192.0.2.2/32[udp]', '192.0.2.3/32[udp]']);
    expect(values(text, 'remote_addrs')).toEqual(['2001:db8::2', '192.0.2.2', '192.0.2.3']);
  });

  test('the MAG has the counterpart of it', () => {
    const [ours, theirs] = [policy(mag), policy(lma)];
    expect(values(ours, 'local_ts')).toEqual(values(theirs, 'remote_ts').slice(0, 2));
    expect(values(ours, 'remote_ts')).toEqual(values(theirs, 'local_ts').slice(0, 2));
    expect(values(ours, 'esp_proposals')).toEqual(values(theirs, 'esp_proposals').slice(0, 2));
    expect(values(ours, 'id')).toEqual(['"M"', '"L"', '"M"', '"L"']);
  });

  test('[RFC 5213 §4, §5.3.6(11), §6.9.1.5(11), RFC 5846 §6.1, RFC 5847 §6] ESP in transport mode, IKEv2, and nothing passes before there are keys', () => {
    const text = policy(lma);
    expect(new Set(values(text, 'mode'))).toEqual(new Set(['transport']));
    expect(new Set(values(text, 'version'))).toEqual(new Set(['2']));
    expect(new Set(values(text, 'start_action'))).toEqual(new Set(['trap']));
    for (const proposal of values(text, 'esp_proposals')) expect(proposal).toMatch(/^(\w*(gcm16|-sha256)(, )?)+$/);
  });

  test('holds no key that works: those of pre-shared keys are to be written by the operator', () => {
    const text = policy(lma, 'psk');
    expect(values(text, 'auth')).toEqual(Array(6).fill('psk'));
    expect(text).not.toMatch(/^[^#]*secret/m);
    expect(text.match(/^# +id-2 = .*$/gm)).toEqual(['#     id-2 = "M"', '#     id-2 = "M4"']);
    expect(policy(lma)).not.toContain('secret =');
  });

  test('gives every connection a name of its own that the format takes', () => {
    const text = policy(`${domain}mag a.b\nipv6-address 2001:db8::5\nmag a_b\nipv6-address 2001:db8::6
mag a"{}#\\=
ipv6-address 2001:db8::7
ipv6 mobile pmipv6-lma L domain D`);
    const names = [...text.matchAll(/^ {2}([^ #]+) \{$/gm)].map((match) => match[1] as string);
    expect(names).toContain('mooring-L-a_b');
    expect(names).toContain('mooring-L-a_b-2');
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[\w-]+$/);
    expect(values(text, 'id')).toContain('"a\\"{}#\\\\="');
  });

  test('says that MAGs which are learnt cannot be covered', () => {
    expect(policy(`${lma}dynamic mag learning`)).toContain('MAGs that are not listed stay unprotected');
    expect(policy(lma)).not.toContain('stay unprotected');
  });

  test('has nothing to say of a node without peers, nor of one that is its own peer', () => {
    const alone = 'ipv6 mobile pmipv6-domain D\nipv6 mobile pmipv6-lma L domain D\naddress ipv6 2001:db8::1\n';
    expect(policy(alone)).toBe('');
    const own = alone.replace('pmipv6-domain D\n', 'pmipv6-domain D\nmag M\nipv6-address 2001:db8::1\n');
    expect(policy(own)).toBe('');
  });
});
