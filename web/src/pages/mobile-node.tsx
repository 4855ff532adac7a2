import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { eventCount, keptEvents } from '../api/event-stream.ts';
import { usePolled } from '../api/polled.ts';
import type { Binding, BindingDetail, BindingPage, NodeHistory, Peers, Tunnels } from '../api/types.ts';
import { ratesOf, useReadings } from '../chart/samples.ts';
import { TrafficChart } from '../chart/traffic-chart.tsx';
import {
  formatBitRate,
  formatDate,
  formatDuration,
  formatEncapsulation,
  formatNumberOf,
  formatOctets,
  formatPacketRate,
} from '../format.ts';
import { Ladder } from '../ladder/ladder.tsx';
import { namesOf } from '../ladder/lanes.ts';
import { hrefOf, location } from '../router.ts';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/state.tsx';
import { Term, type TermName } from '../ui/terms.tsx';

const TRAFFIC_MS = 1000;

export function MobileNodePage() {
  const nai = location.value.rest;
  const name = encodeURIComponent(nai);
  const bindings = usePolled<BindingPage>(`/bindings?nai=${name}`, 2000);
  const history = usePolled<NodeHistory>(`/nodes/${name}/history`, 3000);
  const tunnels = usePolled<Tunnels>('/tunnels', 30_000);
  const peers = usePolled<Peers>('/peers', 30_000);
  const names = namesOf(bindings.data?.items ?? [], tunnels.data, peers.data);
  return (
    <Page title={nai} about={<a href={hrefOf('bindings')}>All bindings</a>}>
      <Loaded of={bindings} what="the mobile node">
        {({ items }) =>
          items.length === 0 ? (
            <Card title="Now">
              <Empty title="This mobile node is not attached">What is still known of it is below.</Empty>
            </Card>
          ) : (
            items.map((binding) => <BindingCards key={binding.id} binding={binding} />)
          )
        }
      </Loaded>
      <Card title="Call flow" note="the latest first; a message opens to its content">
        <Loaded of={history} what="its messages">
          {({ steps, complete }) =>
            steps.length === 0 ? (
              <Empty title="No message of it is known">Those of an attachment are kept from its beginning on.</Empty>
            ) : (
              <>
                <Ladder steps={steps} names={names} />
                {!complete && <p class="muted">What is older had to make room.</p>}
              </>
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

function BindingCards({ binding }: { readonly binding: Binding }) {
  const detail = usePolled<BindingDetail>(`/bindings/${encodeURIComponent(binding.id)}`, TRAFFIC_MS);
  return (
    <div class="columns">
      <BindingCard binding={binding} />
      <Card title="Traffic" note="since the page was opened, 5 minutes at most">
        <Loaded of={detail} what="its traffic">
          {({ traffic }) =>
            traffic ? (
              <Traffic nai={binding.nai} at={detail.at} traffic={traffic} />
            ) : (
              <Empty title="Nothing is forwarded for it" />
            )
          }
        </Loaded>
      </Card>
    </div>
  );
}

function BindingCard({ binding }: { readonly binding: Binding }) {
  const { role, node, state, hoa, hnps, llid, lifetime, lifetimeRemaining } = binding;
  const encapsulation = role === 'lma' ? binding.careOfAddresses[0]?.encapsulation : binding.encapsulation;
  return (
    <Card title={role === 'lma' ? `At the anchor ${node}` : `At the gateway ${node}`} note={state.toLowerCase()}>
      <dl class="facts">
        <Fact name="home address">{hoa ?? 'none'}</Fact>
        <Fact name="prefix">{hnps.join(', ') || 'none'}</Fact>
        <Fact name={role === 'lma' ? 'MAG' : 'LMA'}>{role === 'lma' ? binding.peer : binding.lma}</Fact>
        {encapsulation && (
          <>
            <dt>Tunnel</dt>
            <dd>{formatEncapsulation(encapsulation)}</dd>
          </>
        )}
        <Fact name="lifetime">
          {formatDuration(lifetimeRemaining)} left of {formatDuration(lifetime)}
        </Fact>
        <dt>MAC address</dt>
        <dd>{llid === '' ? 'not known' : llid}</dd>
        {role === 'lma' && (
          <>
            <dt>Here since</dt>
            <dd>{formatDate(binding.registeredAt)}</dd>
          </>
        )}
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { readonly name: TermName; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>
        <Term name={name}>{`${name.charAt(0).toUpperCase()}${name.slice(1)}`}</Term>
      </dt>
      <dd>{children}</dd>
    </>
  );
}

type Carried = NonNullable<BindingDetail['traffic']>;

function Traffic({ nai, at, traffic }: { readonly nai: string; readonly at: number; readonly traffic: Carried }) {
  const [unit, choose] = useState<'octets' | 'packets'>('octets');
  const readings = useReadings({ at, traffic });
  const samples = ratesOf(readings.map(({ at, traffic: { up, down } }) => ({ at, up: up[unit], down: down[unit] })));
  const latest = samples.at(-1);
  const format = (perSecond: number) =>
    unit === 'octets' ? formatBitRate(8 * perSecond) : formatPacketRate(perSecond);
  const marks = movesOf(nai);
  return (
    <>
      <div class="legend">
        <span class="key up">from it: {latest ? format(latest.up) : '–'}</span>
        <span class="key down">to it: {latest ? format(latest.down) : '–'}</span>
        {marks.length > 0 && <span class="key moved">moved</span>}
        <span class="choice">
          <button type="button" aria-pressed={unit === 'octets'} onClick={() => choose('octets')}>
            Bits
          </button>
          <button type="button" aria-pressed={unit === 'packets'} onClick={() => choose('packets')}>
            Packets
          </button>
        </span>
      </div>
      <TrafficChart samples={samples} format={format} marks={marks} />
      <p class="muted">
        In all {total(traffic.up)} from it, {total(traffic.down)} to it.
      </p>
    </>
  );
}

function total({ packets, octets }: Carried['up']): string {
  return `${formatOctets(octets)} (${formatNumberOf(Math.round(packets), 'packet')})`;
}

/** When it came to another gateway. */
function movesOf(nai: string): { at: number; text: string }[] {
  void eventCount.value;
  return keptEvents
    .filter(({ kind, fields }) => kind === 'binding-handed-over' && fields.nai === nai)
    .map(({ at, fields }) => ({ at: Date.parse(at), text: `moved from ${fields.previousMag} to ${fields.mag}` }));
}
