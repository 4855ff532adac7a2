import { usePolled } from '../api/polled.ts';
import type { Pools } from '../api/types.ts';
import { formatCount, formatNumberOf, formatShare } from '../format.ts';
import { Card, Page } from '../ui/page.tsx';
import { Empty, Loaded } from '../ui/state.tsx';
import { Term } from '../ui/terms.tsx';

interface PoolRow {
  readonly name: string;
  readonly range: string;
  readonly inUse: number;
  readonly free: number;
  readonly networks: readonly string[];
  readonly what: 'address' | 'prefix';
}

export function PoolsPage() {
  const pools = usePolled<Pools>('/pools', 5000);
  return (
    <Page
      title="Pools"
      about={
        <>
          What mobile nodes get their <Term name="home address">home addresses</Term> and{' '}
          <Term name="prefix">prefixes</Term> from, and how full it is.
        </>
      }
    >
      <Loaded of={pools} what="pools">
        {({ ipv4, ipv6 }) => {
          const rows = [
            ...ipv4.map((pool): PoolRow => ({ ...pool, range: `${pool.begin} to ${pool.end}`, what: 'address' })),
            ...ipv6.map(
              (pool): PoolRow => ({ ...pool, range: `${pool.prefix} in /${pool.assignedLength}`, what: 'prefix' }),
            ),
          ];
          if (rows.length === 0)
            return (
              <Empty title="No pool is configured">
                <code>ip local pool</code> and <code>ipv6 local pool</code> make them; only anchors (LMA) need them.
              </Empty>
            );
          return (
            <div class="grid">
              {rows.map((row) => (
                <Pool key={`${row.what} ${row.name}`} pool={row} />
              ))}
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

/** From here on somebody should do something. */
const NEARLY_FULL = 0.9;

function Pool({ pool: { name, range, inUse, free, networks, what } }: { readonly pool: PoolRow }) {
  const whole = inUse + free;
  const share = whole > 0 ? inUse / whole : 0;
  const tone = free === 0 ? 'bad' : share >= NEARLY_FULL ? 'wait' : 'good';
  const many = what === 'address' ? 'addresses' : 'prefixes';
  return (
    <Card title={name} note={what === 'address' ? 'IPv4' : 'IPv6'}>
      <p class="range">{range}</p>
      <progress class={`usage ${tone}`} max={whole || 1} value={inUse} aria-label={`${name}: ${many} in use`} />
      <p>
        <strong>{formatShare(inUse, whole)}</strong> in use: {formatNumberOf(inUse, what, many)}, {formatCount(free)}{' '}
        free
      </p>
      {free === 0 && <p class="complaint">Mobile nodes that come now get none.</p>}
      {networks.length > 0 && <p class="muted">Used by {networks.join(', ')}</p>}
    </Card>
  );
}
