import type { MessageCounts, PeerMessagesRow } from '#proto/peer-messages.ts';
import { text } from './layout.ts';
import { type StatsGroup, statsLines } from './stats.ts';

/** One node of `show ipv6 mobile pmipv6 lma stats mag NAME` and `… mag stats lma NAME`; plain JSON. */
export interface PeerStatsView {
  readonly domain: string;
  readonly name: string;
  readonly peers: readonly PeerStatsRow[];
}

export interface PeerStatsRow extends PeerMessagesRow {
  /** Bindings whose tunnel leads to this address now. */
  readonly bindings: number;
}

/** The fields of IOS XR's `mag-statistics`, in the lines of the other counters. */
export function renderPeerStats(kind: 'LMA' | 'Mag', views: readonly PeerStatsView[]): string {
  return text(
    views.flatMap(({ domain, name, peers }) => [
      ...statsLines(
        [`Domain : ${domain}`, `${kind} Identifier : ${name}`, `Total number of peers: ${peers.length}`],
        [],
      ),
      ...peers.flatMap(({ peer, address, bindings, received, sent }) =>
        statsLines(
          [`Peer : ${peer}`, `Address : ${address}`],
          [
            { title: 'Bindings', counters: [['Bindings', bindings]] },
            ...groups('received', received),
            ...groups('sent', sent),
          ],
        ),
      ),
    ]),
  );
}

function groups(way: string, counts: MessageCounts): StatsGroup[] {
  return Object.entries(counts).map(([message, { total, by }]) => ({
    title: `${message} ${way}`,
    counters: [
      [message, total],
      ['', by],
    ],
  }));
}
