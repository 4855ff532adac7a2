import type { ClockReading } from '#base/time.ts';
import type { LmaConfig, LmaMachine } from '#proto/lma/index.ts';
import { lmaOfBinding } from '#proto/lma/index.ts';
import type { MagConfig, MagMachine } from '#proto/mag/index.ts';
import { magOfSession } from '#proto/mag/index.ts';
import type { LogOutput } from '#proto/peer.ts';
import type { RestartGap } from '#proto/record-change.ts';
import type { OwnedRecords } from '#store/records.ts';
import type { LogLimiter } from './log-limiter.ts';

interface Nodes {
  readonly lmas: readonly { readonly config: Pick<LmaConfig, 'name'>; readonly machine: Pick<LmaMachine, 'handle'> }[];
  readonly mags: readonly { readonly config: Pick<MagConfig, 'name'>; readonly machine: Pick<MagMachine, 'handle'> }[];
}

export const NO_RECORDS: OwnedRecords = { bindings: [], sessions: [] };

/**
 * Gives each LMA and MAG of the node the records that it has made; returns those of others. A MAG's access links hear of its sessions when its
 * outputs are carried out.
 */
export function restore(
  { lmas, mags }: Nodes,
  { bindings, sessions }: OwnedRecords,
  gap: RestartGap | undefined,
  now: ClockReading,
): OwnedRecords {
  const told = { kind: 'restored', ...(gap && { gap }) } as const;
  return {
    bindings: give(lmas, bindings, lmaOfBinding, (machine, records) => machine.handle({ ...told, records }, now)),
    sessions: give(mags, sessions, magOfSession, (machine, records) => machine.handle({ ...told, records }, now)),
  };
}

/** Does that with all that a store has, some at a time; `restored` is told each time of all that there were. */
export function restoreAll(
  nodes: Nodes,
  { records, gap }: { readonly records: Iterable<OwnedRecords>; readonly gap: RestartGap | undefined },
  now: () => ClockReading,
  restored: (records: OwnedRecords) => void,
): OwnedRecords {
  const left: OwnedRecords[] = [];
  for (const some of records) {
    left.push(restore(nodes, some, gap, now()));
    restored(some);
  }
  return {
    bindings: left.flatMap(({ bindings }) => bindings),
    sessions: left.flatMap(({ sessions }) => sessions),
  };
}

/** Tells the operator of records that nobody on this node has made. */
export function tellUnclaimed(
  { bindings, sessions }: OwnedRecords,
  now: ClockReading,
  log: Pick<LogLimiter, 'log'>,
): void {
  for (const [name, own] of Map.groupBy(bindings, ({ id }) => lmaOfBinding(id)))
    tell(`${own.length} stored bindings are of LMA ${name}`, { lma: name }, now, log);
  for (const [name, own] of Map.groupBy(sessions, ({ id }) => magOfSession(id)))
    tell(`${own.length} stored sessions are of MAG ${name}`, { mag: name }, now, log);
}

/** Returns the records that are nobody's. */
function give<Machine, Record extends { readonly id: string }>(
  nodes: readonly { readonly config: { readonly name: string }; readonly machine: Machine }[],
  records: readonly Record[],
  ownerOf: (id: string) => string,
  restored: (machine: Machine, records: Record[]) => void,
): Record[] {
  const left: Record[] = [];
  for (const [name, own] of byOwner(records, ownerOf)) {
    const node = nodes.find(({ config }) => config.name === name);
    if (node) restored(node.machine, own);
    else for (const record of own) left.push(record);
  }
  return left;
}

/** What follows each other is nearly always of one owner, whose name is then not made again. */
function byOwner<Record extends { readonly id: string }>(
  records: readonly Record[],
  ownerOf: (id: string) => string,
): Map<string, Record[]> {
  const owners = new Map<string, Record[]>();
  let owner: string | undefined;
  let own: Record[] = [];
  for (const record of records) {
    const { id } = record;
    if (owner === undefined || id.lastIndexOf('/') !== owner.length || !id.startsWith(owner)) {
      owner = ownerOf(id);
      own = owners.get(owner) ?? [];
      owners.set(owner, own);
    }
    own.push(record);
  }
  return owners;
}

function tell(what: string, fields: LogOutput['fields'], now: ClockReading, log: Pick<LogLimiter, 'log'>): void {
  const text = `${what}, which is not configured here; they are kept until it is`;
  log.log('store', { kind: 'log', level: 'warn', code: 'records-unclaimed', text, fields }, now.instant);
}
