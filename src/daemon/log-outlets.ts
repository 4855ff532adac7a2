import type { Logger } from 'pino';
import type { DebugBatch } from './debug/outlet.ts';
import { createLog, type LogFormat } from './log.ts';
import { DEBUG_CODE, LogBuffer, type LogLine } from './log-buffer.ts';
import type { LogLevel, LogSink } from './log-limiter.ts';
import { debugLogLines, Monitor } from './monitor.ts';

/** Where the daemon's log goes: to the standard output, to `show logging`, and to terminals that watch. */
export interface LogOutlets {
  readonly log: Logger;
  readonly buffer: LogBuffer;
  readonly monitor: Monitor;
  /** What was asked for by `debug`: to the standard output only where the log has that level. */
  readonly debug: (batch: DebugBatch) => void;
  /** What the packet worker logs; it has told its events in another way. */
  readonly ofWorker: LogSink;
}

/** `follow` is told of what the main thread logs. */
export function openLog(level: LogLevel, format: LogFormat, follow: (line: LogLine) => void): LogOutlets {
  const buffer = new LogBuffer(level);
  const monitor = new Monitor();
  let own = true;
  const add = (line: LogLine) => {
    buffer.add(line);
    monitor.line(line);
    if (own && line.code !== DEBUG_CODE) follow(line);
  };
  const log = createLog(level, format, { add });
  const debug = (batch: DebugBatch) => {
    for (const line of debugLogLines(batch)) {
      if (log.isLevelEnabled('debug')) log.debug({ code: line.code }, line.text);
      else add(line);
    }
    if (batch.dropped > 0) monitor.dropped(batch.dropped);
  };
  const ofWorker: LogSink = ({ level: as, code, text, fields }) => {
    own = false;
    log[as]({ code, ...fields }, text);
    own = true;
  };
  return { log, buffer, monitor, debug, ofWorker };
}
