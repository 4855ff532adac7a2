import type { CallingStationFormat, RadiusAttributes, RadiusConfiguration } from '../aaa.ts';
import { choice, integer, ipAddress, minutesBetween, name, secondsBetween } from '../arguments.ts';
import { type AnyCommand, optional } from '../command.ts';
import type { Configuration } from '../model.ts';
import { Rows, within } from '../rows.ts';
import { secret } from '../secret-argument.ts';
import { type7Complaint } from './secrets.ts';

const rows = new Rows<RadiusConfiguration>();
const attributeRows = new Rows<RadiusAttributes>();
const vendorRows = new Rows<RadiusConfiguration['vendorSpecific']>();

const attribute = (number: string, ...words: string[]) => ['radius-server', 'attribute', number, ...words];

const attributeCommands = [
  attributeRows.flag({
    syntax: attribute('6', 'on-for-login-auth'),
    help: 'Send Service-Type in Access-Requests',
    field: 'serviceType',
  }),
  attributeRows.flag({
    syntax: attribute('8', 'include-in-access-req'),
    help: 'Send Framed-IP-Address in Access-Requests',
    field: 'framedAddress',
  }),
  attributeRows.flag({
    syntax: attribute('32', 'include-in-access-req'),
    help: 'Send NAS-Identifier in Access-Requests',
    field: 'nasIdentifierInAccess',
  }),
  attributeRows.flag({
    syntax: attribute('32', 'include-in-accounting-req'),
    help: 'Send NAS-Identifier in Accounting-Requests',
    field: 'nasIdentifierInAccounting',
  }),
  attributeRows.flag({
    syntax: attribute('44', 'include-in-access-req'),
    help: 'Send Acct-Session-Id in Access-Requests',
    field: 'accountingSessionInAccess',
  }),
  attributeRows.flag({
    syntax: attribute('55', 'include-in-acct-req'),
    help: 'Send Event-Timestamp in Accounting-Requests',
    field: 'eventTimestampInAccounting',
  }),
  attributeRows.flag({
    syntax: attribute('55', 'access-request', 'include'),
    help: 'Send Event-Timestamp in Access-Requests',
    field: 'eventTimestampInAccess',
  }),
  attributeRows.command({
    syntax: [
      'radius-server',
      'attribute',
      '31',
      'mac',
      'format',
      choice(['default', 'ietf', 'unformatted'], 'Where separators stand'),
      optional(choice(['lower-case', 'upper-case'], 'Letters')),
    ],
    help: 'Choose how Calling-Station-Id writes a hardware address',
    set: (target, style, letters) => {
      target.callingStationFormat = { style, ...(letters && { letters }) };
    },
    unset: (target) => {
      delete target.callingStationFormat;
    },
    stored: ({ callingStationFormat: held }) => (held ? [formatValues(held)] : []),
  }),
  attributeRows.flag({
    syntax: attribute('31', 'send', 'nas-port-detail', 'mac-only'),
    help: 'Send only the hardware address in Calling-Station-Id',
    field: 'callingStationMacOnly',
  }),
].map((row) => within(({ attributes }: RadiusConfiguration) => attributes, row));

const vendorCommands = [
  vendorRows.flag({
    syntax: ['radius-server', 'vsa', 'send', 'accounting'],
    help: 'Send vendor-specific attributes in Accounting-Requests',
    field: 'accounting',
  }),
  vendorRows.flag({
    syntax: ['radius-server', 'vsa', 'send', 'authentication'],
    help: 'Send vendor-specific attributes in Access-Requests',
    field: 'authentication',
  }),
].map((row) => within(({ vendorSpecific }: RadiusConfiguration) => vendorSpecific, row));

const port = integer(1, 65_535, 'UDP port');
const otherPort = integer(1, 65_535, 'UDP port');
const timeout = secondsBetween(1, 1000, 'Seconds to wait for an answer');
const retransmit = integer(0, 100, 'Retransmissions');
const messageAuthenticator = choice(['required', 'optional'], 'Whether answers must have a Message-Authenticator');
const key = secret('Key that is shared with the server', 'line');

const serverCommands = [
  rows.field({
    syntax: ['radius-server', 'retransmit', retransmit],
    help: 'Set how often a request is sent again',
    field: 'retransmit',
  }),
  rows.field({
    syntax: ['radius-server', 'timeout', timeout],
    help: 'Set how long an answer is waited for',
    field: 'timeout',
  }),
  rows.field({
    syntax: ['radius-server', 'deadtime', minutesBetween(1, 1440, 'Minutes')],
    help: 'Set how long a server that did not answer is left alone',
    field: 'deadTime',
  }),
  rows.field({
    syntax: ['radius-server', 'key', key],
    help: 'Set the key of servers that have none of their own',
    field: 'key',
    review: (_, { configuration }, value) => type7Complaint(configuration, value, 0),
  }),
  rows.entry({
    syntax: [
      'radius-server',
      'host',
      ipAddress('Address'),
      optional('auth-port', port),
      optional('acct-port', otherPort),
      optional('timeout', timeout),
      optional('retransmit', retransmit),
      optional('message-authenticator', messageAuthenticator),
      optional('key', key),
    ],
    help: 'Describe a RADIUS server',
    list: 'hosts',
    create: (address, authenticationPort, accountingPort, timeout, retransmit, messageAuthenticator, key) => ({
      address,
      ...(authenticationPort && { authenticationPort }),
      ...(accountingPort && { accountingPort }),
      ...(timeout !== undefined && { timeout }),
      ...(retransmit !== undefined && { retransmit }),
      ...(messageAuthenticator && { messageAuthenticator }),
      ...(key && { key }),
    }),
    values: (host) => [
      host.address,
      host.authenticationPort,
      host.accountingPort,
      host.timeout,
      host.retransmit,
      host.messageAuthenticator,
      host.key,
    ],
    review: (_, { configuration }, ...values) => values[6] && type7Complaint(configuration, values[6], 6),
  }),
];

const namedServerCommand = rows.entry({
  syntax: ['radius', 'server', name('Name of the server')],
  help: 'Describe a RADIUS server that has a name',
  list: 'servers',
  create: (server) => ({ name: server }),
  values: (server) => [server.name],
  opens: 'radius-server',
});

export const radiusServerCommands: AnyCommand[] = [
  ...attributeCommands,
  ...serverCommands,
  namedServerCommand,
  ...vendorCommands,
].map((row) => within(({ aaa }: Configuration) => aaa.radius, row));

function formatValues({ style, letters }: CallingStationFormat): [typeof style, letters?: 'lower-case' | 'upper-case'] {
  return letters ? [style, letters] : [style];
}
