import type { SeenEvent } from '../api/event-stream.ts';
import type { StreamedEvent } from '../api/types.ts';
import { formatTime } from '../format.ts';
import { hrefOf } from '../router.ts';

/** Events, one a line. */
export function EventLines({ events }: { readonly events: readonly SeenEvent[] }) {
  return (
    <ol class="events">
      {events.map((event) => (
        <li key={event.key}>
          <time dateTime={event.at}>{formatTime(event.at)}</time>
          <span class={`dot ${toneOfEvent(event)}`} aria-hidden="true" />
          <span>
            <Sentence event={event} />
          </span>
        </li>
      ))}
    </ol>
  );
}

/** What happened, with whom it is about: in the text, where that has the name. */
function Sentence({ event }: { readonly event: StreamedEvent }) {
  const { text, fields } = event;
  const { nai, mac } = fields as Readonly<Record<string, unknown>>;
  const name = [nai, mac].find((one): one is string => typeof one === 'string' && one !== '' && text.includes(one));
  if (name === undefined)
    return (
      <>
        {text} <Subject event={event} />
      </>
    );
  const at = text.indexOf(name);
  return (
    <>
      {text.slice(0, at)}
      {name === nai ? <a href={hrefOf('mn', name)}>{name}</a> : name}
      {text.slice(at + name.length)}
    </>
  );
}

/** Whom an event is about, in short. */
export function Subject({ event: { fields } }: { readonly event: StreamedEvent }) {
  const { nai, mag, previousMag, mac, peer } = fields as Readonly<Record<string, unknown>>;
  const where =
    typeof previousMag === 'string' && previousMag !== mag
      ? `${previousMag} → ${mag}`
      : typeof mag === 'string'
        ? mag
        : '';
  return (
    <span class="subject">
      {typeof nai === 'string' ? (
        <a href={hrefOf('mn', nai)}>{nai}</a>
      ) : typeof mac === 'string' ? (
        mac
      ) : typeof peer === 'string' ? (
        peer
      ) : (
        ''
      )}
      {where !== '' && <span class="muted"> {where}</span>}
    </span>
  );
}

export function toneOfEvent({ level, kind }: StreamedEvent): 'bad' | 'wait' | 'good' | 'accent' | 'idle' {
  if (level === 'error' || level === 'fatal') return 'bad';
  if (level === 'warn' || kind === 'pbu-rejected') return 'wait';
  if (kind === 'binding-handed-over') return 'accent';
  return kind === 'binding-created' || kind === 'binding-active' || kind === 'session-active' ? 'good' : 'idle';
}
