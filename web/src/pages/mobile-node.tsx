import type { ComponentChildren } from 'preact';
import { usePolled } from '../api/polled.ts';
import type { Binding, BindingDetail, BindingPage, NodeHistory } from '../api/types.ts';
import { formatBitRate, formatDate, formatDuration, formatNumberOf, formatOctets } from '../format.ts';
import { Ladder } from '../ladder/ladder.tsx';
import { useRate } from '../rate.ts';
import { hrefOf, location } from '../router.ts';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/state.tsx';
import { Term, type TermName } from '../ui/terms.tsx';

export function MobileNodePage() {
  const nai = location.value.rest;
  const name = encodeURIComponent(nai);
  const bindings = usePolled<BindingPage>(`/bindings?nai=${name}`, 2000);
  const history = usePolled<NodeHistory>(`/nodes/${name}/history`, 3000);
  return (
    <Page title={nai} about={<a href={hrefOf('bindings')}>All bindings</a>}>
      <Loaded of={bindings} what="the mobile node">
        {({ items }) =>
          items.length === 0 ? (
            <Card title="Now">
              <Empty title="This mobile node is not attached">What is still known of it is below.</Empty>
            </Card>
          ) : (
            items.map((binding) => <BindingCard key={binding.id} binding={binding} />)
          )
        }
      </Loaded>
      <Card title="Call flow" note="the latest first">
        <Loaded of={history} what="its messages">
          {({ steps, complete }) =>
            steps.length === 0 ? (
              <Empty title="No message of it is known">Those of an attachment are kept from its beginning on.</Empty>
            ) : (
              <>
                <Ladder steps={steps} />
                {!complete && <p class="muted">Older steps had to make room.</p>}
              </>
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}

function BindingCard({ binding }: { readonly binding: Binding }) {
  const detail = usePolled<BindingDetail>(`/bindings/${encodeURIComponent(binding.id)}`, 2000);
  const traffic = detail.data?.traffic;
  const up = useRate(traffic?.up.octets, detail.at);
  const down = useRate(traffic?.down.octets, detail.at);
  const { role, node, state, hoa, hnps, llid, lifetime, lifetimeRemaining } = binding;
  return (
    <Card title={role === 'lma' ? `At the anchor ${node}` : `At the gateway ${node}`} note={state.toLowerCase()}>
      <dl class="facts">
        <Fact name="home address">{hoa ?? 'none'}</Fact>
        <Fact name="prefix">{hnps.join(', ') || 'none'}</Fact>
        <Fact name={role === 'lma' ? 'MAG' : 'LMA'}>{role === 'lma' ? binding.peer : binding.lma}</Fact>
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
        <dt>Traffic</dt>
        <dd>{traffic ? <Carried traffic={traffic} up={up} down={down} /> : 'nothing is forwarded for it'}</dd>
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { readonly name: TermName; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>
        <Term name={name} />
      </dt>
      <dd>{children}</dd>
    </>
  );
}

interface CarriedProps {
  readonly traffic: NonNullable<BindingDetail['traffic']>;
  readonly up: number | undefined;
  readonly down: number | undefined;
}

function Carried({ traffic, up, down }: CarriedProps) {
  const line = (way: string, { packets, octets }: CarriedProps['traffic']['up'], rate: number | undefined) => (
    <div>
      {way}: {formatOctets(octets)} in {formatNumberOf(Math.round(packets), 'packet')}
      {rate !== undefined && `, ${formatBitRate(8 * rate)} now`}
    </div>
  );
  return (
    <>
      {line('up', traffic.up, up)}
      {line('down', traffic.down, down)}
    </>
  );
}
