import type { Logger } from 'pino';
import type { LogFacility, LogLevelConfiguration } from '#config/index.ts';
import type { DebugBatch } from './debug/outlet.ts';
import { createLog, type LogFormat } from './log.ts';
import { DEBUG_CODE, LogBuffer, type LogLine } from './log-buffer.ts';
import { type LogLevel, LogLevels } from './log-levels.ts';
import type { LogSink } from './log-limiter.ts';
import { debugLogLines, Monitor } from './monitor.ts';

/** Where the daemon's log goes: to the standard output, to `show logging`, and to terminals that watch. */
export interface LogOutlets {
  /** Of each part of the daemon its own, with its level. */
  readonly of: (facility: LogFacility) => Logger;
  /** `logging level …`, from now on. */
  readonly configure: (levels: readonly LogLevelConfiguration[]) => void;
  readonly buffer: LogBuffer;
  readonly monitor: Monitor;
  /** What was asked for by `debug`: to the standard output only where the log has that level. */
  readonly debug: (batch: DebugBatch) => void;
  /** What the packet worker logs; it has told its events in another way. */
  readonly ofWorker: LogSink;
}

/** `follow` is told of what the main thread logs. */
export function openLog(level: LogLevel, format: LogFormat, follow: (line: LogLine) => void): LogOutlets {
  const levels = new LogLevels(level);
  const buffer = new LogBuffer(levels);
  const monitor = new Monitor();
  let own = true;
  const add = (line: LogLine) => {
    buffer.add(line);
    monitor.line(line);
    if (own && line.code !== DEBUG_CODE) follow(line);
  };
  const root = createLog(format, { add });
  const children = new Map<LogFacility, Logger>();
  const of = (facility: LogFacility): Logger => {
    const known = children.get(facility);
    if (known) return known;
    const child = root.child({ facility }, { level: levels.of(facility) });
    children.set(facility, child);
    return child;
  };
  const configure = (configured: readonly LogLevelConfiguration[]) => {
    levels.configure(configured);
    for (const [facility, child] of children) child.level = levels.of(facility);
  };
  const debug = (batch: DebugBatch) => {
    const log = of('daemon');
    for (const line of debugLogLines(batch)) {
      if (log.isLevelEnabled('debug')) log.debug({ code: line.code }, line.text);
      else add(line);
    }
    if (batch.dropped > 0) monitor.dropped(batch.dropped);
  };
  const ofWorker: LogSink = ({ facility, level: as, code, text, fields }) => {
    own = false;
    of(facility)[as]({ ...fields, code }, text);
    own = true;
  };
  return { of, configure, buffer, monitor, debug, ofWorker };
}
