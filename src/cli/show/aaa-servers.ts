import type {
  AaaServersView,
  AccountingProxyView,
  DynamicAuthorizationView,
  LoginsView,
} from '#daemon/aaa/aaa-servers-view.ts';
import { field, text } from './layout.ts';

/** `show aaa servers`: in the order in which they are asked. */
export function renderAaaServers({
  servers,
  waiting,
  stats,
  accounting,
  logins,
  dynamicAuthorization,
  accountingProxy,
}: AaaServersView): string {
  return text([
    ...(servers.length === 0 ? ['No RADIUS server is configured', ''] : []),
    ...serverLines(servers),
    'Requests of all servers',
    field('Requests', stats.requests),
    field('Waiting', waiting),
    field('Accepts', stats.accepts),
    field('Rejects', stats.rejects),
    field('Challenges', stats.challenges),
    field('Accounting responses', stats.responses),
    field('Retransmissions', stats.retransmissions),
    field('Timeouts', stats.timeouts),
    field('Failovers', stats.failovers),
    field('Not answered', stats.noAnswer),
    field('Refused, too many waiting', stats.overloads),
    field('Servers given up', stats.serversDied),
    field('Servers back', stats.serversRevived),
    'Answers dropped',
    field('Malformed', stats.malformed),
    field('Wrong authenticator', stats.badAuthenticators),
    field('No Message-Authenticator', stats.withoutMessageAuthenticator),
    field('Wrong code', stats.wrongCodes),
    field('Nobody waited', stats.unexpected),
    field('Of no server', stats.strangers),
    'Accounting records',
    field('Made', accounting.queued),
    field('Waiting', accounting.waiting),
    field('Acknowledged', accounting.acknowledged),
    field('Sent again', accounting.retries),
    field('Lost, too many waiting', accounting.dropped),
    field('File errors', accounting.fileErrors),
    ...loginLines(logins),
    ...(dynamicAuthorization ? dynamicAuthorizationLines(dynamicAuthorization) : []),
    ...(accountingProxy ? accountingProxyLines(accountingProxy) : []),
  ]);
}

function serverLines(servers: AaaServersView['servers']): string[] {
  return servers.flatMap((server, i) => [
    `RADIUS: id ${i + 1}, priority ${i + 1}, host ${server.address}, auth-port ${server.authenticationPort}, acct-port ${server.accountingPort}`,
    field('State', server.state.toUpperCase()),
    ...(server.tls
      ? [field('TLS connection', [server.tls.state.toUpperCase(), server.tls.reason ?? []].flat().join(', '))]
      : []),
    field('Requests waiting', server.waiting),
    '',
  ]);
}

function loginLines({ stats, groups }: LoginsView): string[] {
  return [
    'Logins of operators',
    field('Accepted by a server', stats.acceptedByServer),
    field('Accepted by password', stats.acceptedByPassword),
    field('Accepted by key', stats.acceptedByKey),
    field('Rejected by a server', stats.rejectedByServer),
    field('Rejected here', stats.rejected),
    field('No server answered', stats.unanswered),
    field('Locked out', stats.lockedOut),
    field('Too many at once', stats.tooMany),
    field('Enabled', stats.enableAccepted),
    field('Wrong enable passwords', stats.enableRejected),
    ...groups.flatMap((group) => [
      `Logins by group ${group.group}`,
      ...serverLines(group.servers),
      field('Requests', group.stats.requests),
      field('Accepts', group.stats.accepts),
      field('Rejects', group.stats.rejects),
      field('Retransmissions', group.stats.retransmissions),
      field('Not answered', group.stats.noAnswer),
      field('Wrong authenticator', group.stats.badAuthenticators),
      field('No Message-Authenticator', group.stats.withoutMessageAuthenticator),
    ]),
  ];
}

function accountingProxyLines({ port, clients, listening, stats, results }: AccountingProxyView): string[] {
  return [
    'Accounting of access points and controllers',
    field('Clients', clients.join(', ')),
    field('UDP port', port),
    field('Listening at', listening.length === 0 ? 'nothing' : listening.join(', ')),
    field('Accounting-Requests', stats.requests),
    field('Duplicates', stats.duplicates),
    field('Answered', stats.answered),
    field('Answered by a server', stats.forwarded),
    field('No server answered', stats.notForwarded),
    field('Told to the MAG', results.told),
    field('Without hardware address', results['without-station']),
    field('Without access interface', results['without-interface']),
    field('Of no station', results.other),
    'Requests dropped',
    field('Of no client', stats.strangers),
    field('Malformed', stats.malformed),
    field('Wrong code', stats.wrongCodes),
    field('Wrong authenticator', stats.badAuthenticators),
    field('Too many waiting', stats.overloads),
    field('Answers forgotten early', stats.forgotten),
  ];
}

function dynamicAuthorizationLines({ port, clients, listening, stats }: DynamicAuthorizationView): string[] {
  return [
    'Dynamic authorization',
    field('Clients', clients.join(', ')),
    field('UDP port', port),
    field('Listening at', listening.length === 0 ? 'nothing' : listening.join(', ')),
    field('Disconnect-Requests', stats.disconnectRequests),
    field('CoA-Requests', stats.coaRequests),
    field('Duplicates', stats.duplicates),
    field('Acknowledged', stats.acknowledged),
    field('Refused', stats.refused),
    'Requests dropped',
    field('Of no client', stats.strangers),
    field('Malformed', stats.malformed),
    field('Wrong code', stats.wrongCodes),
    field('Wrong authenticator', stats.badAuthenticators),
    field('Not of now', stats.stale),
    field('Answers forgotten early', stats.forgotten),
  ];
}
