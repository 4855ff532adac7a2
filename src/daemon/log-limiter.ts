import type { LogOutput } from '#proto/peer.ts';

export type LogLevel = LogOutput['level'];
export type LogSink = (entry: LogOutput) => void;

/** How many messages of one code pass in one window. */
const BURST = 50;
const WINDOW_MS = 10_000;
const CODE_MAXIMUM = 500;
const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

interface CodeState {
  windowStart: number;
  passed: number;
  suppressed: number;
}

/** Keeps a flood of equal messages out of the log: of each code a burst passes, the rest is counted and told once. */
export class LogLimiter {
  /** Messages that were kept out since the start. */
  suppressed = 0;
  readonly #codes = new Map<string, CodeState>();
  readonly #sink: LogSink;
  readonly #least: number;

  constructor(least: LogLevel, sink: LogSink) {
    this.#least = LEVELS.indexOf(least);
    this.#sink = sink;
  }

  /** `now` in milliseconds of a clock that never goes back. */
  log(entry: LogOutput, now: number): void {
    if (LEVELS.indexOf(entry.level) < this.#least) return;
    const state = this.#stateOf(entry.code, now);
    if (state.passed < BURST) {
      state.passed++;
      this.#sink(entry);
      return;
    }
    state.suppressed++;
    this.suppressed++;
  }

  /** Ends windows; to be called now and then. */
  tick(now: number): void {
    for (const [code, state] of this.#codes) {
      if (now - state.windowStart < WINDOW_MS) continue;
      this.#codes.delete(code);
      if (state.suppressed === 0) continue;
      const text = `${state.suppressed} more messages "${code}" in the last ${WINDOW_MS / 1000} seconds were not logged`;
      this.#sink({
        kind: 'log',
        level: 'warn',
        code: 'log-suppressed',
        text,
        fields: { of: code, count: state.suppressed },
      });
    }
  }

  #stateOf(code: string, now: number): CodeState {
    let state = this.#codes.get(code);
    if (!state) {
      state = { windowStart: now, passed: 0, suppressed: 0 };
      if (this.#codes.size < CODE_MAXIMUM) this.#codes.set(code, state);
    }
    return state;
  }
}
