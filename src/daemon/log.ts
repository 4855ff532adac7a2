import type { Logger } from 'pino';
import { pino } from 'pino';
import type { LogFacility } from '#config/index.ts';
import type { LogBuffer, LogLine } from './log-buffer.ts';

export type LogFormat = 'text' | 'json';

/** The daemon's log on the standard output, one JSON object or one line of text for each entry; `buffer` keeps the latest. Its children say how much. */
export function createLog(format: LogFormat, buffer: Pick<LogBuffer, 'add'>): Logger {
  const options = { level: 'trace', base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime };
  const write = (json: string) => {
    const line = readLine(json);
    buffer.add(line);
    process.stdout.write(format === 'json' ? json : asText(line));
  };
  return pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, { write });
}

const STACK = 'stack';

function readLine(json: string): LogLine {
  const { level, time, facility, pid: _, msg = '', code = '', ...fields } = JSON.parse(json) as LoggedEntry;
  return { time, level, facility, code, text: msg, fields };
}

interface LoggedEntry extends Record<string, unknown> {
  readonly level: LogLine['level'];
  readonly time: string;
  readonly facility: LogFacility;
  readonly msg?: string;
  readonly code?: string;
}

/** `09:12:56.123 info  the text  peer=2001:db8::1` */
function asText({ time, level, text, fields }: LogLine): string {
  const { [STACK]: stack, ...shown } = fields;
  const words = Object.entries(shown).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const head = `${time.slice(11, 23)} ${level.padEnd(5)} ${printable(text)}`;
  const trace = typeof stack === 'string' ? `\n${stack}` : '';
  return `${[head, ...words.map(printable)].join('  ')}${trace}\n`;
}

/** What a peer sent must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{fffd}');
}
