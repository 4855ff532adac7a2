import { useRef } from 'preact/hooks';
import { formatCount, formatMicroseconds, formatRound } from '../format.ts';
import { useWidth } from '../ui/width.ts';
import { type Bar, barsOf, quantile, type Seen } from './histogram.ts';
import { decadeTicks, niceTicks } from './scale.ts';

interface DistributionProps {
  /** In microseconds. */
  readonly seen: readonly Seen[];
  /** What one of them is: "attachment". */
  readonly what: string;
}

const HEIGHT = 210;
const LABEL_WIDTH = 50;
const PLOT = { left: 44, right: 12, top: 26, bottom: 26 };

/** How often which time was taken. */
export function Distribution({ seen, what }: DistributionProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const bars = barsOf(seen, 1);
  const [median, slow] = [quantile(seen, 0.5) ?? 0, quantile(seen, 0.99) ?? 0];
  const all = seen.reduce((sum, { count }) => sum + count, 0);
  const [from, to] = [bars[0]?.from ?? 1, bars.at(-1)?.to ?? 2];
  const x = (value: number) =>
    PLOT.left + (Math.log(value / from) / Math.log(to / from)) * (width - PLOT.left - PLOT.right);
  const counts = niceTicks(Math.max(...bars.map(({ count }) => count)), 4);
  const most = counts.at(-1) as number;
  const y = (count: number) => HEIGHT - PLOT.bottom - (count / most) * (HEIGHT - PLOT.top - PLOT.bottom);
  return (
    <div class="chart" ref={box}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`${formatCount(all)} times of ${what}s: half are within ${formatMicroseconds(median)}, 99 of 100 within ${formatMicroseconds(slow)}`}
      >
        {counts.map((count) => (
          <g key={count}>
            <line class="grid" x1={PLOT.left} x2={width - PLOT.right} y1={y(count)} y2={y(count)} />
            <text class="value" x={PLOT.left - 8} y={y(count) + 4}>
              {Number.isInteger(count) ? formatCount(count) : ''}
            </text>
          </g>
        ))}
        {bars.map((bar) => (
          <BarMark
            key={bar.from}
            bar={bar}
            x={x(bar.from)}
            width={x(bar.to) - x(bar.from)}
            y={y(bar.count)}
            what={what}
          />
        ))}
        {apart(decadeTicks(from, to), x).map((tick) => (
          <text key={tick} class="time" x={x(tick)} y={HEIGHT - 6}>
            {formatRound(tick, formatMicroseconds)}
          </text>
        ))}
        <Mark x={x(Math.min(to, Math.max(from, median)))} text={`half ${formatMicroseconds(median)}`} anchor="middle" />
        {slow > median * 1.6 && (
          <Mark x={x(Math.min(to, Math.max(from, slow)))} text={`99 % ${formatMicroseconds(slow)}`} anchor="end" />
        )}
      </svg>
    </div>
  );
}

/** Those of the ticks whose labels do not touch. */
function apart(ticks: readonly number[], x: (tick: number) => number): number[] {
  let last = Number.NEGATIVE_INFINITY;
  return ticks.filter((tick) => {
    if (x(tick) - last < LABEL_WIDTH) return false;
    last = x(tick);
    return true;
  });
}

interface BarMarkProps {
  readonly bar: Bar;
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly what: string;
}

function BarMark({ bar: { from, to, count }, x, width, y, what }: BarMarkProps) {
  return (
    <rect class="bar-mark" x={x + 1} width={Math.max(1, width - 2)} y={y} height={HEIGHT - PLOT.bottom - y} rx="2">
      <title>{`${formatMicroseconds(from)} to ${formatMicroseconds(to)}: ${formatCount(count)} ${what}${count === 1 ? '' : 's'}`}</title>
    </rect>
  );
}

function Mark({ x, text, anchor }: { readonly x: number; readonly text: string; readonly anchor: 'middle' | 'end' }) {
  return (
    <g class="quantile">
      <line x1={x} x2={x} y1={PLOT.top - 6} y2={HEIGHT - PLOT.bottom} />
      <text x={x} y={PLOT.top - 11} text-anchor={anchor}>
        {text}
      </text>
    </g>
  );
}
