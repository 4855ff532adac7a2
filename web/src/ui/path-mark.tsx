import type { Path } from '../api/types.ts';
import { Hint } from './hint.tsx';

/** Whether a peer answers. */
export function PathMark({ path: { status, state, roundTripMs } }: { readonly path: Path }) {
  if (!status) return <span class="mark bad">no answer</span>;
  if (state !== 'up')
    return (
      <span class="mark idle">
        <Hint text="No heartbeats are configured">not watched</Hint>
      </span>
    );
  return <span class="mark good">{roundTripMs === null ? 'up' : `up, ${roundTripMs.toFixed(1)} ms`}</span>;
}
