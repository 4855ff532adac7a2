import { describe, expect, it } from 'vitest';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address, Ipv6Prefix } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { utcTime } from '#base/time.ts';
import { profileRequest, type RequestStyle, type Subscriber } from '#proto/aaa/access-request.ts';
import { ciscoPair, DICTIONARY } from '#proto/aaa/attributes.ts';
import { readHardwareAddress } from '#proto/aaa/calling-station.ts';
import { readProfile } from '#proto/aaa/read-profile.ts';
import type { RadiusAttribute } from '#wire/radius.ts';

const style: RequestStyle = {
  nasAddress: Ipv4Address.parse('10.8.25.15') as Ipv4Address,
  nasIdentifier: 'mag1',
  serviceType: false,
  framedAddress: false,
  nasIdentifierInAccess: false,
  nasIdentifierInAccounting: false,
  accountingSessionInAccess: false,
  eventTimestampInAccess: false,
  eventTimestampInAccounting: false,
  hardwareAddress: { style: 'default' },
  hardwareAddressOnly: true,
  vendorSpecificInAccess: false,
  vendorSpecificInAccounting: false,
};
const subscriber: Subscriber = {
  mac: MacAddress.parse('0024.d78e.21a4') as MacAddress,
  interface: 'GigabitEthernet0/1/0.3074',
  accessTechnology: 4,
  requestedAddress: Ipv4Address.parse('192.0.2.1') as Ipv4Address,
  ipv4Transport: false,
  accountingSession: 'run-m1',
};

/** What a request says, by attribute. */
function said(change: Partial<RequestStyle> = {}, who: Partial<Subscriber> = {}): Record<string, string> {
  const attributes = profileRequest({ ...subscriber, ...who }, { ...style, ...change }, utcTime(1_800_000_000_500));
  return Object.fromEntries(
    attributes.map((each) => [DICTIONARY.typeOf(each)?.name ?? each.type, `${DICTIONARY.value(each)}`]),
  );
}

const octets = (type: number, ...value: number[]): RadiusAttribute => ({
  vendor: 0,
  type,
  value: Uint8Array.from(value),
});
const v4 = (text: string) => Ipv4Address.parse(text) as Ipv4Address;
const v6 = (text: string) => Ipv6Address.parse(text) as Ipv6Address;
const prefix = (text: string) => Ipv6Prefix.parse(text) as Ipv6Prefix;
const hoa = (text: string) => Ipv4Prefix.parse(text) as Ipv4Prefix;
const octetsOf = (last: number) => Uint8Array.of(0, 0, 0, 0, 0, 0, 0, last);
const errorOf = (...attributes: RadiusAttribute[]) => {
  const read = readProfile(attributes, 'gateway');
  return read.ok ? 'ok' : read.error;
};

describe('a request for a profile', () => {
  it('[RFC 6572 §5.2] says who asks, and for whom', () => {
    expect(said()).toEqual({
      'User-Name': '0024.d78e.21a4',
      'Calling-Station-Id': '0024.d78e.21a4',
      'NAS-IP-Address': '10.8.25.15',
      'NAS-Port-Type': '19',
      'NAS-Port-Id': 'GigabitEthernet0/1/0.3074',
      'MIP6-Feature-Vector': '7696581394432',
    });
  });

  it.each([
    [{ style: 'ietf' }, '00-24-D7-8E-21-A4'],
    [{ style: 'ietf', letters: 'lower-case' }, '00-24-d7-8e-21-a4'],
    [{ style: 'unformatted' }, '0024d78e21a4'],
    [{ style: 'unformatted', letters: 'upper-case' }, '0024D78E21A4'],
    [{ style: 'default', letters: 'upper-case' }, '0024.D78E.21A4'],
  ] as const)('attribute 31 mac format %j writes %s', (hardwareAddress, text) => {
    expect(said({ hardwareAddress })).toMatchObject({ 'User-Name': text, 'Calling-Station-Id': text });
  });

  it('[RFC 6572 §4.3] says the service that the configuration has for it', () => {
    expect(said({}, { service: 'example.com' })).toEqual({ ...said(), 'Service-Selection': 'example.com' });
  });

  it('[RFC 6572 §4.1] says that LMAs can be reached over IPv4', () => {
    const features = 7696581394432n | 0x8000_0000_0000n;
    expect(said({}, { ipv4Transport: true })).toEqual({ ...said(), 'MIP6-Feature-Vector': `${features}` });
  });

  it('names a node as it calls itself by DHCP', () => {
    expect(said({}, { clientNai: 'mn@example.com' })['User-Name']).toBe('mn@example.com');
  });
});

