import { LOG_FACILITIES, type LogFacility, type LogLevelConfiguration, type LogSeverity } from '#config/index.ts';
import type { LogOutput } from '#proto/peer.ts';

export type LogLevel = LogOutput['level'];

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const LEVEL_OF: Record<LogSeverity, LogLevel> = {
  debugging: 'debug',
  informational: 'info',
  warnings: 'warn',
  errors: 'error',
};

/** How much each part of the daemon logs: as it was started with, or as `logging level` says. */
export class LogLevels {
  /** What it was started with. */
  readonly #started: LogLevel;
  #all: LogLevel;
  #own: ReadonlyMap<LogFacility, LogLevel> = new Map();

  constructor(started: LogLevel) {
    this.#started = started;
    this.#all = started;
  }

  configure(levels: readonly LogLevelConfiguration[]): void {
    const all = levels.find(({ facility }) => facility === 'all');
    this.#all = all ? LEVEL_OF[all.severity] : this.#started;
    this.#own = new Map(
      levels.flatMap(({ facility, severity }) => (facility === 'all' ? [] : [[facility, LEVEL_OF[severity]] as const])),
    );
  }

  /** Of all that have none of their own. */
  get all(): LogLevel {
    return this.#all;
  }

  of(facility: LogFacility): LogLevel {
    return this.#own.get(facility) ?? this.#all;
  }

  admits(facility: LogFacility, level: LogLevel): boolean {
    return LEVELS.indexOf(level) >= LEVELS.indexOf(this.of(facility));
  }

  /** The parts whose level is not that of all. */
  view(): readonly { readonly facility: LogFacility; readonly level: LogLevel }[] {
    return LOG_FACILITIES.map((facility) => ({ facility, level: this.of(facility) })).filter(
      ({ level }) => level !== this.#all,
    );
  }
}
