import fc from 'fast-check';
import { seconds } from '#base/time.ts';
import { LOG_FACILITIES, LOG_SEVERITIES } from '#config/index.ts';
import { ipv4, ipv6, name, named, number, partial, secs, shortName } from './arbitrary-values.ts';

const digits = (length: number) => fc.stringMatching(new RegExp(`^[./0-9A-Za-z]{${length}}$`));
const hash = fc
  .tuple(fc.constantFrom(8, 9), digits(14), digits(43))
  .map(([type, salt, key]) => ({ type, text: `$${type}$${salt}$${key}` }));
const password = fc.oneof(
  name.map((text) => ({ type: 0, text })),
  hash,
);
const idleTimeout = fc.tuple(number(0, 35_791), number(0, 59)).map(([minutes, more]) => seconds(60 * minutes + more));

const filePath = fc.stringMatching(/^\/[!-~]{1,20}$/);
const http = partial(
  {
    server: fc.boolean(),
    port: number(1, 65_535),
    secureServer: fc.boolean(),
    securePort: number(1, 65_535),
    certificate: filePath,
    key: filePath,
    addresses: fc.uniqueArray(
      fc
        .oneof(ipv4, ipv6)
        .filter(({ isMulticast }) => !isMulticast)
        .map((address) => ({ address })),
      { selector: ({ address }) => `${address}`, maxLength: 3 },
    ),
    authentication: fc.constantFrom('loopback', 'token'),
    tokens: named(
      partial({ name: shortName, role: fc.constantFrom('read-only', 'read-write'), secret: password }, []),
      'name',
    ),
    maxConnections: number(1, 1000),
    rateLimit: number(1, 10_000),
  },
  ['port', 'securePort', 'certificate', 'key', 'authentication', 'maxConnections', 'rateLimit'],
);

const key = fc
  .uint8Array({ minLength: 33, maxLength: 33 })
  .map((octets) => ({ text: `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${Buffer.from(octets).toString('base64')}` }));
const pubkeyChain = partial(
  {
    users: named(
      partial(
        {
          name: shortName,
          keys: fc.uniqueArray(key, { selector: ({ text }) => text, maxLength: 3 }),
          unfinishedKey: fc.constantFrom('ssh-rsa', 'AAAAC3NzaC1lZDI1NTE5AAAAIAAB', 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB'),
        },
        ['unfinishedKey'],
      ),
      'name',
    ),
  },
  [],
);

export const arbitraryOperators = partial(
  {
    enableSecret: password,
    users: named(partial({ name: shortName, privilege: number(0, 15), secret: password }, ['privilege']), 'name'),
    ssh: partial(
      { version2: fc.boolean(), port: number(1, 65_535), timeOut: secs(1, 120), retries: number(0, 5), pubkeyChain },
      ['port', 'timeOut', 'retries', 'pubkeyChain'],
    ),
    console: partial({ idleTimeout }, ['idleTimeout']),
    vty: partial(
      {
        first: fc.constant(0),
        last: number(0, 15),
        loginLocal: fc.boolean(),
        loginList: shortName,
        transport: fc.constantFrom('none', 'ssh'),
        idleTimeout,
      },
      ['loginList', 'transport', 'idleTimeout'],
    ),
    http,
    logLevels: fc.uniqueArray(
      fc.record({
        facility: fc.constantFrom('all', ...LOG_FACILITIES),
        severity: fc.constantFrom(...LOG_SEVERITIES),
      }),
      { selector: ({ facility }) => facility, maxLength: 4 },
    ),
  },
  ['enableSecret', 'console', 'vty'],
);
