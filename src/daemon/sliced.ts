import { monotonicMilliseconds } from '#host/clock.ts';

/** So long work may keep signalling waiting. */
const SLICE_MS = 2;
/** Steps between two looks at the clock. */
const STEPS = 32;

/** Goes on with `steps` for one slice, and hands each to `take`; whether that was the end, and what came of it. */
export function workSlice<Step, Answer>(
  steps: Iterator<Step, Answer>,
  take: (step: Step) => void = () => {},
): { readonly done: false } | { readonly done: true; readonly answer: Answer } {
  const end = monotonicMilliseconds() + SLICE_MS;
  for (let count = 1; ; count++) {
    const next = steps.next();
    if (next.done) return { done: true, answer: next.value };
    take(next.value);
    if (count % STEPS === 0 && monotonicMilliseconds() >= end) return { done: false };
  }
}

/** An answer that may take long: it is worked out a slice at a time, and the packet worker serves mobile nodes in between. */
export class Sliced {
  readonly #steps: Iterator<unknown, unknown>;

  /** Returns the answer at last; may throw `RequestError`. */
  constructor(steps: Iterator<unknown, unknown>) {
    this.#steps = steps;
  }

  work(): { readonly done: false } | { readonly done: true; readonly answer: unknown } {
    return workSlice(this.#steps);
  }
}
