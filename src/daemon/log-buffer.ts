import type { LogFacility } from '#config/index.ts';
import type { LogLevel, LogLevels } from './log-levels.ts';

/** The `code` of lines that were asked for by `debug`. */
export const DEBUG_CODE = 'debug';

/** One line of the log as it is kept; plain JSON. */
export interface LogLine {
  /** ISO 8601, UTC, with milliseconds. */
  readonly time: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  /** The part of the daemon that says so. */
  readonly facility: LogFacility;
  readonly code: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What `show logging` shows; plain JSON. */
export interface LogView {
  /** The least level that is logged. */
  readonly level: LogLevel;
  /** Of the parts of the daemon that have another one. */
  readonly levels: ReturnType<LogLevels['view']>;
  /** How many lines the buffer can hold, and how many were ever put in. */
  readonly capacity: number;
  readonly logged: number;
  /** The oldest first. */
  readonly lines: readonly LogLine[];
}

/** Enough to see what led to a fault, and about a megabyte at most. */
const CAPACITY = 1000;
/** What is beyond is cut off: a line may quote what a peer sent. */
const LONGEST_TEXT = 500;
const FIELD_MAXIMUM = 16;

/** The latest lines of the log; a new one takes the place of the oldest. */
export class LogBuffer {
  readonly #levels: LogLevels;
  readonly #lines: LogLine[] = [];
  #logged = 0;
  /** Where the oldest line is, once the buffer is full. */
  #oldest = 0;

  constructor(levels: LogLevels) {
    this.#levels = levels;
  }

  add(line: LogLine): void {
    this.#logged++;
    const kept = shortened(line);
    if (this.#lines.length < CAPACITY) this.#lines.push(kept);
    else {
      this.#lines[this.#oldest] = kept;
      this.#oldest = (this.#oldest + 1) % CAPACITY;
    }
  }

  view(): LogView {
    const lines = [...this.#lines.slice(this.#oldest), ...this.#lines.slice(0, this.#oldest)];
    const { all: level } = this.#levels;
    return { level, levels: this.#levels.view(), capacity: CAPACITY, logged: this.#logged, lines };
  }

  clear(): void {
    this.#lines.length = 0;
    this.#oldest = 0;
  }
}

function shortened({ text, fields, ...rest }: LogLine): LogLine {
  const short = Object.entries(fields)
    .slice(0, FIELD_MAXIMUM)
    .map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : value]);
  return { ...rest, text: text.slice(0, LONGEST_TEXT), fields: Object.fromEntries(short) };
}
