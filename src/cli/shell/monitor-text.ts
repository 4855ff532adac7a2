import type { MonitorEvent } from '#daemon/monitor.ts';
import { logLine } from '../show/logging.ts';

/** What a terminal that watches shows of an event; one line, with its end. */
export function monitorText(event: MonitorEvent): string {
  if (event.monitor === 'line') return `${logLine(event.line)}\n`;
  return `%MOORING-4-DEBUG_DROPPED: ${event.count} debug messages dropped, there were more than can be shown\n`;
}
