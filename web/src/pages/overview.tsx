import { useRef } from 'preact/hooks';
import { eventCount, eventCounts, keptEvents } from '../api/event-stream.ts';
import { type Polled, usePolled } from '../api/polled.ts';
import type { Peers, Readiness, Statistics, Tunnels } from '../api/types.ts';
import { formatBitRate, formatCount, formatMicroseconds, formatNumberOf } from '../format.ts';
import { useRate } from '../rate.ts';
import { hrefOf } from '../router.ts';
import { networkOf } from '../topology/network.ts';
import { useStations } from '../topology/stations.ts';
import { Topology } from '../topology/topology.tsx';
import { EventLines } from '../ui/event-lines.tsx';
import { Card, Page } from '../ui/page.tsx';
import { PathMark } from '../ui/path-mark.tsx';
import { Stat } from '../ui/stat.tsx';
import { Empty, Loaded } from '../ui/state.tsx';
import { Term } from '../ui/terms.tsx';

const EVENTS_SHOWN = 8;
const PEERS_SHOWN = 8;

export function OverviewPage() {
  const ready = usePolled<Readiness>('/ready', 2000, [503]);
  const peers = usePolled<Peers>('/peers', 5000);
  const tunnels = usePolled<Tunnels>('/tunnels', 2000);
  const statistics = usePolled<Statistics>('/statistics', 5000);
  return (
    <Page
      title="Overview"
      about={
        <>
          Who is attached where. The anchor (<Term name="LMA" />) gives mobile nodes their addresses; gateways (
          <Term name="MAG" />) tell it where they are.
        </>
      }
    >
      <Loaded of={ready} what="the node">
        {(node) => (
          <>
            <Problems problems={node.problems} />
            <Figures node={node} tunnels={tunnels} statistics={statistics.data} />
            <NetworkCard node={node} peers={peers.data} tunnels={tunnels.data} />
          </>
        )}
      </Loaded>
      <div class="columns">
        <PeersCard peers={peers} />
        <EventsCard />
      </div>
    </Page>
  );
}

function Problems({ problems }: { readonly problems: readonly string[] }) {
  if (problems.length === 0) return null;
  return (
    <ul class="complaint" role="alert">
      {problems.map((problem) => (
        <li key={problem}>{problem}</li>
      ))}
    </ul>
  );
}

interface FiguresProps {
  readonly node: Readiness;
  readonly tunnels: Polled<Tunnels>;
  readonly statistics: Statistics | undefined;
}

function Figures({ node, tunnels, statistics }: FiguresProps) {
  const all = tunnels.data?.items.flatMap((item) => item.tunnels);
  const sum = (direction: 'up' | 'down') => all?.reduce((octets, tunnel) => octets + tunnel[direction].octets, 0);
  const up = useRate(sum('up'), tunnels.at);
  const down = useRate(sum('down'), tunnels.at);
  const isAnchor = node.nodes.some(({ role }) => role === 'lma');
  void eventCount.value;
  const arrivals = eventCounts.ofLastMinute(isAnchor ? 'binding-handed-over' : 'session-active', Date.now());
  const cost = statistics?.costs.pbuToPba ?? statistics?.costs.attachToPbu;
  const drops = statistics && Object.values(statistics.drops).reduce((packets, more) => packets + more, 0);
  return (
    <div class="stats">
      <Stat
        label="Attached now"
        value={formatCount(node.bindings)}
        unit={node.bindings === 1 ? 'mobile node' : 'mobile nodes'}
      />
      <Stat
        label={isAnchor ? 'Handovers' : 'Arrivals'}
        hint={
          isAnchor ? 'Mobile nodes that moved to another gateway' : 'Mobile nodes that came, from elsewhere or anew'
        }
        value={formatCount(arrivals)}
        unit="last minute"
      />
      <Stat
        label="Answered in"
        hint="From a registration's arrival until its answer leaves: the middle one of all, and that of the slowest in a hundred"
        value={cost ? formatMicroseconds(cost.median) : '–'}
        unit={cost ? `1 % over ${formatMicroseconds(cost.p99)}` : 'none yet'}
      />
      <Stat
        label="Traffic up"
        hint="From mobile nodes, in the tunnels: of the last seconds"
        value={rate(up)}
        unit={`in ${formatNumberOf(all?.length ?? 0, 'tunnel')}`}
      />
      <Stat
        label="Traffic down"
        hint="To mobile nodes, in the tunnels: of the last seconds"
        value={rate(down)}
        unit={`in ${formatNumberOf(all?.length ?? 0, 'tunnel')}`}
      />
      <Stat
        label="Dropped"
        hint="Packets of mobile nodes that were not forwarded, since the counters were cleared; Peers has the reasons"
        value={drops === undefined ? '–' : formatCount(drops)}
        unit="packets"
      />
    </div>
  );
}

function rate(octetsPerSecond: number | undefined): string {
  return octetsPerSecond === undefined ? '–' : formatBitRate(8 * octetsPerSecond);
}

interface NetworkCardProps {
  readonly node: Readiness;
  readonly peers: Peers | undefined;
  readonly tunnels: Tunnels | undefined;
}

function NetworkCard({ node, peers, tunnels }: NetworkCardProps) {
  const role = node.nodes.some((one) => one.role === 'lma') ? 'lma' : 'mag';
  const stations = useStations(role);
  const seen = useRef(new Set<string>());
  const network = networkOf({ nodes: node.nodes, peers, tunnels, stations: stations.all, seen: seen.current });
  for (const { name } of network.gateways) seen.current.add(name);
  for (const { from, to } of stations.moves) seen.current.add(from).add(to);
  const note =
    stations.all === undefined && node.bindings > 0 ? 'too many mobile nodes to draw: each dot is a handover' : 'live';
  return (
    <Card title="Network" note={note}>
      {network.anchors.length + network.gateways.length === 0 ? (
        <Empty title="This node is neither anchor nor gateway yet">
          <code>ipv6 mobile pmipv6-lma</code> or <code>ipv6 mobile pmipv6-mag</code> makes it one.
        </Empty>
      ) : (
        <Topology network={network} stations={stations} />
      )}
    </Card>
  );
}

function PeersCard({ peers }: { readonly peers: Polled<Peers> }) {
  return (
    <Card title="Peers" note={<a href={hrefOf('peers')}>All peers</a>}>
      <Loaded of={peers} what="peers">
        {({ items }) => {
          const paths = items.flatMap((item) => item.paths);
          if (paths.length === 0)
            return (
              <Empty title="No peer's health is known">
                An anchor knows it with <code>heartbeat interval</code> configured, a gateway with its first binding.
              </Empty>
            );
          const worst = [...paths].sort((a, b) => Number(a.status) - Number(b.status)).slice(0, PEERS_SHOWN);
          return (
            <ul class="lines">
              {worst.map((path) => (
                <li key={`${path.peer} ${path.source} ${path.destination}`}>
                  <strong>{path.peer}</strong>
                  <span class="muted">{formatNumberOf(path.sessions, 'binding')}</span>
                  <PathMark path={path} />
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Card>
  );
}

function EventsCard() {
  const latest = eventCount.value === 0 ? [] : keptEvents.slice(-EVENTS_SHOWN).reverse();
  return (
    <Card title="What just happened" note={<a href={hrefOf('events')}>All events</a>}>
      {latest.length === 0 ? (
        <Empty title="Nothing has happened yet">Events appear here the moment they happen.</Empty>
      ) : (
        <EventLines events={latest} />
      )}
    </Card>
  );
}
