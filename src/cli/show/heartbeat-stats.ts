import type { HeartbeatStats } from '#proto/heartbeat/index.ts';
import type { StatsGroup } from './stats.ts';

/** The path management messages of an LMA or MAG, in the order in which other gateways list them. */
export function heartbeatGroup(stats: HeartbeatStats): StatsGroup {
  return {
    title: 'Path management messages',
    counters: [
      ['Requests sent', stats.requestsSent],
      ['Requests sent, to verify', stats.verificationsSent],
      ['Requests unanswered', stats.requestsUnanswered],
      ['Requests received', stats.requestsReceived],
      ['Responses sent', stats.responsesSent],
      ['Responses sent, unsolicited', stats.unsolicitedSent],
      ['Responses received', stats.responsesReceived],
      ['Unsolicited received', stats.unsolicitedReceived],
      ['From unknown peer', stats.responsesFromUnknownPeer],
      ['Sequence number mismatch', stats.responsesMismatched],
      ['Without restart counter', stats.responsesWithoutCounter],
      ['Not authenticated', stats.notAuthentic],
      ['Bind error', stats.bindingErrors],
      ['Restart counter change', stats.restartsDetected],
      ['Path failures', stats.pathsFailed],
      ['Path recoveries', stats.pathsRecovered],
      ['Peers not watched', stats.peersNotWatched],
    ],
  };
}
