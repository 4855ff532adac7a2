import { text } from './layout.ts';

/** A row of `show ip local pool`; plain JSON. */
export interface Ipv4PoolRow {
  readonly name: string;
  readonly begin: string;
  readonly end: string;
  readonly free: number;
  readonly inUse: number;
  /** Networks of LMAs that have it, as `lma1/network1`. */
  readonly networks: readonly string[];
}

/** A row of `show ipv6 local pool`; plain JSON. */
export interface Ipv6PoolRow {
  readonly name: string;
  readonly prefix: string;
  readonly assignedLength: number;
  readonly free: number;
  readonly inUse: number;
  readonly networks: readonly string[];
}

export function renderIpv4Pools(rows: readonly Ipv4PoolRow[]): string {
  const column = (name: string, begin: string, end: string, free: string, inUse: string, networks: string) =>
    ` ${name.padEnd(24)} ${begin.padEnd(15)} ${end.padEnd(15)} ${free.padStart(8)} ${inUse.padStart(8)}  ${networks}`.trimEnd();
  return text([
    column('Pool', 'Begin', 'End', 'Free', 'In use', 'Networks'),
    ...rows.map(({ name, begin, end, free, inUse, networks }) =>
      column(name, begin, end, String(free), String(inUse), networks.join(', ')),
    ),
  ]);
}

export function renderIpv6Pools(rows: readonly Ipv6PoolRow[]): string {
  const column = (name: string, prefix: string, length: string, free: string, inUse: string, networks: string) =>
    ` ${name.padEnd(24)} ${prefix.padEnd(28)} ${length.padStart(8)} ${free.padStart(10)} ${inUse.padStart(8)}  ${networks}`.trimEnd();
  return text([
    column('Pool', 'Prefix', 'Assigned', 'Free', 'In use', 'Networks'),
    ...rows.map(({ name, prefix, assignedLength, free, inUse, networks }) =>
      column(name, prefix, `/${assignedLength}`, String(free), String(inUse), networks.join(', ')),
    ),
  ]);
}
