import type { AccessStats } from '#proto/access/stats.ts';
import type { HeartbeatStats } from '#proto/heartbeat/index.ts';
import type { MagStats } from '#proto/mag/stats.ts';
import { accessGroups } from './access-stats.ts';
import { heartbeatGroup } from './heartbeat-stats.ts';
import { text } from './layout.ts';
import { type StatsGroup, statsLines } from './stats.ts';

/** One MAG's row of `show ipv6 mobile pmipv6 mag stats`; plain JSON. */
export interface MagStatsRow {
  readonly domain: string;
  readonly name: string;
  /** Binding update list entries now. */
  readonly bindings: number;
  readonly stats: MagStats;
  readonly heartbeat: HeartbeatStats;
  /** Of its access links. */
  readonly access: AccessStats;
}

export function renderMagStats(rows: readonly MagStatsRow[]): string {
  return text(
    rows.flatMap(({ domain, name, bindings, stats, heartbeat, access }) =>
      statsLines(
        [`Domain : ${domain}`, `Mag Identifier : ${name}`],
        [...groups(bindings, stats), heartbeatGroup(heartbeat), ...accessGroups(access)],
      ),
    ),
  );
}

function groups(bindings: number, stats: MagStats): StatsGroup[] {
  return [
    {
      title: 'Binding update list',
      counters: [
        ['Bindings', bindings],
        ['Created', stats.bindingsCreated],
        ['Removed', stats.bindingsRemoved],
        ['Restored', stats.bindingsRestored],
        ['Expired', stats.bindingsExpired],
        ['Session time over', stats.sessionsTimedOut],
        ['Changed by AAA', stats.sessionsChanged],
        ['Displaced', stats.bindingsDisplaced],
        ['Forwarding failed', stats.forwardingFailed],
        ['Revoked', stats.bindingsRevoked],
        ['Interface moves', stats.interfaceMoves],
      ],
    },
    attachments(stats),
    {
      title: 'PBU sent',
      counters: [
        ['PBU', stats.pbuSent],
        ['Refreshes', stats.pbuRefreshSent],
        ['Refreshes after a restart', stats.pbuRefreshAfterRestart],
        ['De-registrations', stats.pbuDeregistrationSent],
        ['Retransmitted', stats.pbuRetransmitted],
        ['Delayed by the rate limit', stats.pbuDelayed],
        ['Registrations unanswered', stats.registrationsUnanswered],
        ['Registrations abandoned', stats.registrationsAbandoned],
        ['De-registrations unanswered', stats.deregistrationsUnanswered],
      ],
    },
    {
      title: 'PBA received',
      counters: [
        ['PBA', stats.pbaReceived],
        ['Accepted', stats.pbaAccepted],
        ['Rejected', stats.pbaRejected],
        ['Without P flag', stats.pbaWithoutProxyFlag],
        ['Unmatched', stats.pbaUnmatched],
        ['Echo mismatch', stats.pbaEchoMismatch],
        ['Not authentic', stats.pbaNotAuthentic],
        ['Prefix too long', stats.pbaPrefixTooLong],
        ['Without grant', stats.pbaWithoutGrant],
        ['Addresses refused', stats.addressesRefused],
      ],
    },
    ...revocations(stats),
    {
      title: 'Other messages',
      counters: [
        ['From unknown peers', stats.messagesFromUnknownPeer],
        ['Unsupported', stats.messagesUnsupported],
        ['Binding Errors sent', stats.bindingErrorsSent],
        ['Malformed', stats.messagesMalformed],
      ],
    },
  ];
}

function revocations(stats: MagStats): StatsGroup[] {
  return [
    {
      title: 'BRI received',
      counters: [
        ['BRI', stats.briReceived],
        ['Not authenticated', stats.briNotAuthentic],
        ['Replayed', stats.briReplayed],
        ['Accepted', stats.briAccepted],
        ['Rejected', stats.briRejected],
        ['Held for proof', stats.briHeld],
      ],
    },
    {
      title: 'BRI sent',
      counters: [
        ['BRI', stats.briSent],
        ['Retransmitted', stats.briRetransmitted],
        ['Given up', stats.briGivenUp],
        ['Cancelled', stats.briCancelled],
        ['BRA received', stats.braReceived],
        ['BRA unmatched', stats.braUnmatched],
        ['BRA not authenticated', stats.braNotAuthentic],
      ],
    },
  ];
}

function attachments(stats: MagStats): StatsGroup {
  return {
    title: 'Attachments',
    counters: [
      ['Seen', stats.attachedSeen],
      ['Unknown interface', stats.attachedUnknownInterface],
      ['While stopping', stats.attachedWhileStopping],
      ['Without profile', stats.attachedWithoutProfile],
      ['Denied before', stats.attachedDenied],
      ['Without LMA', stats.attachedWithoutLma],
      ['Profiles asked of AAA', stats.profilesAsked],
      ['Profiles found', stats.profilesFound],
      ['Profiles not known or not answered', stats.profilesNone],
      ['Profiles that cannot be served', stats.profilesRefused],
      ['Profiles partly without effect', stats.profilesPartlyWithoutEffect],
      ['Profiles nobody waited for', stats.profilesUnexpected],
      ['Without access point name', stats.attachedWithoutApn],
      ['Maximum reached', stats.attachedOverMaximum],
      ['Presence asked', stats.presenceAsked],
    ],
  };
}
