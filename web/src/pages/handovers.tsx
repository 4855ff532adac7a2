import { usePolled } from '../api/polled.ts';
import type { Attachment, Attachments, Statistics } from '../api/types.ts';
import { Distribution } from '../chart/distribution.tsx';
import { formatCount, formatMicroseconds, formatShare, formatTime } from '../format.ts';
import { hrefOf } from '../router.ts';
import { Hint } from '../ui/hint.tsx';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/state.tsx';
import { Table } from '../ui/table.tsx';
import { Term } from '../ui/terms.tsx';
import { type PartName, partsOf, sharesOf } from './attachment-parts.ts';

const LATEST_SHOWN = 20;

export function HandoversPage() {
  const statistics = usePolled<Statistics>('/statistics', 3000);
  const attachments = usePolled<Attachments>('/attachments?limit=1024', 5000);
  const isGateway = (statistics.data?.mags.length ?? 0) > 0;
  const isAnchor = (statistics.data?.lmas.length ?? 0) > 0;
  return (
    <Page
      title="Handovers"
      about={
        <>
          How long it takes until a mobile node that came or moved is reachable. A gateway (<Term name="MAG" />) sees
          the whole of it, the anchor (<Term name="LMA" />) its own part.
        </>
      }
    >
      {isGateway && (
        <Loaded of={attachments} what="attachments">
          {({ items }) => <Gateway items={items} />}
        </Loaded>
      )}
      <Loaded of={statistics} what="measurements">
        {({ costs }) => (
          <>
            {(isAnchor || !isGateway) && <Anchor cost={costs.pbuToPba} />}
            <Steps costs={costs} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Gateway({ items }: { readonly items: readonly Attachment[] }) {
  const whole = items.flatMap((item) => partsOf(item)?.total ?? []);
  if (whole.length === 0)
    return (
      <Card title="Attachments at this gateway">
        <Empty title="No mobile node has attached yet">The time of each attachment is shown here.</Empty>
      </Card>
    );
  return (
    <>
      <Card
        title="From the first frame until packets flow"
        note={`the latest ${formatCount(whole.length)} attachments and handovers at this gateway`}
      >
        <Distribution seen={whole.map((total) => ({ value: total * 1000, count: 1 }))} what="attachment" />
      </Card>
      <Card title="Where the time goes" note="medians">
        <Shares items={items} />
      </Card>
      <Card title="The latest" note="milliseconds since the first frame">
        <Latest items={items.slice(0, LATEST_SHOWN)} />
      </Card>
    </>
  );
}

const PARTS: Readonly<Record<PartName, { readonly text: string; readonly hint: string }>> = {
  detection: { text: 'Detection', hint: 'From the first frame of the mobile node until the gateway asks the anchor' },
  registration: {
    text: 'Registration',
    hint: 'From the Proxy Binding Update until its acknowledgement: the network to the anchor and back, and the anchor itself',
  },
  forwarding: {
    text: 'Data plane',
    hint: "From the anchor's acknowledgement until packets of the mobile node are forwarded",
  },
};

function Shares({ items }: { readonly items: readonly Attachment[] }) {
  const shares = sharesOf(items);
  const all = shares.reduce((sum, { medianMs }) => sum + medianMs, 0);
  return (
    <>
      <div class="shares" aria-hidden="true">
        {shares.map(({ name, medianMs }) => (
          <span key={name} class={`share-${name}`} style={{ flexGrow: medianMs, flexBasis: 0 }}>
            {medianMs > all / 8 && formatShare(medianMs, all)}
          </span>
        ))}
      </div>
      <Table
        label="Parts of an attachment"
        numeric={[1, 2, 3]}
        heads={['Part', 'Median', 'Share', '99 of 100 within']}
        rows={shares.map(({ name, medianMs, slowMs }) => ({
          key: name,
          cells: [
            <>
              <span class={`share-key share-${name}`} aria-hidden="true" />
              <Hint text={PARTS[name].hint}>{PARTS[name].text}</Hint>
            </>,
            formatMicroseconds(medianMs * 1000),
            formatShare(medianMs, all),
            formatMicroseconds(slowMs * 1000),
          ],
        }))}
      />
    </>
  );
}

const STEPS = [
  ['pbuSent', <Term name="PBU">PBU sent</Term>],
  ['pbaReceived', <Term name="PBA">PBA received</Term>],
  ['forwardingReady', 'Packets flow'],
  ['routerAdvertisementSent', <Term name="RA">RA sent</Term>],
  ['dhcpOfferSent', 'DHCP offer'],
  ['dhcpAckSent', 'DHCP ack'],
] as const;

const SEEN_BY = <Hint text="What of the mobile node the gateway noticed first">Seen by</Hint>;

function Latest({ items }: { readonly items: readonly Attachment[] }) {
  return (
    <Table
      label="The latest attachments"
      numeric={STEPS.map((_, i) => i + 3)}
      heads={['When', 'Mobile node', SEEN_BY, ...STEPS.map(([, head]) => head)]}
      rows={items.map(({ at, nai, mac, trigger, stepsMs }) => ({
        key: `${at} ${mac}`,
        cells: [
          <time dateTime={at}>{formatTime(at)}</time>,
          nai === null ? mac : <a href={hrefOf('mn', nai)}>{nai}</a>,
          trigger?.replaceAll('-', ' ') ?? 'a message',
          ...STEPS.map(([step]) => stepsMs[step]?.toFixed(2) ?? '–'),
        ],
      }))}
    />
  );
}

function Anchor({ cost }: { readonly cost: Statistics['costs']['pbuToPba'] }) {
  return (
    <Card title="Registrations answered" note="since the counters were cleared">
      {cost ? (
        <Distribution
          seen={cost.distribution.map(({ microseconds, count }) => ({ value: microseconds, count }))}
          what="registration"
        />
      ) : (
        <Empty title="No registration yet">The time of each is shown here.</Empty>
      )}
    </Card>
  );
}

const COSTS = [
  [
    'pbuToPba',
    'Registration answered',
    'At the anchor: from a Proxy Binding Update until its acknowledgement leaves, the binding on disk and the tunnel moved',
  ],
  [
    'attachToPbu',
    'Mobile node announced',
    'At the gateway: from the first frame of a mobile node until the Proxy Binding Update leaves',
  ],
  [
    'pbaToForwarding',
    'Forwarding begins',
    "At the gateway: from the anchor's acknowledgement until packets of the mobile node are forwarded",
  ],
] as const;

function Steps({ costs }: { readonly costs: Statistics['costs'] }) {
  const rows = COSTS.flatMap(([name, text, hint]) => {
    const cost = costs[name];
    if (!cost) return [];
    const times = [cost.minimum, cost.median, cost.mean, cost.p99, cost.maximum].map(formatMicroseconds);
    return [{ key: name, cells: [<Hint text={hint}>{text}</Hint>, formatCount(cost.count), ...times] }];
  });
  if (rows.length === 0) return null;
  return (
    <Card title="What this node needs itself" note="since the counters were cleared">
      <Table
        label="Steps and their times"
        numeric={[1, 2, 3, 4, 5, 6]}
        heads={['Step', 'How often', 'Fastest', 'Median', 'Mean', '99 of 100 within', 'Slowest']}
        rows={rows}
      />
    </Card>
  );
}
