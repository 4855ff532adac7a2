import { useRef } from 'preact/hooks';
import { formatRound, formatTime } from '../format.ts';
import { useWidth } from '../ui/width.ts';
import { type Sample, SPAN_MS } from './samples.ts';
import { niceTicks } from './scale.ts';

interface TrafficChartProps {
  /** What is drawn: in the unit of `format`. */
  readonly samples: readonly Sample[];
  readonly format: (value: number) => string;
  /** Moments that are marked, with what happened. */
  readonly marks: readonly { readonly at: number; readonly text: string }[];
}

const HEIGHT = 200;
const PLOT = { left: 78, right: 12, top: 18, bottom: 26 };
const MINUTE_MS = 60_000;

/** Traffic of the last minutes, from a mobile node and to it. */
export function TrafficChart({ samples, format, marks }: TrafficChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const now = samples.at(-1)?.at ?? Date.now();
  const span = Math.min(SPAN_MS, Math.max(MINUTE_MS, now - (samples[0]?.at ?? now)));
  const pace = span > 2 * MINUTE_MS ? MINUTE_MS : MINUTE_MS / 4;
  const ticks = niceTicks(Math.max(1, ...samples.map(({ up, down }) => Math.max(up, down))), 4);
  const most = ticks.at(-1) as number;
  const x = (at: number) => width - PLOT.right - ((now - at) / span) * (width - PLOT.left - PLOT.right);
  const y = (value: number) => HEIGHT - PLOT.bottom - (value / most) * (HEIGHT - PLOT.top - PLOT.bottom);
  const latest = samples.at(-1);
  const line = (way: 'up' | 'down') =>
    samples.map((one) => `${x(one.at).toFixed(1)},${y(one[way]).toFixed(1)}`).join(' ');
  const floor = HEIGHT - PLOT.bottom;
  const area = samples[0] && `${x(samples[0].at)},${floor} ${line('down')} ${x(now)},${floor}`;
  const times = Array.from({ length: Math.floor(span / pace) + 1 }, (_, i) => i * pace);
  return (
    <div class="chart" ref={box}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={latest ? `Now ${format(latest.up)} up, ${format(latest.down)} down` : 'Traffic: not measured yet'}
      >
        {ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={PLOT.left} x2={width - PLOT.right} y1={y(tick)} y2={y(tick)} />
            <text class="value" x={PLOT.left - 8} y={y(tick) + 4}>
              {formatRound(tick, format)}
            </text>
          </g>
        ))}
        {times.map((ago) => (
          <text key={ago} class={ago === 0 ? 'time last' : 'time'} x={x(now - ago)} y={HEIGHT - 6}>
            {ago === 0 ? 'now' : `−${pace === MINUTE_MS ? `${ago / MINUTE_MS} min` : `${ago / 1000} s`}`}
          </text>
        ))}
        {area && <polygon class="area" points={area} />}
        {marks
          .filter(({ at }) => at > now - span && at <= now)
          .map(({ at, text }) => (
            <g key={at} class="moment">
              <title>{`${formatTime(at)}: ${text}`}</title>
              <line x1={x(at)} x2={x(at)} y1={PLOT.top - 4} y2={HEIGHT - PLOT.bottom} />
              <circle cx={x(at)} cy={PLOT.top - 6} r="4" />
            </g>
          ))}
        <polyline class="down" points={line('down')} />
        <polyline class="up" points={line('up')} />
      </svg>
    </div>
  );
}
