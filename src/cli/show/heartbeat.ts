import type { HeartbeatRow } from '#proto/heartbeat/index.ts';
import { field, separator, text } from './layout.ts';

/** One node of `show ipv6 mobile pmipv6 lma heartbeat` and `… mag heartbeat`; plain JSON. */
export interface HeartbeatView {
  readonly domain: string;
  readonly name: string;
  /** Seconds; `null` when no requests are sent. */
  readonly interval: number | null;
  readonly retries: number | null;
  readonly paths: readonly HeartbeatRow[];
}

/** No guide prints a sample; the lines are those of the globals, with the fields of IOS XR's operational model. */
export function renderHeartbeats(kind: 'LMA' | 'Mag', views: readonly HeartbeatView[]): string {
  return text(views.flatMap((view) => nodeLines(kind, view)));
}

function nodeLines(kind: 'LMA' | 'Mag', { domain, name, interval, retries, paths }: HeartbeatView): string[] {
  const heading = [separator, `Domain : ${domain}`, `${kind} Identifier : ${name}`];
  if (interval === null || retries === null) return [...heading, field('Heartbeat', 'disabled'), ''];
  return [
    ...heading,
    field('Heartbeat', 'enabled'),
    field('Heartbeat interval', `${interval} (sec)`),
    field('Heartbeat retries', retries),
    field('Total number of paths', paths.length),
    ...paths.flatMap(pathLines),
    '',
  ];
}

function pathLines(path: HeartbeatRow): string[] {
  const family = path.ipv6Path ? 'IPv6' : 'IPv4';
  return [
    '',
    `Peer : ${path.peer}`,
    field('Status', path.state.toUpperCase()),
    field(`Source ${family} address`, path.source),
    field(`Destination ${family} address`, path.destination),
    ...(path.sourcePort === null ? [] : [field('Source port', path.sourcePort)]),
    ...(path.destinationPort === null ? [] : [field('Destination port', path.destinationPort)]),
    field('Bindings', path.sessions),
    field('Missing heartbeats', path.missing),
    field('Restart counter', path.restartCounter ?? 'unknown'),
    field('Last answer', path.lastHeardAgo === null ? 'never' : `${path.lastHeardAgo} (sec) ago`),
    ...(path.roundTripMs === null ? [] : [field('Round trip time', `${path.roundTripMs.toFixed(1)} (msec)`)]),
  ];
}
