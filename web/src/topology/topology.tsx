import { useEffect, useMemo, useRef } from 'preact/hooks';
import { formatCount, formatNumberOf } from '../format.ts';
import { hrefOf } from '../router.ts';
import { useWidth } from '../ui/width.ts';
import { type Box, curve, DOT, dotAt, dotsPerRow, type Layout, layoutOf, PILL, type Point, pillAt } from './layout.ts';
import type { GatewayPlace, Network, Station } from './network.ts';
import type { Stations } from './stations.ts';

/** Up to so many mobile nodes stand there with their names. */
const NAMED_MAXIMUM = 16;
const MOVE_MS = 900;

interface TopologyProps {
  readonly network: Network;
  readonly stations: Stations;
}

/** Anchors, gateways and mobile nodes, which move as it happens. */
export function Topology({ network, stations }: TopologyProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { all } = stations;
  const named = all !== undefined && all.length <= NAMED_MAXIMUM;
  const room = useMostRoom(
    all === undefined ? 'counted' : named ? 'named' : 'dots',
    bodyHeight(network, width, all, named),
  );
  const layout = useMemo(() => layoutOf(network, width, room), [network, width, room]);
  return (
    <div class="topology" ref={box}>
      <svg
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        width={layout.width}
        height={layout.height}
        role="group"
        aria-label={`${formatNumberOf(network.anchors.length, 'anchor')}, ${formatNumberOf(network.gateways.length, 'gateway')}`}
      >
        <Links network={network} layout={layout} />
        {network.anchors.map((name) => (
          <Anchor key={name} name={name} box={layout.anchors.get(name) as Box} />
        ))}
        {network.gateways.map((place) => {
          const at = layout.gateways.get(place.name);
          return at && <Gateway key={place.name} place={place} box={at} counted={all === undefined} />;
        })}
        {all && <StationMarks all={all} layout={layout} named={named} />}
        {!all && <Flights moves={stations.moves} layout={layout} />}
      </svg>
      {layout.left > 0 && <p class="muted">And {formatNumberOf(layout.left, 'more gateway')}, see Peers.</p>}
    </div>
  );
}

/** The most room that was needed so far for this kind of picture, so that it stays as it is while mobile nodes come and go. */
function useMostRoom(kind: string, needed: number): number {
  const most = useRef({ kind, room: needed });
  if (most.current.kind !== kind || needed > most.current.room) most.current = { kind, room: needed };
  return most.current.room;
}

/** Room for the gateway that has the most; at least two rows, so that a move does not change everything. */
function bodyHeight(network: Network, width: number, all: readonly Station[] | undefined, named: boolean): number {
  if (!all) return 24;
  const most = Math.max(1, ...network.gateways.map(({ bindings }) => bindings));
  if (named) return Math.max(2, most) * (PILL.height + PILL.gap) + 8;
  const { gateways } = layoutOf(network, width, 0);
  const perRow = dotsPerRow([...gateways.values()][0]?.width ?? width);
  return Math.max(2, Math.ceil(most / perRow)) * (2 * DOT.radius + DOT.gap) + 8;
}

const STATES = { up: 'answers', down: 'does not answer', unwatched: 'not watched: no heartbeats configured' } as const;

function Links({ network, layout }: { readonly network: Network; readonly layout: Layout }) {
  return (
    <g>
      {network.gateways.flatMap(({ name, links, bindings }) =>
        links.map(({ anchor, state, roundTripMs }) => {
          const [from, to] = [layout.anchors.get(anchor), layout.gateways.get(name)];
          if (!from || !to) return null;
          const delay = roundTripMs === null ? '' : `, ${roundTripMs} ms there and back`;
          return (
            <path key={`${anchor} ${name}`} class={`tunnel ${state} ${bindings > 0 ? 'used' : ''}`} d={curve(from, to)}>
              <title>{`${name}: ${STATES[state]}${delay}`}</title>
            </path>
          );
        }),
      )}
    </g>
  );
}

function Anchor({ name, box }: { readonly name: string; readonly box: Box }) {
  const middle = box.x + box.width / 2;
  return (
    <g class="anchor">
      <title>{`${name}: local mobility anchor (LMA), which mobile nodes have their addresses from`}</title>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx="10" />
      <text x={middle} y={box.y + 23} class="name">
        {name}
      </text>
      <text x={middle} y={box.y + 40} class="kind">
        anchor (LMA)
      </text>
    </g>
  );
}

