import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { eventCount, keptEvents, type SeenEvent } from '../api/event-stream.ts';
import { formatDate, formatNumberOf, formatTime } from '../format.ts';
import { hrefOf } from '../router.ts';
import { Subject, toneOfEvent } from '../ui/event-lines.tsx';
import { Page } from '../ui/page.tsx';
import { Empty } from '../ui/state.tsx';
import { VirtualRows } from '../ui/virtual-rows.tsx';

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'];
const ROW_HEIGHT = 36;
/** The list is drawn anew at most so often. */
const REDRAW_MS = 200;

interface Filter {
  readonly text: string;
  readonly level: string;
}

export function EventsPage() {
  const [filter, setFilter] = useState<Filter>({ text: '', level: 'info' });
  const [paused, setPaused] = useState(false);
  const [chosen, choose] = useState<SeenEvent>();
  const { events, waiting } = useEvents(filter, paused);
  return (
    <Page title="Events" about="What happens at this node, newest first.">
      <div class="filter">
        <input
          type="search"
          aria-label="Filter events"
          placeholder="Kind, name, address or text"
          value={filter.text}
          onInput={(event) => setFilter({ ...filter, text: event.currentTarget.value })}
        />
        <label>
          <span class="muted">At least</span>{' '}
          <select value={filter.level} onChange={(event) => setFilter({ ...filter, level: event.currentTarget.value })}>
            {LEVELS.map((level) => (
              <option key={level} value={level}>
                {level}
              </option>
            ))}
          </select>
        </label>
        <button type="button" aria-pressed={paused} onClick={() => setPaused(!paused)}>
          {paused ? 'Resume' : 'Pause'}
        </button>
        <span class="muted" role="status">
          {paused ? `Paused; ${formatNumberOf(waiting, 'new event')}` : formatNumberOf(events.length, 'event')}
        </span>
      </div>
      {events.length === 0 ? (
        <Empty title={eventCount.value === 0 ? 'Nothing has happened yet' : 'No event of these'}>
          Events appear here the moment they happen.
        </Empty>
      ) : (
        <EventRows events={events} choose={choose} />
      )}
      {chosen && <Details event={chosen} close={() => choose(undefined)} />}
    </Page>
  );
}

const COLUMNS = [
  { key: 'at', head: 'Time' },
  { key: 'text', head: 'What' },
  { key: 'who', head: 'Who' },
  { key: 'kind', head: 'Kind' },
];

function EventRows({
  events,
  choose,
}: {
  readonly events: readonly SeenEvent[];
  readonly choose: (event: SeenEvent) => void;
}) {
  return (
    <VirtualRows
      label="Events"
      class="event-rows"
      total={events.length}
      rowHeight={ROW_HEIGHT}
      columns={COLUMNS}
      cells={(index) => {
        const event = events[index];
        if (!event) return undefined;
        return [
          <time key="at" dateTime={event.at} title={formatDate(event.at)}>
            {formatTime(event.at)}
          </time>,
          <span key="text">
            <span class={`dot ${toneOfEvent(event)}`} aria-hidden="true" /> {event.text}
          </span>,
          <Subject key="who" event={event} />,
          <button key="kind" type="button" class="link" onClick={() => choose(event)}>
            {event.kind}
          </button>,
        ];
      }}
    />
  );
}

function Details({ event, close }: { readonly event: SeenEvent; readonly close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { nai } = event.fields;
  return (
    <dialog ref={dialog} class="card" aria-label="One event" onClose={close}>
      <div class="card-heading">
        <h2>{event.kind}</h2>
        <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
      <p>{event.text}</p>
      <dl class="facts">
        <dt>When</dt>
        <dd>{formatDate(event.at)}</dd>
        <dt>Level</dt>
        <dd>{event.level}</dd>
        <dt>Node</dt>
        <dd>{event.node ?? 'the whole node'}</dd>
        {Object.entries(event.fields).flatMap(([name, value]) => [
          <dt key={`${name} name`}>{name}</dt>,
          <dd key={name}>{typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value)}</dd>,
        ])}
      </dl>
      {typeof nai === 'string' && <a href={hrefOf('mn', nai)}>Show this mobile node</a>}
    </dialog>
  );
}

interface Shown {
  /** Newest first. */
  readonly events: readonly SeenEvent[];
  /** That came while it was paused. */
  readonly waiting: number;
}

function useEvents(filter: Filter, paused: boolean): Shown {
  const [now, setNow] = useState(eventCount.peek());
  useEffect(() => {
    if (paused) return;
    setNow(eventCount.peek());
    const timer = setInterval(() => setNow(eventCount.peek()), REDRAW_MS);
    return () => clearInterval(timer);
  }, [paused]);
  const events = useMemo(() => {
    const admits = admission(filter);
    return keptEvents.filter((event) => event.key <= now && admits(event)).reverse();
  }, [now, filter]);
  return { events, waiting: paused ? eventCount.value - now : 0 };
}

function admission({ text, level }: Filter): (event: SeenEvent) => boolean {
  const needle = text.trim().toLowerCase();
  const least = LEVELS.indexOf(level);
  return (event) =>
    LEVELS.indexOf(event.level) >= least &&
    (needle === '' || `${event.kind} ${event.text} ${JSON.stringify(event.fields)}`.toLowerCase().includes(needle));
}
