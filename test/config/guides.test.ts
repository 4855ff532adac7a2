import { describe, expect, test } from 'vitest';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { seconds } from '#base/time.ts';
import { parseConfiguration, printConfiguration } from '#config/index.ts';
import * as guide from './guide-texts.ts';
import { read } from './read.ts';

const ipv6 = (text: string) => Ipv6Address.parse(text) as Ipv6Address;

describe('configurations of the guides', () => {
  test.each(Object.entries(guide))(
    '%s has no error, nothing that forbids running it, and survives printing',
    (_, text) => {
      const { configuration, diagnostics, obstacles } = parseConfiguration(text);
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(obstacles).toEqual([]);
      expect(read(printConfiguration(configuration))).toEqual(configuration);
    },
  );

  test('profiles written below lma belong to the domain', () => {
    const [domain] = read(guide.magDefaultProfile).domains;
    expect(domain?.lmas).toEqual([{ name: 'lma1', ipv6Address: ipv6('2001:db8:cafe:1024::101') }]);
    expect(domain?.profiles).toEqual([
      { nai: 'default_subscriber_profile_A', apn: 'example_A.com', lma: 'lma1' },
      { nai: 'default_subscriber_profile_B', apn: 'example_B.com', lma: 'lma1' },
    ]);
    expect(domain?.replayProtection).toEqual({ timestamp: true, window: seconds(200) });
  });

  test('interface is the MAG’s inside its block and the global one after a separator', () => {
    const { mags, interfaces, dhcpPools, ipv6UnicastRouting } = read(guide.magDefaultProfile);
    expect(mags).toEqual([
      {
        name: 'M1',
        domain: 'D1',
        role: '3gpp',
        ipv6Address: ipv6('2001:db8:cafe:1025::15'),
        detection: { pollInterval: seconds(3600), timeout: seconds(10), retries: 10 },
        interfaces: [
          { name: 'GigabitEthernet0/1/0.4001', defaultProfile: 'default_subscriber_profile_B' },
          { name: 'GigabitEthernet0/1/0.3074', defaultProfile: 'default_subscriber_profile_A' },
        ],
        localRouting: false,
        sessionManager: false,
        bri: {},
        lmas: [],
      },
    ]);
    expect(interfaces[0]).toEqual({
      name: 'GigabitEthernet0/1/0.3074',
      description: '=> Connected to access network',
      vlan: 3074,
      ipv4Address: new Ipv4Prefix(new Ipv4Address(0x0a08160f), 24),
      ipv6Addresses: [],
    });
    expect(interfaces).toHaveLength(2);
    expect(dhcpPools).toEqual([{ name: 'pmipv6_dummy_pool' }]);
    expect(ipv6UnicastRouting).toBe(true);
  });

  test('a local profile is bound to the hardware address of the mobile node', () => {
    const [domain] = read(guide.magLocalProfile).domains;
    expect(domain?.profiles).toEqual([
      {
        nai: 'mn0@example.com',
        apn: 'example.com',
        lma: 'lma1',
        interface: { accessTechnology: 'wlan', mac: MacAddress.parse('0024.d78e.21a4') },
      },
    ]);
  });

  test('after a separator the lines of an open domain still belong to it', () => {
    const { domains, lmas } = read(guide.lmaMinimum);
    expect(domains[0]?.lmas.map(({ name }) => name)).toEqual(['lma1', 'lma2']);
    expect(domains[0]?.profiles.map(({ nai, network }) => [nai, network])).toEqual([
      ['example1@example.com', 'example1'],
      ['example2@example.com', 'example1'],
    ]);
    expect(lmas[0]).toMatchObject({
      name: 'lma1',
      domain: 'D2',
      defaultProfile: 'example2@example.com',
      networks: [
        {
          name: 'example1',
          ipv4Pool: { pool: 'v4pool', prefixLength: 24 },
          ipv6Pool: { pool: 'v6pool', prefixLength: 24 },
        },
      ],
    });
  });

  test('a line that the access interface does not know is the MAG’s', () => {
    expect(read(guide.magMinimum).mags[0]).toMatchObject({
      role: '3gpp',
      apn: 'a',
      interfaces: [{ name: 'GigabitEthernet0/0/0' }],
    });
  });
});
