import { Ipv4Address } from '#base/ipv4-address.ts';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { choice, filePath, integer, ipAddress, name } from '../arguments.ts';
import type { AnyCommand, Complaint } from '../command.ts';
import {
  DEFAULT_HTTP_CONNECTIONS,
  DEFAULT_HTTP_PORT,
  DEFAULT_HTTP_RATE,
  DEFAULT_HTTPS_PORT,
  type HttpConfiguration,
  type OperatorsConfiguration,
} from '../operators.ts';
import { password } from '../password.ts';
import { Rows, within } from '../rows.ts';

const rows = new Rows<HttpConfiguration>();
/** Each is compared with what a client gives. */
const TOKEN_MAXIMUM = 32;

/** The HTTP API, with IOS's words where it has any. */
export const httpCommands: AnyCommand[] = [
  rows.command({
    syntax: ['ip', 'http', 'server'],
    help: 'Serve the HTTP API and the dashboard',
    set: (http) => {
      http.server = true;
    },
    unset: (http) => {
      http.server = false;
    },
    stored: ({ server }) => (server ? [[]] : []),
    review: reviewPlain,
  }),
  rows.field({
    syntax: ['ip', 'http', 'port', integer(1, 65_535, 'TCP port')],
    help: 'Choose the port of the HTTP API',
    default: String(DEFAULT_HTTP_PORT),
    field: 'port',
  }),
  rows.command({
    syntax: ['ip', 'http', 'secure-server'],
    help: 'Serve the HTTP API and the dashboard with TLS',
    set: (http) => {
      http.secureServer = true;
    },
    unset: (http) => {
      http.secureServer = false;
    },
    stored: ({ secureServer }) => (secureServer ? [[]] : []),
    review: ({ certificate, key }): Complaint | undefined =>
      certificate === undefined || key === undefined
        ? {
            message:
              'it is not served before "ip http secure-certificate FILE" and "ip http secure-key FILE" are there',
          }
        : undefined,
  }),
  rows.field({
    syntax: ['ip', 'http', 'secure-port', integer(1, 65_535, 'TCP port')],
    help: 'Choose the port of the HTTP API with TLS',
    default: String(DEFAULT_HTTPS_PORT),
    field: 'securePort',
  }),
  rows.field({
    syntax: ['ip', 'http', 'secure-certificate', filePath('PEM file')],
    help: 'Name the file of the certificate, with those that lead to its authority',
    field: 'certificate',
  }),
  rows.field({
    syntax: ['ip', 'http', 'secure-key', filePath('PEM file')],
    help: 'Name the file of the private key of the certificate',
    field: 'key',
  }),
  rows.entry({
    syntax: ['ip', 'http', 'address', ipAddress('Address of this node')],
    help: 'Serve the HTTP API at this address too, beside the loopback addresses',
    list: 'addresses',
    create: (address) => ({ address }),
    values: ({ address }) => [address],
    refuse: (_, address) => (address.isMulticast ? { argument: 0, message: 'is the address of a group' } : undefined),
  }),
  rows.field({
    syntax: ['ip', 'http', 'authentication', choice(['loopback', 'token'], 'Who needs no token to look')],
    help: 'Say whether programs on this machine may look without a token',
    default: 'loopback',
    field: 'authentication',
  }),
  rows.entry({
    syntax: [
      'ip',
      'http',
      'token',
      name('Name of the token', 64),
      'role',
      choice(['read-only', 'read-write'], 'What it lets do'),
      'secret',
      password('Token'),
    ],
    help: 'Let a client in with a token, which is kept as a hash',
    list: 'tokens',
    create: (token, role, secret) => ({ name: token, role, secret }),
    values: ({ name: token, role, secret }) => [token, role, secret],
    refuse: ({ tokens }, token) =>
      tokens.length >= TOKEN_MAXIMUM && !tokens.some((one) => one.name === token)
        ? { argument: 0, message: `is one more than the ${TOKEN_MAXIMUM} tokens that there can be` }
        : undefined,
  }),
  rows.field({
    syntax: ['ip', 'http', 'max-connections', integer(1, 1000, 'Connections')],
    help: 'Set how many connections there may be at once',
    default: String(DEFAULT_HTTP_CONNECTIONS),
    field: 'maxConnections',
  }),
  rows.field({
    syntax: ['ip', 'http', 'rate-limit', integer(1, 10_000, 'Requests a second')],
    help: 'Set how many requests a second one client may make',
    default: String(DEFAULT_HTTP_RATE),
    field: 'rateLimit',
  }),
].map((row) => within(({ http }: OperatorsConfiguration) => http, row));

/** Tokens must not pass as they are where others can listen. */
function reviewPlain({ addresses }: HttpConfiguration): Complaint | undefined {
  const exposed = addresses.filter(({ address }) => !isLoopback(address));
  if (exposed.length === 0) return undefined;
  const where = exposed.map(({ address }) => address).join(', ');
  return { message: `tokens can be read on the way to ${where}: "ip http secure-server" is the way with TLS` };
}

function isLoopback(address: Ipv4Address | Ipv6Address): boolean {
  return address instanceof Ipv4Address ? address.word >>> 24 === 127 : address.equals(LOOPBACK);
}

const LOOPBACK = Ipv6Address.parse('::1') as Ipv6Address;
