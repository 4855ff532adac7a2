import { Ipv4Address } from '#base/ipv4-address.ts';
import type { Ipv6Address } from '#base/ipv6-address.ts';
import type { RadiusNamedServerConfiguration } from '../aaa.ts';
import type { Argument } from '../argument.ts';
import { choice, domainName, filePath, integer, ipv4Address, ipv6Address, secondsBetween } from '../arguments.ts';
import { type AnyCommand, optional } from '../command.ts';
import { Rows } from '../rows.ts';
import { secret } from '../secret-argument.ts';
import { type7Complaint } from './secrets.ts';

const rows = new Rows<RadiusNamedServerConfiguration>();
const port = integer(1, 65_535, 'UDP port');
const otherPort = integer(1, 65_535, 'UDP port');

/** Files stand where IOS has trustpoints: certificates are renewed by others here, and read at each connection. */
export const namedRadiusServerCommands: AnyCommand[] = [
  addressCommand('ipv4', ipv4Address('Address'), true),
  addressCommand('ipv6', ipv6Address('Address'), false),
  rows.field({
    syntax: ['timeout', secondsBetween(1, 1000, 'Seconds to wait for an answer')],
    help: 'Set how long an answer is waited for',
    field: 'timeout',
  }),
  rows.field({
    syntax: ['retransmit', integer(0, 100, 'Retransmissions')],
    help: 'Set how often a request is sent again',
    field: 'retransmit',
  }),
  rows.field({
    syntax: [
      'message-authenticator',
      choice(['required', 'optional'], 'Whether answers must have a Message-Authenticator'),
    ],
    help: 'Set whether answers without a Message-Authenticator are discarded',
    default: 'required',
    field: 'messageAuthenticator',
    review: ({ tls }) =>
      tls ? { message: 'is not used: over TLS the connection protects the answers (RFC 6614)' } : undefined,
  }),
  rows.field({
    syntax: ['key', secret('Key that is shared with the server', 'line')],
    help: 'Set the key that is shared with the server',
    field: 'key',
    review: (server, { configuration }, key) =>
      server.tls
        ? { message: 'is not used: over TLS the key is "radsec" for everybody (RFC 6614)' }
        : type7Complaint(configuration, key, 0),
  }),
  rows.command({
    syntax: ['tls', optional('port', integer(1, 65_535, 'TCP port'))],
    help: 'Reach the server over TLS (RFC 6614)',
    default: 'off; alone, TCP port 2083',
    set: (server, tlsPort) => {
      server.tls = tlsPort === undefined ? {} : { port: tlsPort };
    },
    unset: (server) => {
      delete server.tls;
    },
    stored: ({ tls }) => (tls ? [tls.port === undefined ? [] : [tls.port]] : []),
    review: ({ tlsCertificate }) =>
      tlsCertificate
        ? undefined
        : { message: 'has no certificate of our own, which servers ask for; add "tls certificate FILE key FILE"' },
  }),
  rows.field({
    syntax: ['tls', 'ca-certificate', filePath('File of PEM certificates')],
    help: "Set the certificates that sign the server's",
    default: 'those of the system',
    field: 'tlsTrusted',
  }),
  rows.command({
    syntax: ['tls', 'certificate', filePath('File of PEM certificates'), 'key', filePath('File of the PEM key')],
    help: 'Set our certificate and its key',
    set: (server, certificate, key) => {
      server.tlsCertificate = { certificate, key };
    },
    unset: (server) => {
      delete server.tlsCertificate;
    },
    stored: ({ tlsCertificate: held }) => (held ? [[held.certificate, held.key]] : []),
  }),
  rows.field({
    syntax: ['tls', 'match-server-identity', 'hostname', domainName("Name in the server's certificate")],
    help: "Set the name that the server's certificate must have",
    default: 'its address',
    field: 'tlsIdentity',
  }),
];

/** A server has one address, of either family. */
function addressCommand<Address extends Ipv4Address | Ipv6Address>(
  family: 'ipv4' | 'ipv6',
  address: Argument<Address>,
  isIpv4: boolean,
): AnyCommand {
  return rows.command({
    syntax: ['address', family, address, optional('auth-port', port), optional('acct-port', otherPort)],
    help: `Set the IPv${isIpv4 ? 4 : 6} address of the server`,
    set: (server, given, authenticationPort, accountingPort) => {
      server.address = {
        address: given,
        ...(authenticationPort && { authenticationPort }),
        ...(accountingPort && { accountingPort }),
      };
    },
    unset: (server) => {
      if (server.address?.address instanceof Ipv4Address === isIpv4) delete server.address;
    },
    stored: ({ address: held }) => {
      if (!held || held.address instanceof Ipv4Address !== isIpv4) return [];
      return [[held.address as Address, held.authenticationPort, held.accountingPort]];
    },
  });
}
