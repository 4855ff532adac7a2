import type {
  AaaConfiguration,
  DynamicAuthorizationConfiguration,
  MethodList,
  ServerGroupConfiguration,
} from '../aaa.ts';
import { choice, integer, ipAddress, minutesBetween, name } from '../arguments.ts';
import { type AnyCommand, type Complaint, type Context, optional } from '../command.ts';
import { methodList } from '../list-arguments.ts';
import type { Configuration } from '../model.ts';
import { notDefined } from '../references.ts';
import { part, Rows, within } from '../rows.ts';
import { secret } from '../secret-argument.ts';
import { type7Complaint } from './secrets.ts';

const rows = new Rows<AaaConfiguration>();

export const aaaCommands: AnyCommand[] = [
  rows.flag({ syntax: ['aaa', 'new-model'], help: 'Switch AAA on', field: 'newModel' }),
  rows.entry({
    syntax: ['aaa', 'group', 'server', 'radius', name('Name of the group')],
    help: 'Describe a group of RADIUS servers',
    list: 'serverGroups',
    create: (group) => ({ name: group, servers: [], named: [] }),
    values: (group) => [group.name],
    opens: 'server-group',
  }),
  rows.entry({
    syntax: ['aaa', 'authentication', 'login', name('Name of the list, or default'), methodList('Method')],
    help: 'Choose how operators are authenticated',
    list: 'loginMethods',
    create: (list, methods) => ({ name: list, methods }),
    values: (list) => [list.name, list.methods],
    review: (aaa, context, _name, methods) => {
      const undefinedOne = undefinedGroup(context, methods);
      if (undefinedOne) return undefinedOne;
      if (!aaa.newModel) return { message: 'has no effect without "aaa new-model"' };
      return letsEverybodyIn(context, methods);
    },
  }),
  rows.entry({
    syntax: ['aaa', 'authorization', 'ipmobile', name('Name of the list, or default'), methodList('Method')],
    help: 'Choose where profiles of mobile nodes come from',
    list: 'profileMethods',
    create: (list, methods) => ({ name: list, methods }),
    values: (list) => [list.name, list.methods],
    review: (_, context, _name, methods) => undefinedGroup(context, methods),
  }),
  rows.field({
    syntax: [
      'aaa',
      'session-id',
      choice(['common', 'unique'], 'Whether authorization and accounting of a session have one identifier'),
    ],
    help: 'Choose the identifiers of AAA sessions',
    default: 'common',
    field: 'sessionId',
  }),
  rows.field({
    syntax: ['aaa', 'accounting', 'update', 'periodic', minutesBetween(1, 71_582, 'Minutes between two records')],
    help: 'Send interim accounting records of each session',
    field: 'accountingInterim',
  }),
  part<AaaConfiguration, 'dynamicAuthorization'>({
    syntax: ['aaa', 'server', 'radius', 'dynamic-author'],
    help: 'Describe who may end and change sessions by RADIUS (RFC 5176)',
    field: 'dynamicAuthorization',
    create: () => ({ clients: [] }),
    opens: 'dynamic-author',
  }),
  part<AaaConfiguration, 'accountingProxy'>({
    syntax: ['aaa', 'server', 'radius', 'proxy'],
    help: 'Describe who tells by RADIUS accounting which stations come and go',
    field: 'accountingProxy',
    create: () => ({ clients: [] }),
    opens: 'radius-proxy',
  }),
].map((row) => within(({ aaa }: Configuration) => aaa, row));

const port = integer(1, 65_535, 'UDP port');
const otherPort = integer(1, 65_535, 'UDP port');

const groupRows = new Rows<ServerGroupConfiguration>();

export const serverGroupCommands = [
  groupRows.entry({
    syntax: ['server', ipAddress('Address'), optional('auth-port', port), optional('acct-port', otherPort)],
    help: 'Add a RADIUS server to the group',
    list: 'servers',
    create: (address, authenticationPort, accountingPort) => ({
      address,
      ...(authenticationPort && { authenticationPort }),
      ...(accountingPort && { accountingPort }),
    }),
    values: (server) => [server.address, server.authenticationPort, server.accountingPort],
    review: (_, { configuration }, address) => {
      const known = configuration.aaa.radius.hosts.some((host) => String(host.address) === String(address));
      return known
        ? undefined
        : notDefined(0, `RADIUS server ${address} is not defined (radius-server host ${address} …)`);
    },
  }),
  groupRows.entry({
    syntax: ['server', 'name', name('Name of the server')],
    help: 'Add a RADIUS server that has a name to the group',
    list: 'named',
    create: (server) => ({ name: server }),
    values: (server) => [server.name],
    review: (_, { configuration }, server) =>
      configuration.aaa.radius.servers.some((each) => each.name === server)
        ? undefined
        : notDefined(0, `RADIUS server ${server} is not defined (radius server ${server})`),
  }),
];

const dynamicAuthorizationRows = new Rows<DynamicAuthorizationConfiguration>();

export const dynamicAuthorizationCommands: AnyCommand[] = [
  dynamicAuthorizationRows.entry({
    syntax: ['client', ipAddress('Address'), 'server-key', secret('Key that is shared with the client', 'line')],
    help: 'Accept Disconnect-Requests and CoA-Requests of a client',
    list: 'clients',
    create: (address, key) => ({ address, key }),
    values: (client) => [client.address, client.key],
    review: (_, { configuration }, _address, key) => type7Complaint(configuration, key, 1),
  }),
  dynamicAuthorizationRows.field({
    syntax: ['port', port],
    help: 'Set the UDP port that requests come to',
    default: '3799',
    field: 'port',
  }),
];

/** A line that guides for laboratories have must not open a node to its network. */
function letsEverybodyIn({ configuration }: Context<unknown>, methods: MethodList['methods']): Complaint | undefined {
  if (configuration.operators.vty?.transport !== 'ssh' || !methods.some(({ kind }) => kind === 'none'))
    return undefined;
  return { argument: 1, message: '"none" lets nobody in by SSH, unlike in IOS' };
}

function undefinedGroup({ configuration }: Context<unknown>, methods: MethodList['methods']): Complaint | undefined {
  const groups = methods.flatMap((method) => (method.kind === 'group' ? [method.group] : []));
  const missing = groups.find(
    (group) => group !== 'radius' && !configuration.aaa.serverGroups.some((each) => each.name === group),
  );
  return missing === undefined
    ? undefined
    : notDefined(1, `server group ${missing} is not defined (aaa group server radius ${missing})`);
}
