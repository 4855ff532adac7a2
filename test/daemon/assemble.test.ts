import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inSeconds, seconds } from '#base/time.ts';
import { parseConfiguration } from '#config/index.ts';
import { AssemblyError, assemble } from '#daemon/assemble.ts';
import { checkHost, locateIn } from '#daemon/check-host.ts';
import type { AddressState } from '#daemon/host-facts.ts';

function assembleText(text: string) {
  const { configuration, diagnostics } = parseConfiguration(text);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return assemble(configuration, 'host');
}

function example(name: string): string {
  return readFileSync(new URL(`../../examples/${name}`, import.meta.url), 'utf8');
}

/** The problems that keep the text from being run. */
function problems(text: string): readonly string[] {
  try {
    assembleText(text);
    return [];
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error;
    return error.problems;
  }
}

describe('assemble', () => {
  it('gives the LMA of the example its addresses, pools, peers and profiles', () => {
    const { hostname, lmas, mags, forwarding } = assembleText(example('lma.cfg'));
    expect(hostname).toBe('lma');
    expect(mags).toEqual([]);
    const [lma] = lmas;
    expect(lma?.addresses.ipv6?.toString()).toBe('2001:db8:cafe:1024::101');
    expect(lma?.peers.map(({ name, ipv6 }) => `${name} ${ipv6}`)).toEqual([
      'M1 2001:db8:cafe:1025::15',
      'M2 2001:db8:cafe:1026::15',
    ]);
    expect(lma?.defaultProfile).toMatchObject({ nai: 'default_subscriber_profile_A', service: 'dual' });
    expect(lma?.timestampCheck).toBe(true);
    expect(inSeconds(lma?.timestampWindow ?? (0 as never))).toBe(200);
    const [pool] = lma?.pools.ipv4 ?? [];
    expect(`${pool?.low} ${pool?.high} ${pool?.prefixLength} ${pool?.gateway}`).toBe(
      '192.0.2.1 192.0.2.253 24 192.0.2.254',
    );
    expect(lma?.pools.ipv6.map(({ prefix, assignedLength }) => `${prefix} ${assignedLength}`)).toEqual([
      '2001:db8:f00d::/48 64',
    ]);
    expect(forwarding.pools.ipv4.map(String)).toEqual(['192.0.2.0/24']);
    expect(forwarding.pools.ipv6.map(String)).toEqual(['2001:db8:f00d::/48']);
    expect(forwarding.localAddresses.map(String)).toEqual(['2001:db8:cafe:1024::101']);
  });

  it('gives the MAG of the example its LMA, its access interface under both names and the fixed addresses', () => {
    const { lmas, mags, forwarding } = assembleText(example('mag1.cfg'));
    expect(lmas).toEqual([]);
    const mag = mags[0]?.mag;
    expect(mag?.lmas.map(({ name, ipv6 }) => `${name} ${ipv6}`)).toEqual(['lma1 2001:db8:cafe:1024::101']);
    expect(mag?.interfaces).toMatchObject([
      { name: 'GigabitEthernet0/1/0.3074', linkName: 'acc', defaultProfile: { service: 'dual' } },
    ]);
    expect(mag?.linkLocal.toString()).toBe('fe80::200:5eff:fe00:5213');
    expect(mag?.linkLayer.toString()).toBe('00:00:5e:00:52:13');
    expect(mags[0]?.access.interfaces).toEqual([{ name: 'GigabitEthernet0/1/0.3074' }]);
    expect(forwarding.accessInterfaces.map(({ name, linkName }) => `${name} ${linkName}`)).toEqual([
      'GigabitEthernet0/1/0.3074 acc',
    ]);
  });

  it.each([
    ['without a role', undefined, 4],
    ['of role WLAN', 'WLAN', 4],
    ['of role 3GPP', '3GPP', 4],
    ['of role WIMAX', 'WIMAX', 5],
    ['of role LTE', 'LTE', 8],
  ])('[RFC 5213 §8.5] gives the access interface of a MAG %s its access technology', (_, role, number) => {
    const text = example('mag1.cfg').replace('  role 3GPP\n', role ? `  role ${role}\n` : '');
    expect(assembleText(text).mags[0]?.mag.interfaces[0]?.accessTechnology).toBe(number);
  });

  it('has the access links ask silent mobile nodes as "discover-mn-detach" says', () => {
    const text = example('mag1.cfg');
    const asking = text.replace(/discover-mn-detach .*/, 'discover-mn-detach poll interval 10 timeout 2 retries 3');
    expect(assembleText(asking).mags[0]?.access.detection).toEqual({
      pollInterval: seconds(10),
      timeout: seconds(2),
      retries: 3,
    });
    const silent = text.replace(/ *discover-mn-detach .*\n/, '');
    expect(assembleText(silent).mags[0]?.access.detection).toBeUndefined();
  });

  it('takes the last usable address of the pool for the gateway when none is configured', () => {
    const text = example('lma.cfg').replace('    default-router 192.0.2.254\n', '');
    expect(assembleText(text).lmas[0]?.pools.ipv4[0]?.gateway.toString()).toBe('192.0.2.254');
  });

  it.each([
    ['an empty configuration', '', 'nothing to run'],
    ['an LMA without an address', 'ipv6 mobile pmipv6-domain D1\nipv6 mobile pmipv6-lma l domain D1\n', 'address ipv6'],
    [
      'an LMA without its domain',
      'ipv6 mobile pmipv6-lma l domain D9\n address ipv6 2001:db8::1\n',
      'pmipv6-domain D9',
    ],
    [
      'a MAG without an LMA or an interface',
      'ipv6 mobile pmipv6-domain D1\nipv6 mobile pmipv6-mag m domain D1\n address ipv6 2001:db8::1\n',
      'no LMA with an IPv6 address',
    ],
  ])('refuses %s and says what to add', (_name, text, expected) => {
    expect(problems(text).join('\n')).toContain(expected);
  });
});

describe('checkHost', () => {
  const assembly = assembleText(example('mag1.cfg'));
  const host = (hasLink: boolean, ...states: AddressState[]) => ({
    hasLink: () => hasLink,
    addressState: () => states.shift() ?? 'usable',
  });

  it('accepts a host that has what is configured', () => {
    checkHost(assembly, host(true, 'usable'));
  });

  it('waits for an address whose duplicate address detection has not ended', () => {
    const waits: number[] = [];
    checkHost(assembly, host(true, 'tentative', 'tentative', 'usable'), undefined, (milliseconds) =>
      waits.push(milliseconds),
    );
    expect(waits).toHaveLength(2);
  });

  it('names the missing interface and address with file and line, and the remedy', () => {
    const locate = locateIn(example('mag1.cfg'), 'mag1.cfg');
    const check = () => checkHost(assembly, host(false, 'absent'), locate);
    expect(check).toThrowError(/^mag1.cfg:17: interface .* no Linux interface acc; create it/);
    expect(check).toThrowError(/^mag1.cfg:31: address 2001:db8:cafe:1025::15: .* "ip address add/m);
  });
});
