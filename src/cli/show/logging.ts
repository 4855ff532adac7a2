import type { LogSeverity } from '#config/index.ts';
import { DEBUG_CODE, type LogLine, type LogView } from '#daemon/log-buffer.ts';
import type { LogLevel } from '#daemon/log-levels.ts';
import { text } from './layout.ts';
import { isoMonthDay } from './moment.ts';

/** IOS's severities. */
const SEVERITY: Record<LogLine['level'], number> = { fatal: 2, error: 3, warn: 4, info: 6, debug: 7 };

/** The words of `logging level`. */
const SEVERITY_NAME: Record<LogLevel, LogSeverity> = {
  error: 'errors',
  warn: 'warnings',
  info: 'informational',
  debug: 'debugging',
};

/** `show logging`: the times are UTC. */
export function renderLogging({ level, levels, capacity, logged, lines }: LogView): string {
  return text([
    `Syslog logging: enabled (${logged} messages logged)`,
    `    Console logging: level ${SEVERITY_NAME[level]}`,
    `    Buffer logging: level ${SEVERITY_NAME[level]}, ${lines.length} messages held`,
    ...levels.map((own) => `    Facility ${own.facility}: level ${SEVERITY_NAME[own.level]}`),
    '',
    `Log Buffer (${capacity} lines):`,
    '',
    ...lines.map(logLine),
  ]);
}

/** `*Nov 26 11:53:01.123: %MOORING-4-PEER_RESTARTED: the text  peer=2001:db8::1`; what `debug` tells has no mnemonic. */
export function logLine({ time, level, code, text: message, fields }: LogLine): string {
  const mnemonic = code.toUpperCase().replaceAll('-', '_') || 'LOG';
  const words = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const tag = code === DEBUG_CODE ? '' : `%MOORING-${SEVERITY[level]}-${mnemonic}: `;
  const head = `*${isoMonthDay(time, ' ')} ${time.slice(11, 23)}: ${tag}${message}`;
  return [head, ...words].join('  ').replace(/\p{Cc}/gu, '\u{fffd}');
}
