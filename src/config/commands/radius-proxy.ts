import { Ipv4Address } from '#base/ipv4-address.ts';
import type { AccountingClientConfiguration, AccountingProxyConfiguration } from '../aaa.ts';
import { integer, ipAddress, netmask, restOfLine } from '../arguments.ts';
import { type AnyCommand, optional } from '../command.ts';
import { interfaceName } from '../interface-name.ts';
import { notDefined } from '../references.ts';
import { Rows } from '../rows.ts';
import { secret } from '../secret-argument.ts';
import { type7Complaint } from './secrets.ts';

const rows = new Rows<AccountingProxyConfiguration>();
const clientRows = new Rows<AccountingClientConfiguration>();

export const radiusProxyCommands: AnyCommand[] = [
  rows.field({
    syntax: ['accounting', 'port', integer(1, 65_535, 'UDP port')],
    help: 'Set the UDP port that accounting comes to',
    default: '1813',
    field: 'accountingPort',
  }),
  rows.field({
    syntax: ['key', secret('Key that is shared with clients that have none of their own', 'line')],
    help: 'Set the key of clients that have none of their own',
    field: 'key',
    review: (_, { configuration }, key) => type7Complaint(configuration, key, 0),
  }),
  rows.entry({
    syntax: ['client', ipAddress('Address'), optional(netmask('Netmask, where it is a network'))],
    help: 'Take the accounting of an access point, a controller or a network of them',
    list: 'clients',
    create: (address, prefixLength) => ({
      address,
      ...(prefixLength !== undefined && { prefixLength }),
      interfaces: [],
    }),
    refuse: (_, address, prefixLength) =>
      prefixLength !== undefined && !(address instanceof Ipv4Address)
        ? { argument: 1, message: 'is for an IPv4 network alone' }
        : undefined,
    values: ({ address, prefixLength }) => (prefixLength === undefined ? [address] : [address, prefixLength]),
    opens: 'radius-proxy-client',
  }),
];

export const radiusProxyClientCommands: AnyCommand[] = [
  clientRows.field({
    syntax: ['key', secret('Key that is shared with the client', 'line')],
    help: 'Set the key that is shared with the client',
    field: 'key',
    review: (_, { configuration }, key) => type7Complaint(configuration, key, 0),
  }),
  clientRows.entry({
    syntax: [
      'interface',
      interfaceName,
      optional('nas-port', integer(0, 4_294_967_295, 'NAS-Port')),
      optional('called-station-id', restOfLine('Called-Station-Id, or the address or the SSID in it')),
    ],
    help: 'Say which access interface the stations are behind',
    list: 'interfaces',
    keys: 3,
    create: (name, port, calledStation) => ({
      name,
      ...(port !== undefined && { port }),
      ...(calledStation !== undefined && { calledStation }),
    }),
    values: ({ name, port, calledStation }) => [name, port, calledStation],
    review: (_, { configuration }, name) =>
      configuration.mags.some(({ interfaces }) => interfaces.some((each) => each.name === name))
        ? undefined
        : notDefined(
            0,
            `no MAG has access interface ${name} (ipv6 mobile pmipv6-mag NAME domain DOMAIN, interface ${name})`,
          ),
  }),
];
