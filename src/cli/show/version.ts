/** What runs, and since when; plain JSON. */
export interface VersionView {
  readonly mooring: string;
  readonly node: string;
  readonly kernel: string;
  readonly pid: number;
  readonly uptimeSeconds: number;
}

/** `show version`. */
export function renderVersion({ mooring, node, kernel, pid, uptimeSeconds }: VersionView): string {
  const uptime = uptimeText(uptimeSeconds);
  return Object.entries({ mooring, node, kernel, pid, uptime })
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

const UNITS = [
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** As IOS tells it: `2 weeks, 1 day, 3 minutes`. */
function uptimeText(seconds: number): string {
  let left = seconds;
  const parts = UNITS.flatMap(([unit, length]) => {
    const count = Math.floor(left / length);
    left -= count * length;
    return count === 0 ? [] : [`${count} ${unit}${count === 1 ? '' : 's'}`];
  });
  return parts.length > 0 ? parts.join(', ') : 'less than a minute';
}
