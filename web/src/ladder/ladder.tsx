import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Step } from '../api/types.ts';
import { formatCount, formatDate, formatTime } from '../format.ts';
import { Hint } from '../ui/hint.tsx';
import { Term, type TermName } from '../ui/terms.tsx';
import { type Group, groupsOf } from './groups.ts';
import { type Ends, type Lane, type LaneKind, type Lanes, lanesOf, type MessageStep } from './lanes.ts';
import { messageHint } from './message-hints.ts';

/** Of what happened before, so much is shown at first. */
const GROUPS_SHOWN = 12;

interface LadderProps {
  readonly steps: readonly Step[];
  /** Of addresses. */
  readonly names: ReadonlyMap<string, string>;
}

/** What happened to a mobile node, who told whom, the latest first; a message opens to everything in it. */
export function Ladder({ steps, names }: LadderProps) {
  const [shown, show] = useState(GROUPS_SHOWN);
  const lanes = lanesOf(steps, names);
  const groups = groupsOf(steps);
  return (
    <div class="ladder" style={{ '--lanes': lanes.all.length }}>
      <Heads lanes={lanes.all} />
      {groups.slice(0, shown).map((group) => (
        <GroupOfSteps key={group.key} group={group} lanes={lanes} />
      ))}
      {groups.length > shown && (
        <button type="button" class="more" onClick={() => show(shown + GROUPS_SHOWN)}>
          Show earlier
        </button>
      )}
    </div>
  );
}

const KINDS: Readonly<Record<LaneKind, { readonly text: string; readonly term?: TermName }>> = {
  station: { text: 'MN', term: 'MN' },
  gateway: { text: 'MAG', term: 'MAG' },
  anchor: { text: 'LMA', term: 'LMA' },
  server: { text: 'AAA', term: 'AAA' },
};

function Heads({ lanes }: { readonly lanes: readonly Lane[] }) {
  return (
    <div class="lane-heads">
      {lanes.map(({ key, kind, name }) => {
        const { text, term } = KINDS[kind];
        return (
          <div key={key} class={`lane-head ${kind}`}>
            <strong>{name}</strong>
            <span class="muted">{term ? <Term name={term}>{text}</Term> : text}</span>
          </div>
        );
      })}
    </div>
  );
}

function GroupOfSteps({ group: { at, title, steps }, lanes }: { readonly group: Group; readonly lanes: Lanes }) {
  return (
    <section class="group" aria-label={`${title}, ${formatTime(at)}`}>
      <h3>
        {title}
        <time class="muted" dateTime={new Date(at).toISOString()} title={formatDate(at)}>
          {formatTime(at)}
        </time>
      </h3>
      <ol>
        {steps.map((step, i) => (
          <li key={i}>
            <span class="since">+{formatCount(Date.parse(step.at) - at)} ms</span>
            {step.kind === 'message' ? <Message step={step} lanes={lanes} /> : <Occurrence step={step} lanes={lanes} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

type EventStep = Extract<Step, { readonly kind: 'event' }>;

/** What happened between messages; what showed the mobile node came from it. */
function Occurrence({ step: { code, text, fields }, lanes }: { readonly step: EventStep; readonly lanes: Lanes }) {
  if (code === 'mobile-node-seen' && lanes.seen)
    return (
      <div class="lanes">
        <Arrow ends={lanes.seen} tone="seen" hint={text}>
          {`${fields.trigger}`.replaceAll('-', ' ')}
        </Arrow>
      </div>
    );
  return (
    <div class="lanes note">
      <span>{withoutSubject(text, fields.nai)}</span>
    </div>
  );
}

/** "x is registered with y" as "registered with y", where everything is about x. */
function withoutSubject(text: string, nai: string | number | undefined): string {
  const start = `${nai} is `;
  return text.startsWith(start) ? text.slice(start.length) : text;
}

interface ArrowProps {
  readonly ends: Ends;
  readonly tone: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}

function Arrow({ ends: { from, to }, tone, hint, children }: ArrowProps) {
  return (
    <span
      class={`arrow ${tone} ${to > from ? 'right' : 'left'}`}
      style={{ '--first': Math.min(from, to), '--span': Math.abs(to - from) }}
    >
      <span class="label">{hint === undefined ? children : <Hint text={hint}>{children}</Hint>}</span>
    </span>
  );
}

function Message({ step, lanes }: { readonly step: MessageStep; readonly lanes: Lanes }) {
  const { protocol, name, summary, count, tree, octets, local, remote, direction } = step;
  const ends = lanes.endsOf(step);
  const hint = messageHint(name);
  const addresses = direction === 'sent' ? [local, remote] : [remote, local];
  const nameOf = (lane: number) => lanes.all[lane]?.name ?? '';
  return (
    <details>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a button */}
      <summary
        class="lanes"
        aria-label={`${name} from ${nameOf(ends.from)} to ${nameOf(ends.to)}`}
        onKeyDown={moveFocus}
      >
        <Arrow ends={ends} tone={protocol}>
          {name}
          {count > 1 && ` ×${formatCount(count)}`}
        </Arrow>
      </summary>
      <div class="content">
        {hint !== undefined && <p class="purpose">{hint}</p>}
        <p>{summary}</p>
        <p class="muted">
          {formatTime(step.at)}, {addresses[0]} → {addresses[1]}, {formatCount(octets)} octets
          {count > 1 && `; the latest of ${formatCount(count)} alike since ${formatTime(step.firstAt)}`}
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach it */}
        <pre tabIndex={0}>{contentOf(tree)}</pre>
      </div>
    </details>
  );
}

/** Without the first line, which is the summary, and as far left as it goes. */
function contentOf([_, ...lines]: readonly string[]): string {
  const indent = Math.min(...lines.map((line) => line.search(/\S|$/)));
  return lines.map((line) => line.slice(indent)).join('\n');
}

/** The arrow keys go from message to message. */
function moveFocus(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const all = [...(event.currentTarget.closest('.ladder')?.querySelectorAll('summary') ?? [])];
  const next = step === 0 ? undefined : all[all.indexOf(event.currentTarget) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
