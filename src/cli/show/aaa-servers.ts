import type { AaaServersView, AccountingProxyView, DynamicAuthorizationView } from '#daemon/aaa/aaa-servers-view.ts';
import { field, text } from './layout.ts';

/** `show aaa servers`: in the order in which they are asked. */
export function renderAaaServers({
  servers,
  waiting,
  stats,
  accounting,
  dynamicAuthorization,
  accountingProxy,
}: AaaServersView): string {
  return text([
    ...(servers.length === 0 ? ['No RADIUS server is configured', ''] : []),
    ...servers.flatMap((server, i) => [
      `RADIUS: id ${i + 1}, priority ${i + 1}, host ${server.address}, auth-port ${server.authenticationPort}, acct-port ${server.accountingPort}`,
      field('State', server.state.toUpperCase()),
      ...(server.tls
        ? [field('TLS connection', [server.tls.state.toUpperCase(), server.tls.reason ?? []].flat().join(', '))]
        : []),
      field('Requests waiting', server.waiting),
      '',
    ]),
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
    ...(dynamicAuthorization ? dynamicAuthorizationLines(dynamicAuthorization) : []),
    ...(accountingProxy ? accountingProxyLines(accountingProxy) : []),
  ]);
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
