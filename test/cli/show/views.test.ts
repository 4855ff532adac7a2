import { expect, test } from 'vitest';
import { renderShow, type ShowQuery } from '#cli/show/index.ts';
import { magBinding } from './fixtures.ts';

const traffic = { up: { packets: 3, octets: 300 }, down: { packets: 4, octets: 400 } };
const tunnel = {
  peer: 'M1',
  source: '10.8.24.101',
  destination: '10.8.25.15',
  encapsulation: 'GRE in IPV4',
  greKeys: { upstream: 100, downstream: 1 },
  nat: null,
  mtu: 1452,
  bindings: 2,
  forwarded: 2,
  withoutBinding: 0,
  ...traffic,
};

/** What the daemon answers, by query: the JSON form of each command. */
const RESULTS: Partial<Record<ShowQuery, unknown>> = {
  'lma-binding-count': { bindings: 7 },
  version: { mooring: '1.2.3', node: 'v24.0.0', kernel: '6.1.0', pid: 7, uptimeSeconds: 694_861 },
  'lma-peer-stats': [{ domain: 'D1', name: 'lma1', peers: [peerStats()] }],
  'mag-peer-stats': [{ domain: 'D1', name: 'M1', peers: [] }],
  'lma-tunnel': [
    {
      domain: 'D1',
      name: 'lma1',
      tunnels: [
        tunnel,
        {
          ...tunnel,
          peer: 'M2',
          greKeys: 'per binding',
          nat: { port: 40123, moves: 1 },
          forwarded: 1,
          withoutBinding: 1,
        },
      ],
    },
  ],
  'mag-tunnel': [{ domain: 'D1', name: 'M1', tunnels: [{ ...tunnel, peer: 'lma1', greKeys: null }] }],
  'client-detail': {
    mac: '00:23:c2:db:29:2d',
    interface: 'Management',
    accessPoint: '/run/hostapd/wlan0',
    nai: '0023.c2db.292d@ciscotacbangalore.com',
    state: 'ACTIVE',
    hoa: '192.168.5.44',
    hnps: ['2001:db8:f00d::/64'],
    lma: 'LMA1',
  },
  'dhcp-binding': [
    {
      address: '192.0.2.1',
      mac: '0024.d78e.21a4',
      nai: 'mn0@example.com',
      expires: '2026-11-05T13:53:00.000Z',
      state: 'active',
      interface: 'GigabitEthernet0/1/0.3074',
    },
    {
      address: '192.0.2.2',
      mac: '0024.d78e.21a5',
      nai: '0024.d78e.21a5',
      expires: '2026-11-26T00:05:00.000Z',
      state: 'selecting',
      interface: 'acc2',
    },
  ],
  'dhcp-proxy': [
    { interface: 'GigabitEthernet0/1', mode: 'server', servers: [], address: null },
    { interface: 'acc2', mode: 'relay', servers: ['198.51.100.1', '198.51.100.2'], address: '10.8.25.15' },
  ],
  'access-lists': [
    {
      name: 'acl1',
      rules: [
        { sequence: 10, text: 'deny ip host 10.2.2.2 any', matches: 5 },
        { sequence: 20, text: 'permit ip any any', matches: 1 },
        { sequence: 30, text: 'deny tcp any any eq www', matches: 0 },
      ],
    },
  ],
  'route-map': [
    {
      mag: 'M1',
      nai: 'mn0@example.com',
      interface: 'GigabitEthernet0/1/0.3074',
      addresses: ['192.0.2.1', '2001:db8:f00d::/64'],
      lma: 'lma1',
      encapsulation: 'IPV6_IN_IPV6',
      source: '2001:db8:cafe:1025::15',
      destination: '2001:db8:cafe:1024::101',
      matched: traffic.up,
    },
  ],
  'ipv4-pool': [
    { name: 'v4pool', begin: '192.0.2.1', end: '192.0.2.253', free: 252, inUse: 1, networks: ['lma1/network1'] },
  ],
  'ipv6-pool': [
    { name: 'v6pool', prefix: '2001:db8:f00d::/48', assignedLength: 64, free: 65535, inUse: 1, networks: [] },
  ],
  'ipv6-interface': interfaces(),
  'interface-summary': interfaces(),
  'route-summary': {
    routes: [
      { destination: '0.0.0.0/0', gateway: '10.8.24.8', interface: 'core' },
      { destination: '10.8.24.0/24', gateway: null, interface: 'core' },
      { destination: '2001:db8:cafe::/48', gateway: '2001:db8:cafe:1024::8', interface: 'core' },
    ],
    ours: 2,
  },
};

function interfaces() {
  const access = {
    name: 'GigabitEthernet0/1/0.3074',
    linuxName: 'acc',
    description: '=> Connected to access network',
    role: 'access',
    up: true,
    running: false,
    mtu: 1500,
    mac: '0000.5e00.5213',
    vlan: 3074,
    ipv4: ['10.8.22.15/24'],
    ipv6: ['fe80::200:5eff:fe00:5213/64'],
  };
  const core = {
    ...access,
    name: 'core',
    linuxName: 'core',
    description: null,
    role: 'transport',
    running: true,
    vlan: null,
  };
  return [
    access,
    { ...core, ipv4: [], ipv6: ['2001:db8:cafe:1024::101/64', 'fe80::1/64'] },
    { ...core, name: 'GigabitEthernet9', linuxName: null, up: false, ipv4: [], ipv6: [] },
  ];
}

function peerStats() {
  const none = { total: 0, by: {} };
  const silent = { PBU: none, PBA: none, BRI: none, BRA: none, Heartbeat: none, Other: none };
  return {
    peer: 'M1',
    address: '2001:db8:cafe:1025::15',
    bindings: 2,
    received: { ...silent, PBU: { total: 3, by: { REGISTRATION: 2, 'DE-REGISTRATION': 1 } } },
    sent: { ...silent, PBA: { total: 3, by: { ACCEPTED: 2, INSUFFICIENT_RESOURCES: 1 } } },
  };
}

test.each(Object.keys(RESULTS) as ShowQuery[])('what show prints of %s', async (query) => {
  await expect(renderShow(query, RESULTS[query])).toMatchFileSnapshot(`transcripts/${query}.refout`);
});

test('show pmipv6 mag binding prints the sample of the controller', () => {
  const row = {
    ...magBinding,
    nai: '0023.c2db.292d@ciscotacbangalore.com',
    interface: 'Management',
    hoa: '192.168.5.44',
    att: 3,
    llid: '0023.c2db.292d',
    lma: 'LMA1',
    greKeyUpstream: 100,
    greKeyDownstream: 1,
  };
  expect(
    renderShow('controller-binding', [row]),
  ).toBe(`[Binding][MN]: Domain: D1, Nai: 0023.c2db.292d@ciscotacbangalore.com
[Binding][MN]: State: ACTIVE
[Binding][MN]: Interface: Management
[Binding][MN]: Hoa: 0xc0a8052c, att: 3, llid: 0023.c2db.292d
[Binding][MN][LMA]: Id: LMA1
[Binding][MN][LMA]: lifetime: 3600
[Binding][MN][GREKEY]: Upstream: 100, Downstream: 1
`);
});
