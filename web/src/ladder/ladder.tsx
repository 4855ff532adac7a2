import type { Step } from '../api/types.ts';
import { formatCount, formatTime } from '../format.ts';

/** Messages and events of a mobile node, the latest first; a message opens to everything in it. */
export function Ladder({ steps }: { readonly steps: readonly Step[] }) {
  return (
    <ol class="ladder">
      {[...steps].reverse().map((step, i) => (
        <li key={`${step.at} ${steps.length - i}`} class={step.kind}>
          <time dateTime={step.at}>{formatTime(step.at)}</time>
          {step.kind === 'message' ? <Message step={step} /> : <span>{step.text}</span>}
        </li>
      ))}
    </ol>
  );
}

type MessageStep = Extract<Step, { readonly kind: 'message' }>;

function Message({ step }: { readonly step: MessageStep }) {
  const { direction, local, remote, name, summary, count, tree, octets } = step;
  const sent = direction === 'sent';
  return (
    <details>
      <summary>
        <span class="end">{local}</span>
        <span class={`arrow ${direction}`}>
          <strong>{name}</strong>
          <span aria-hidden="true">{sent ? ' ⟶' : ' ⟵'}</span>
          <span class="hidden">{sent ? ' sent to ' : ' received from '}</span>
        </span>
        <span class="end">{remote}</span>
      </summary>
      <p>
        {summary}{' '}
        <span class="muted">
          ({formatCount(octets)} B{count > 1 ? `, ${formatCount(count)} times` : ''})
        </span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must reach it */}
      <pre tabIndex={0}>{tree.join('\n')}</pre>
    </details>
  );
}
