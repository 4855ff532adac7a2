import { usePolled } from '../api/polled.ts';
import type { Statistics } from '../api/types.ts';
import { formatCount, formatMicroseconds } from '../format.ts';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/state.tsx';
import { Table } from '../ui/table.tsx';

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

export function HandoversPage() {
  const statistics = usePolled<Statistics>('/statistics', 3000);
  return (
    <Page
      title="Handovers"
      about="How long it takes until a mobile node that moved is reachable at its new gateway, as far as this node has a part in it."
    >
      <Card title="Time of each step" note="since the counters were cleared">
        <Loaded of={statistics} what="measurements">
          {({ costs }) => {
            const rows = COSTS.flatMap(([name, text, hint]) => {
              const cost = costs[name];
              if (!cost) return [];
              const times = [cost.minimum, cost.median, cost.mean, cost.p99, cost.maximum].map(formatMicroseconds);
              return [
                {
                  key: name,
                  cells: [
                    <abbr key="text" title={hint}>
                      {text}
                    </abbr>,
                    formatCount(cost.count),
                    ...times,
                  ],
                },
              ];
            });
            if (rows.length === 0) return <Empty title="Nothing was measured yet">The first registration is.</Empty>;
            return (
              <Table
                label="Steps and their times"
                heads={['Step', 'How often', 'Fastest', 'Median', 'Mean', '99 of 100 within', 'Slowest']}
                rows={rows}
              />
            );
          }}
        </Loaded>
      </Card>
    </Page>
  );
}
