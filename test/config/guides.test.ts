import { describe, expect, test } from 'vitest';
import { Ipv4Address, Ipv4Prefix } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { MacAddress } from '#base/mac-address.ts';
import { seconds } from '#base/time.ts';
import { parseConfiguration, printConfiguration } from '#config/index.ts';
import * as deployment from './deployment-guide-texts.ts';
import * as guide from './guide-texts.ts';
import { read } from './read.ts';

const ipv6 = (text: string) => Ipv6Address.parse(text) as Ipv6Address;

describe('configurations of the guides', () => {
  test.each(Object.entries({ ...deployment, ...guide }))('%s has no error, and survives printing', (_name, text) => {
    const { configuration, diagnostics } = parseConfiguration(text);
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(read(printConfiguration(configuration))).toEqual(configuration);
  });

  test('profiles written below lma belong to the domain', () => {
    const [domain] = read(deployment.magDefaultProfile).domains;
    expect(domain?.lmas).toEqual([{ name: 'lma1', ipv6Address: ipv6('2001:db8:cafe:1024::101') }]);
    expect(domain?.profiles).toEqual([
      { nai: 'default_subscriber_profile_A', apn: 'example_A.com', lma: 'lma1', multihomed: false },
      { nai: 'default_subscriber_profile_B', apn: 'example_B.com', lma: 'lma1', multihomed: false },
    ]);
    expect(domain?.replayProtection).toEqual({ timestamp: true, window: seconds(200) });
  });

  test('interface is the MAG’s inside its block and the global one after a separator', () => {
    const { mags, interfaces, dhcpPools, ipv6UnicastRouting } = read(deployment.magDefaultProfile);
    expect(mags).toEqual([
      {
        name: 'M1',
        domain: 'D1',
        role: '3gpp',
        ipv6Address: ipv6('2001:db8:cafe:1025::15'),
        detection: { pollInterval: seconds(3600), timeout: seconds(10), retries: 10 },
        interfaces: [
          { name: 'GigabitEthernet0/1/0.4001', defaultProfile: 'default_subscriber_profile_B', accessPoints: [] },
          { name: 'GigabitEthernet0/1/0.3074', defaultProfile: 'default_subscriber_profile_A', accessPoints: [] },
        ],
        localRouting: false,
        sessionManager: false,
        bri: {},
        generateGreKey: false,
        multipath: false,
        lmas: [],
      },
    ]);
    expect(interfaces[0]).toEqual({
      helperAddresses: [],
      name: 'GigabitEthernet0/1/0.3074',
      description: '=> Connected to access network',
      vlan: 3074,
      ipv4Address: new Ipv4Prefix(new Ipv4Address(0x0a08160f), 24),
      ipv6Addresses: [],
    });
    expect(interfaces).toHaveLength(2);
    expect(dhcpPools).toEqual([{ name: 'pmipv6_dummy_pool', dnsServers: [] }]);
    expect(ipv6UnicastRouting).toBe(true);
  });

  test('a local profile is bound to the hardware address of the mobile node', () => {
    const [domain] = read(deployment.magLocalProfile).domains;
    expect(domain?.profiles).toEqual([
      {
        nai: 'mn0@example.com',
        apn: 'example.com',
        lma: 'lma1',
        interface: { accessTechnology: 'wlan', mac: MacAddress.parse('0024.d78e.21a4') },
        multihomed: false,
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
      interfaces: [{ name: 'GigabitEthernet0/0/0', accessPoints: [] }],
    });
  });
});

describe('commands that the guides show only in their steps', () => {
  const lma = (...lines: string[]) => read(['ipv6 mobile pmipv6-lma lma1 domain dn1', ...lines].join('\n')).lmas[0];
  const mag = (...lines: string[]) => read(['ipv6 mobile pmipv6-mag mag1 domain dn1', ...lines].join('\n')).mags[0];

  test('of an LMA', () => {
    expect(
      lma(
        'enable aaa accounting',
        'network network1',
        'pool ipv6 v6pool pxlen 24',
        'mobile-network v6pool 2001:DB8::1 pool-prefix 48 network-prefix 56',
        'mobile-network v4pool 10.0.0.1 pool-prefix 24 network-prefix 30',
        'mobile-network pool 2001:DB8:1::1 pool-prefix 48 network-prefix 56',
        'exit',
        'bce refresh-time 2000',
        'bri delay max 4500',
        'mag mag3 dn1',
        'auth-option spi decimal 258 key hex FFFFF',
        'ipv4-address 192.0.2.254',
        'encap gre-ipv4',
      ),
    ).toMatchObject({
      accounting: true,
      refreshTime: seconds(2000),
      bri: { maximumDelay: 4500 },
      networks: [
        {
          name: 'network1',
          ipv6Pool: { pool: 'v6pool', prefixLength: 24 },
          ipv4MobileNetworks: [{ poolLength: 24, networkLength: 30 }],
          ipv6MobileNetworks: [{ address: ipv6('2001:db8::1') }, { address: ipv6('2001:db8:1::1') }],
        },
      ],
      mags: [{ name: 'mag3', domain: 'dn1', authentication: { spi: 258, key: { format: 'hex', text: 'FFFFF' } } }],
    });
  });

  test('of a MAG', () => {
    expect(
      mag(
        'generate grekey',
        'sessionmgr',
        'bce maximum 200',
        'discover-mn-detach 100 10',
        'tunnel acl acl1',
        'lma lma3 dn1',
        'vrfid vrf1',
      ),
    ).toMatchObject({
      generateGreKey: true,
      sessionManager: true,
      bindingMaximum: 200,
      detection: { pollInterval: seconds(100), timeout: seconds(10), retries: 3 },
      tunnelAccessList: 'acl1',
      lmas: [{ name: 'lma3', domain: 'dn1', vrf: 'vrf1' }],
    });
  });

  test('of a domain and of a node', () => {
    const text = `vrf definition vrf1
exit
ipv6 mobile pmipv6-domain dn1 terminal
service password-encryption
encaps udptunnel
fixed-link-local-address FE80::CE00:BFF:FEFC:0
fixed-link-layer-address aaaa.bbbb.cccc
nai example1@example.com
multihomed`;
    expect(read(text)).toMatchObject({
      vrfs: [{ name: 'vrf1' }],
      passwordEncryption: true,
      domains: [{ name: 'dn1', encapsulation: 'udptunnel', profiles: [{ multihomed: true }] }],
    });
  });
});
