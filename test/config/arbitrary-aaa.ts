import fc from 'fast-check';
import { seconds } from '#base/time.ts';
import type { AaaConfiguration } from '#config/index.ts';
import {
  interfaceName,
  ipv4,
  ipv6,
  name,
  named,
  number,
  partial,
  record,
  secret,
  secs,
  text,
} from './arbitrary-values.ts';

const method = fc.oneof(
  fc.constantFrom({ kind: 'none' }, { kind: 'local' }),
  record({ kind: fc.constant('group'), group: name }),
);
const methodLists = named(record({ name, methods: fc.array(method, { minLength: 1, maxLength: 4 }) }), 'name');
const server = {
  address: fc.oneof(ipv4, ipv6),
  authenticationPort: number(1, 65_535),
  accountingPort: number(1, 65_535),
};
const messageAuthenticator = fc.constantFrom('required', 'optional');
const host = { ...server, messageAuthenticator, timeout: secs(1, 1000), retransmit: number(0, 100), key: secret };
const byAddress = { selector: (each: object) => String((each as { address: unknown }).address), maxLength: 2 };

const file = fc.stringMatching(/^\/[!-~]{1,30}$/);
const namedServer = partial(
  {
    name,
    address: partial(server, ['authenticationPort', 'accountingPort']),
    timeout: secs(1, 1000),
    retransmit: number(0, 100),
    messageAuthenticator,
    key: secret,
    tls: partial({ port: number(1, 65_535) }, ['port']),
    tlsTrusted: file,
    tlsCertificate: record({ certificate: file, key: file }),
    tlsIdentity: fc.constantFrom('radius.example.com', 'a'),
  },
  [
    'address',
    'timeout',
    'retransmit',
    'messageAuthenticator',
    'key',
    'tls',
    'tlsTrusted',
    'tlsCertificate',
    'tlsIdentity',
  ],
);

const attributes = partial(
  {
    serviceType: fc.boolean(),
    framedAddress: fc.boolean(),
    nasIdentifierInAccess: fc.boolean(),
    nasIdentifierInAccounting: fc.boolean(),
    accountingSessionInAccess: fc.boolean(),
    eventTimestampInAccess: fc.boolean(),
    eventTimestampInAccounting: fc.boolean(),
    callingStationFormat: partial(
      {
        style: fc.constantFrom('default', 'ietf', 'unformatted'),
        letters: fc.constantFrom('lower-case', 'upper-case'),
      },
      ['letters'],
    ),
    callingStationMacOnly: fc.boolean(),
  },
  ['callingStationFormat'],
);
const radius = partial(
  {
    hosts: fc.uniqueArray(
      partial(host, ['authenticationPort', 'accountingPort', 'timeout', 'retransmit', 'messageAuthenticator', 'key']),
      byAddress,
    ),
    servers: named(namedServer, 'name'),
    key: secret,
    timeout: secs(1, 1000),
    retransmit: number(0, 100),
    deadTime: number(1, 1440).map((count) => seconds(60 * count)),
    attributes,
    vendorSpecific: record({ accounting: fc.boolean(), authentication: fc.boolean() }),
  },
  ['key', 'timeout', 'retransmit', 'deadTime'],
);

const proxyInterface = partial({ name: interfaceName, port: number(0, 4_294_967_295), calledStation: text }, [
  'port',
  'calledStation',
]);
const proxyClient = fc.oneof(
  partial(
    { address: ipv4, prefixLength: number(0, 32), key: secret, interfaces: fc.array(proxyInterface, { maxLength: 1 }) },
    ['prefixLength', 'key'],
  ),
  partial({ address: ipv6, key: secret, interfaces: fc.array(proxyInterface, { maxLength: 1 }) }, ['key']),
);

export const arbitraryAaa = partial(
  {
    newModel: fc.boolean(),
    serverGroups: named(
      record({
        name,
        servers: fc.uniqueArray(partial(server, ['authenticationPort', 'accountingPort']), byAddress),
        named: named(record({ name }), 'name'),
      }),
      'name',
    ),
    loginMethods: methodLists,
    profileMethods: methodLists,
    sessionId: fc.constantFrom('common', 'unique'),
    accountingInterim: number(1, 71_582).map((count) => seconds(60 * count)),
    dynamicAuthorization: partial(
      { port: number(1, 65_535), clients: fc.uniqueArray(record({ address: server.address, key: secret }), byAddress) },
      ['port'],
    ),
    accountingProxy: partial(
      { accountingPort: number(1, 65_535), key: secret, clients: fc.uniqueArray(proxyClient, byAddress) },
      ['accountingPort', 'key'],
    ),
    radius,
  },
  ['sessionId', 'accountingInterim', 'dynamicAuthorization', 'accountingProxy'],
) as unknown as fc.Arbitrary<AaaConfiguration>;
