import type { LmaBindingRow } from '#proto/lma/snapshot.ts';
import type { MagBindingRow } from '#proto/mag/snapshot.ts';

export const magBinding: MagBindingRow = {
  domain: 'D1',
  nai: '0024.d78e.21a4',
  state: 'ACTIVE',
  interface: 'GigabitEthernet0/1/0.3074',
  hoa: '192.0.2.1',
  hoaPrefixLength: 24,
  defaultRouter: '192.0.2.254',
  att: 4,
  llid: '0024.d78e.21a4',
  hnps: [],
  apn: 'example_A.com',
  lma: 'lma1',
  lmaAddress: '2001:db8:cafe:1024::101',
  path: null,
  lifetime: 3600,
  lifetimeRemaining: 3599,
  refreshRemaining: 299,
  encapsulation: 'IPV6_IN_IPV6',
  transport: 'ipv6',
  greKeyUpstream: 8,
  greKeyDownstream: 8,
};

export const lmaBinding: LmaBindingRow = {
  id: '1',
  domain: 'D1',
  customer: 0,
  nai: '0024.d78e.21a4',
  state: 'active',
  llid: '0024.d78e.21a4',
  att: 4,
  apn: 'example_A.com',
  peer: 'M1',
  hoa: '192.0.2.1',
  hoaPrefixLength: 24,
  defaultRouter: '192.0.2.254',
  hnps: ['2001:db8:f00d:1::/64'],
  lifetime: 3600,
  lifetimeRemaining: 3598,
  registeredAt: 0,
  careOfAddresses: [
    {
      peer: 'M1',
      address: '2001:db8:cafe:1025::15',
      local: '2001:db8:cafe:1024::101',
      encapsulation: 'ipv6',
      path: null,
    },
  ],
};
