import type { HeartbeatStats } from '#proto/heartbeat/index.ts';
import type { LmaStats } from '#proto/lma/stats.ts';
import { heartbeatGroup } from './heartbeat-stats.ts';
import { text } from './layout.ts';
import { type StatsGroup, statsLines } from './stats.ts';

/** One LMA's row of `show ipv6 mobile pmipv6 lma stats`; plain JSON. */
export interface LmaStatsRow {
  readonly domain: string;
  readonly name: string;
  /** Binding cache entries now. */
  readonly bindings: number;
  readonly stats: LmaStats;
  readonly heartbeat: HeartbeatStats;
}

export function renderLmaStats(rows: readonly LmaStatsRow[]): string {
  return text(
    rows.flatMap(({ domain, name, bindings, stats, heartbeat }) =>
      statsLines(
        [`Domain : ${domain}`, `LMA Identifier : ${name}`],
        [...groups(bindings, stats), heartbeatGroup(heartbeat)],
      ),
    ),
  );
}

function groups(bindings: number, stats: LmaStats): StatsGroup[] {
  return [
    bindingCache(bindings, stats),
    authorization(stats),
    {
      title: 'PBU received',
      counters: [
        ['PBU', stats.pbuReceived],
        ['Discarded,', stats.pbuDiscarded],
        ['De-registrations accepted', stats.deRegistrationsAccepted],
        ['De-registrations ignored', stats.deRegistrationsIgnored],
        ['De-registrations unmatched', stats.deRegistrationsUnmatched],
        ['Stale refreshes', stats.staleRefreshes],
        ['Waits for the old MAG', stats.waitsStarted],
        ['Waits, moved', stats.waitsMoved],
        ['Waits, new session', stats.waitsUnmoved],
        ['Waits refused, queue full', stats.waitsRefused],
      ],
    },
    {
      title: 'PBA sent',
      counters: [
        ['PBA', stats.pbaSent],
        ['', stats.pbaByStatus],
      ],
    },
    {
      title: 'BRI sent',
      counters: [
        ['BRI', stats.briSent],
        ['Retransmitted', stats.briRetransmitted],
        ['Unanswered', stats.briGivenUp],
        ['Cancelled', stats.briCancelled],
        ['Not sent, queue full', stats.briNotSentQueueFull],
      ],
    },
    {
      title: 'BRA received',
      counters: [
        ['BRA', stats.braReceived],
        ['', stats.braByStatus],
        ['Unmatched', stats.braUnmatched],
        ['Not authenticated', stats.braNotAuthentic],
      ],
    },
    {
      title: 'BRI received',
      counters: [
        ['BRI', stats.briReceived],
        ['Answered,', stats.briAnswered],
        ['Bindings ended', stats.bindingsRevokedByMag],
        ['From strangers', stats.briFromStrangers],
        ['Not authenticated', stats.briNotAuthentic],
        ['Replayed', stats.briReplayed],
      ],
    },
    {
      title: 'Other messages',
      counters: [
        ['Heartbeats from strangers', stats.heartbeatsFromStrangers],
        ['Binding Errors sent', stats.bindingErrorsSent],
        ['Binding Errors suppressed', stats.bindingErrorsSuppressed],
        ['Unserved source', stats.unservedSource],
        ['Malformed,', stats.malformed],
        ['Unexpected,', stats.unexpected],
      ],
    },
  ];
}

function authorization(stats: LmaStats): StatsGroup {
  return {
    title: 'AAA authorization',
    counters: [
      ['Asked', stats.authorizationsAsked],
      ['Granted', stats.authorizationsGranted],
      ['Rejected', stats.authorizationsRejected],
      ['Not answered', stats.authorizationsUnanswered],
      ['Answers that cannot be served', stats.authorizationsUnservable],
      ['Partly without effect', stats.authorizationsPartlyWithoutEffect],
      ['Refused, too many waiting', stats.authorizationsOverMaximum],
      ['Answers nobody waited for', stats.authorizationsUnexpected],
      ['Sessions changed', stats.sessionsChanged],
    ],
  };
}

function bindingCache(bindings: number, stats: LmaStats): StatsGroup {
  return {
    title: 'Binding cache',
    counters: [
      ['Bindings', bindings],
      ['Created', stats.bindingsCreated],
      ['Refreshed', stats.bindingsRefreshed],
      ['Handoffs', stats.bindingsHandedOver],
      ['Restored', stats.bindingsRestored],
      ['Expired', stats.bindingsExpired],
      ['Lost by restarted MAGs', stats.bindingsInvalidated],
      ['Deleted', stats.bindingsDeleted],
      ['Refused, maximum reached', stats.bindingMaximumReached],
      ['Refused, interfaces of one node', stats.interfaceMaximumReached],
      ['Forwarding failed', stats.forwardingFailed],
      ['Refused, no IPv4 address', stats.ipv4PoolExhausted],
      ['Refused, no IPv6 prefix', stats.ipv6PoolExhausted],
      ['Refused, fixed address taken', stats.fixedAddressTaken],
    ],
  };
}
