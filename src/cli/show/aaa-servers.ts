import type { AaaServersView } from '#daemon/aaa/aaa-servers-view.ts';
import { field, text } from './layout.ts';

/** `show aaa servers`: in the order in which they are asked. */
export function renderAaaServers({ servers, waiting, stats, accounting }: AaaServersView): string {
  return text([
    ...(servers.length === 0 ? ['No RADIUS server is configured', ''] : []),
    ...servers.flatMap((server, i) => [
      `RADIUS: id ${i + 1}, priority ${i + 1}, host ${server.address}, auth-port ${server.authenticationPort}, acct-port ${server.accountingPort}`,
      field('State', server.state.toUpperCase()),
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
  ]);
}
