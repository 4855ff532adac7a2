import type { Logger } from 'pino';
import { pino } from 'pino';
import type { LogLevel } from './log-limiter.ts';

export type LogFormat = 'text' | 'json';

/** The daemon's log on the standard output: one JSON object or one line of text for each entry. */
export function createLog(level: LogLevel, format: LogFormat): Logger {
  const options = { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  if (format === 'json') return pino({ ...options, formatters: { level: (label) => ({ level: label }) } });
  return pino(options, { write: (line: string) => void process.stdout.write(asText(line)) });
}

const LEVEL_NAMES: Record<number, string> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };
const SHOWN_ELSEWHERE = new Set(['level', 'time', 'pid', 'msg', 'code', 'stack']);

/** `09:12:56.123 info  the text  peer=2001:db8::1` */
function asText(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown> & { level: number; time: string };
  const fields = Object.entries(entry)
    .filter(([name]) => !SHOWN_ELSEWHERE.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const head = `${entry.time.slice(11, 23)} ${(LEVEL_NAMES[entry.level] ?? '').padEnd(5)} ${printable(String(entry.msg ?? ''))}`;
  const stack = typeof entry.stack === 'string' ? `\n${entry.stack}` : '';
  return `${[head, ...fields.map(printable)].join('  ')}${stack}\n`;
}

/** What a peer sent must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{fffd}');
}