function Gateway({
  place,
  box,
  counted,
}: {
  readonly place: GatewayPlace;
  readonly box: Box;
  readonly counted: boolean;
}) {
  const { name, bindings, links } = place;
  const state = links.some((link) => link.state === 'down') ? 'down' : 'well';
  const middle = box.x + box.width / 2;
  return (
    <g class={`gateway ${state}`}>
      <title>{`${name}: mobile access gateway (MAG), which mobile nodes are attached to`}</title>
      <rect x={box.x} y={box.y} width={box.width} height={box.height} rx="10" />
      <text x={middle} y={box.y + 23} class="name">
        {name}
      </text>
      <text x={middle} y={box.y + 40} class="kind">
        {state === 'down' ? 'does not answer' : `gateway · ${formatNumberOf(bindings, 'node')}`}
      </text>
      {counted && (
        <text x={middle} y={box.y + 66} class="count">
          {formatCount(bindings)}
        </text>
      )}
    </g>
  );
}

interface StationMarksProps {
  readonly all: readonly Station[];
  readonly layout: Layout;
  readonly named: boolean;
}

function StationMarks({ all, layout, named }: StationMarksProps) {
  const taken = new Map<string, number>();
  const marks = [...all]
    .sort((a, b) => (a.nai < b.nai ? -1 : 1))
    .flatMap((station) => {
      const box = layout.gateways.get(station.gateway);
      if (!box) return [];
      const i = taken.get(station.gateway) ?? 0;
      taken.set(station.gateway, i + 1);
      return [{ station, at: named ? pillAt(box, i) : dotAt(box, i), width: Math.min(box.width - 20, 200) }];
    });
  return (
    <g>
      {marks.map(({ station, at, width }) => (
        <StationMark key={station.nai} station={station} at={at} width={named ? width : undefined} />
      ))}
    </g>
  );
}

interface StationMarkProps {
  readonly station: Station;
  readonly at: Point;
  /** Of the name; a dot without. */
  readonly width: number | undefined;
}

function StationMark({ station: { nai, gateway }, at, width }: StationMarkProps) {
  const mark = useRef<SVGGElement>(null);
  const before = useRef(gateway);
  useEffect(() => {
    if (before.current === gateway) return;
    before.current = gateway;
    mark.current?.animate?.([{ opacity: 1 }, { opacity: 0.35 }, { opacity: 1 }], { duration: MOVE_MS });
  }, [gateway]);
  return (
    <g class="station" ref={mark} style={{ transform: `translate(${at.x}px, ${at.y}px)` }}>
      <a href={hrefOf('mn', nai)} aria-label={`${nai} at ${gateway}`}>
        <title>{`${nai} at ${gateway}`}</title>
        {width === undefined ? (
          <circle r={DOT.radius} />
        ) : (
          <>
            <rect x={-width / 2} y={-PILL.height / 2} width={width} height={PILL.height} rx={PILL.height / 2} />
            <text y="4">{shortened(nai, Math.floor((width - 20) / 7))}</text>
          </>
        )}
      </a>
    </g>
  );
}

/** As much of a name as there is room for; the realm goes first. */
function shortened(nai: string, room: number): string {
  if (nai.length <= room) return nai;
  const user = nai.split('@', 1)[0] as string;
  return user.length <= room ? user : `${user.slice(0, room - 1)}…`;
}

/** Where mobile nodes are not drawn, a dot flies for each that moves. */
function Flights({ moves, layout }: { readonly moves: Stations['moves']; readonly layout: Layout }) {
  return (
    <g>
      {moves.map(({ key, from, to }) => {
        const [start, end] = [layout.gateways.get(from), layout.gateways.get(to)];
        return start && end && <Flight key={key} from={centre(start)} to={centre(end)} />;
      })}
    </g>
  );
}

function centre({ x, y, width, height }: Box): Point {
  return { x: x + width / 2, y: y + height - 12 };
}

function Flight({ from, to }: { readonly from: Point; readonly to: Point }) {
  const dot = useRef<SVGCircleElement>(null);
  useEffect(() => {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const rise = Math.min(from.y, to.y) - 30;
    dot.current?.animate(
      [
        { transform: `translate(${from.x}px, ${from.y}px)`, opacity: 1 },
        { transform: `translate(${(from.x + to.x) / 2}px, ${rise}px)`, opacity: 1 },
        { transform: `translate(${to.x}px, ${to.y}px)`, opacity: 0 },
      ],
      { duration: MOVE_MS, easing: 'ease-in-out' },
    );
  }, []);
  return <circle ref={dot} class="flight" r="6" opacity="0" />;
}
