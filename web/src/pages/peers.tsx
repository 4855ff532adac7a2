import { type Polled, usePolled } from '../api/polled.ts';
import type { Path, Peers, Statistics, Tunnels } from '../api/types.ts';
import { formatCount, formatDuration, formatEncapsulation, formatOctets } from '../format.ts';
import { Hint } from '../ui/hint.tsx';
import { Card, Page } from '../ui/page.tsx';
import { PathMark } from '../ui/path-mark.tsx';
import { Empty, Loaded } from '../ui/state.tsx';
import { type Cells, Table } from '../ui/table.tsx';
import { Term } from '../ui/terms.tsx';
import { dropHint } from './drop-hints.ts';

export function PeersPage() {
  const peers = usePolled<Peers>('/peers', 2000);
  const tunnels = usePolled<Tunnels>('/tunnels', 3000);
  const statistics = usePolled<Statistics>('/statistics', 5000);
  return (
    <Page
      title="Peers"
      about={
        <>
          The other ends: whether they answer (<Term name="heartbeat">heartbeats</Term>), and what the tunnels to them
          carry.
        </>
      }
    >
      <PathsCard peers={peers} />
      <TunnelsCard tunnels={tunnels} />
      <DropsCard statistics={statistics} />
    </Page>
  );
}

function PathsCard({ peers }: { readonly peers: Polled<Peers> }) {
  return (
    <Card title="Health">
      <Loaded of={peers} what="peers">
        {({ items }) => {
          const rows = items.flatMap(({ node, interval, paths }) =>
            paths.map((path) => pathCells(node, interval, path)),
          );
          if (rows.length === 0)
            return (
              <Empty title="No peer's health is known">
                An anchor knows it with <code>heartbeat interval</code> configured, a gateway with its first binding.
              </Empty>
            );
          return (
            <Table
              label="Peers and their heartbeats"
              numeric={[2, 5]}
              heads={[
                'Peer',
                'Health',
                'Bindings',
                'Last answer',
                'Heartbeats',
                <Term key="restarts" name="restart counter">
                  Restart counter
                </Term>,
                'Addresses',
              ]}
              rows={rows}
            />
          );
        }}
      </Loaded>
    </Card>
  );
}

function pathCells(node: string, interval: number | null, path: Path): Cells {
  const { peer, source, destination, sessions, missing, restartCounter, lastHeardAgo } = path;
  return {
    key: `${node} ${source} ${destination} ${path.destinationPort}`,
    cells: [
      <strong key="peer">{peer}</strong>,
      <PathMark key="health" path={path} />,
      formatCount(sessions),
      lastHeardAgo === null ? '–' : `${formatDuration(lastHeardAgo)} ago`,
      interval === null
        ? 'none sent'
        : `every ${formatDuration(interval)}${missing > 0 ? `, ${missing} unanswered` : ''}`,
      restartCounter ?? '–',
      <code key="addresses">
        {source} →<br />
        {destination}
      </code>,
    ],
  };
}

function TunnelsCard({ tunnels }: { readonly tunnels: Polled<Tunnels> }) {
  return (
    <Card title="Tunnels">
      <Loaded of={tunnels} what="tunnels">
        {({ items }) => {
          const rows = items.flatMap(({ node, tunnels: all }) =>
            all.map(
              (tunnel): Cells => ({
                key: `${node} ${tunnel.source} ${tunnel.destination} ${tunnel.encapsulation} ${JSON.stringify(tunnel.greKeys)}`,
                cells: [
                  <strong key="peer">{tunnel.peer}</strong>,
                  formatEncapsulation(tunnel.encapsulation),
                  formatCount(tunnel.bindings),
                  formatOctets(tunnel.up.octets),
                  formatCount(tunnel.up.packets),
                  formatOctets(tunnel.down.octets),
                  formatCount(tunnel.down.packets),
                  `${formatCount(tunnel.mtu)} B`,
                ],
              }),
            ),
          );
          if (rows.length === 0) return <Empty title="No tunnel">There is one to each peer that has bindings.</Empty>;
          return (
            <Table
              label="Tunnels and what they carried"
              numeric={[2, 3, 4, 5, 6, 7]}
              heads={[
                'Peer',
                <Term key="encapsulation" name="encapsulation">
                  Encapsulation
                </Term>,
                'Bindings',
                'From mobile nodes',
                'packets',
                'To mobile nodes',
                'packets',
                <Hint key="mtu" text="The largest packet of a mobile node that fits into the tunnel">
                  Largest packet
                </Hint>,
              ]}
              rows={rows}
            />
          );
        }}
      </Loaded>
    </Card>
  );
}

function DropsCard({ statistics }: { readonly statistics: Polled<Statistics> }) {
  return (
    <Card title="Packets that were not forwarded" note="since the counters were cleared">
      <Loaded of={statistics} what="counters">
        {({ drops }) => {
          const rows = Object.entries(drops)
            .filter(([, packets]) => packets > 0)
            .sort(([, a], [, b]) => b - a)
            .map(([reason, packets]) => ({ key: reason, cells: [<Reason name={reason} />, formatCount(packets)] }));
          if (rows.length === 0) return <Empty title="None" />;
          return <Table label="Dropped packets by reason" numeric={[1]} heads={['Reason', 'Packets']} rows={rows} />;
        }}
      </Loaded>
    </Card>
  );
}

function Reason({ name }: { readonly name: string }) {
  return <Hint text={dropHint(name) ?? name}>{name.replaceAll('-', ' ')}</Hint>;
}