describe('a profile in an Access-Accept', () => {
  it('reads names and values of attribute pairs whatever their case and separator', () => {
    const attributes = [
      ciscoPair('MN-NAI', 'a@b'),
      ciscoPair('mn-service', 'DUAL'),
      DICTIONARY.attribute('Cisco-AVPair', 'multihomed*true'),
    ];
    expect(readProfile(attributes, 'gateway')).toMatchObject({
      ok: true,
      value: { nai: 'a@b', service: 'dual', multihomed: true },
    });
  });

  it('prefers the pair to the attribute of RFC 6572 where they differ', () => {
    const attributes = [DICTIONARY.attribute('Mobile-Node-Identifier', 'x@y'), ciscoPair('mn-nai', 'a@b')];
    expect(readProfile(attributes, 'gateway')).toMatchObject({ value: { nai: 'a@b' } });
  });

  it('[RFC 5779 §5.5] lets a node reach others of its MAG only through its LMA when the bit is clear', () => {
    const localRouting = (features?: bigint) => {
      const read = readProfile(
        features === undefined ? [] : [DICTIONARY.attribute('MIP6-Feature-Vector', features)],
        'gateway',
      );
      return read.ok ? read.value.localRouting : read.error;
    };
    expect(localRouting(0x0300_0000_0000n)).toBe(false);
    expect(localRouting(0x0700_0000_0000n)).toBeUndefined();
    expect(localRouting()).toBeUndefined();
  });

  it.each([
    [0x0100_0000_0000n, 'ipv6'],
    [0x0300_0000_0000n, 'dual'],
    [0x1_0100_0000_0000n, 'ipv4'],
  ])('[RFC 6572 §4.1] takes feature bits 0x%s for %s', (features, service) => {
    expect(readProfile([DICTIONARY.attribute('MIP6-Feature-Vector', features)], 'gateway')).toMatchObject({
      value: { service },
    });
  });

  it('[RFC 6572 §4.1] refuses feature bits that contradict each other, or authorize nothing', () => {
    expect(errorOf(DICTIONARY.attribute('MIP6-Feature-Vector', 0x1_0300_0000_0000n))).toContain(
      'authorizes no service',
    );
    expect(errorOf(DICTIONARY.attribute('MIP6-Feature-Vector', 0n))).toContain('authorizes no service');
  });

  it('refuses what cannot be read, and names it', () => {
    expect(errorOf(ciscoPair('mn-service', 'ipv5'))).toBe('mn-service=ipv5 cannot be read');
    expect(errorOf(ciscoPair('home-lma-ipv6-address', 'nonsense'))).toContain('home-lma-ipv6-address');
    expect(errorOf(octets(147, 1, 2, 3))).toBe('PMIP6-Home-LMA-IPv6-Address is malformed');
    expect(errorOf(octets(145, 0xff, 0xfe))).toBe('Mobile-Node-Identifier is malformed');
    expect(errorOf(ciscoPair('cisco-mpc-protocol-interface', 'gtp'))).toContain('not pmipv6');
  });

  describe('[RFC 6572 §4] attributes of networks', () => {
    const home = [
      DICTIONARY.attribute('PMIP6-Home-LMA-IPv6-Address', v6('2001:db8:1::1')),
      DICTIONARY.attribute('PMIP6-Home-LMA-IPv4-Address', v4('192.0.2.1')),
      DICTIONARY.attribute('PMIP6-Home-HN-Prefix', prefix('2001:db8:f00d:1::/64')),
      DICTIONARY.attribute('PMIP6-Home-Interface-ID', octetsOf(1)),
      DICTIONARY.attribute('PMIP6-Home-IPv4-HoA', hoa('10.0.1.7/32')),
      DICTIONARY.attribute('PMIP6-Home-DHCP4-Server-Address', v4('10.0.1.2')),
      DICTIONARY.attribute('PMIP6-Home-DHCP6-Server-Address', v6('2001:db8:1::2')),
      DICTIONARY.attribute('PMIP6-Home-IPv4-Gateway', v4('10.0.1.1')),
    ];
    const visited = [
      DICTIONARY.attribute('PMIP6-Visited-LMA-IPv6-Address', v6('2001:db8:2::1')),
      DICTIONARY.attribute('PMIP6-Visited-LMA-IPv4-Address', v4('198.51.100.1')),
      DICTIONARY.attribute('PMIP6-Visited-HN-Prefix', prefix('2001:db8:f00d:2::/64')),
      DICTIONARY.attribute('PMIP6-Visited-Interface-ID', octetsOf(2)),
      DICTIONARY.attribute('PMIP6-Visited-IPv4-HoA', hoa('10.0.2.7/32')),
      DICTIONARY.attribute('PMIP6-Visited-DHCP4-Server-Address', v4('10.0.2.2')),
      DICTIONARY.attribute('PMIP6-Visited-DHCP6-Server-Address', v6('2001:db8:2::2')),
      DICTIONARY.attribute('PMIP6-Visited-IPv4-Gateway', v4('10.0.2.1')),
    ];
    const read = (attributes: readonly RadiusAttribute[], asker: 'gateway' | 'anchor') => {
      const profile = readProfile(attributes, asker);
      if (!profile.ok) throw new Error(profile.error);
      const { lmaIpv6, lmaIpv4, prefixes, homeAddress, dhcpServer, gateway, withoutEffect } = profile.value;
      const values = [lmaIpv6, lmaIpv4, ...prefixes, homeAddress?.address, dhcpServer, gateway].map(String);
      return { values, withoutEffect };
    };
    const HOME = ['2001:db8:1::1', '192.0.2.1', '2001:db8:f00d:1::/64', '10.0.1.7', '10.0.1.2', '10.0.1.1'];
    const VISITED = ['2001:db8:2::1', '198.51.100.1', '2001:db8:f00d:2::/64', '10.0.2.7', '10.0.2.2', '10.0.2.1'];
    const UNUSED = ['Interface-ID', 'DHCP6-Server-Address', 'IPv4-Gateway'];

    it('[RFC 6572 §4.9] has those of a visited network hold where nothing is said of the home network', () => {
      expect(read(home, 'gateway').values).toEqual(HOME);
      expect(read(visited, 'gateway').values).toEqual(VISITED);
      expect(read([...visited, ...home], 'gateway').values).toEqual(HOME);
      expect(read([...visited, ciscoPair('home-lma', 'LMA1')], 'gateway').values[2]).toBe('undefined');
    });

    it('names those that change nothing', () => {
      expect(read(home, 'gateway').withoutEffect).toEqual(UNUSED.map((part) => `PMIP6-Home-${part}`));
      expect(read(visited, 'gateway').withoutEffect).toEqual(UNUSED.map((part) => `PMIP6-Visited-${part}`));
      expect(read([...home, ...visited], 'gateway').withoutEffect).toHaveLength(UNUSED.length + visited.length);
      expect(read(visited, 'anchor').withoutEffect).toEqual(
        ['LMA-IPv6-Address', 'LMA-IPv4-Address', 'Interface-ID', 'DHCP4-Server-Address', 'DHCP6-Server-Address'].map(
          (part) => `PMIP6-Visited-${part}`,
        ),
      );
      expect(read(home.slice(0, 3), 'gateway').withoutEffect).toBeUndefined();
    });
  });

  it('has nothing of an empty answer', () => {
    expect(readProfile([], 'gateway')).toEqual({ ok: true, value: { prefixes: [], classes: [] } });
  });
});

describe('a hardware address in a Calling-Station-Id', () => {
  it.each(['00-24-D7-8E-21-A4', '00:24:d7:8e:21:a4', '0024.d78e.21a4', '0024d78e21a4', '00-24-D7-8E-21-A4:ssid'])(
    'is found in %s',
    (text) => {
      expect(readHardwareAddress(text)).toBe('00:24:d7:8e:21:a4');
    },
  );

  it.each(['', 'user@realm', '0024d78e21', '00-24-d7-8e-21', '0024d78e21a4ff', '10.8.25.15'])(
    'is not found in %s',
    (text) => {
      expect(readHardwareAddress(text)).toBeUndefined();
    },
  );
});
