import type { LogFacility } from '#config/index.ts';
import type { LogOutput } from '#proto/peer.ts';
import { type LogLevel, LogLevels } from './log-levels.ts';

/** What is logged, and by which part of the daemon. */
export type LogEntry = LogOutput & { readonly facility: LogFacility };
export type LogSink = (entry: LogEntry) => void;

/** How many messages of one code pass in one window. */
const BURST = 50;
const WINDOW_MS = 10_000;
const CODE_MAXIMUM = 500;

interface CodeState {
  windowStart: number;
  passed: number;
  suppressed: number;
}

/** Keeps a flood of equal messages out of the log: of each code a burst passes, the rest is counted and told once. */
export class LogLimiter {
  /** Messages that were kept out since the start. */
  suppressed = 0;
  readonly levels: LogLevels;
  readonly #codes = new Map<string, CodeState>();
  readonly #sink: LogSink;

  constructor(least: LogLevel, sink: LogSink) {
    this.levels = new LogLevels(least);
    this.#sink = sink;
  }

  /** `now` in milliseconds of a clock that never goes back. */
  log(facility: LogFacility, entry: LogOutput, now: number): void {
    const { kind, level, code } = entry;
    if (!this.levels.admits(facility, level)) return;
    const state = this.#stateOf(code, now);
    if (state.passed < BURST) {
      state.passed++;
      // `fields` may be worked out when they are read.
      this.#sink({ kind, level, code, text: entry.text, fields: entry.fields, facility });
      return;
    }
    state.suppressed++;
    this.suppressed++;
  }

  /** Ends windows; to be called now and then. */
  tick(now: number): void {
    if (this.#codes.size === 0) return;
    for (const [code, state] of this.#codes) {
      if (now - state.windowStart < WINDOW_MS) continue;
      this.#codes.delete(code);
      if (state.suppressed === 0) continue;
      const text = `${state.suppressed} more messages "${code}" in the last ${WINDOW_MS / 1000} seconds were not logged`;
      this.#sink({
        kind: 'log',
        facility: 'daemon',
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
