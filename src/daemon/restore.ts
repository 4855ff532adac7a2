import type { ClockReading } from '#base/time.ts';
import type { BindingRecord, LmaConfig, LmaMachine } from '#proto/lma/index.ts';
import { lmaOfBinding } from '#proto/lma/index.ts';
import type { MagConfig, MagMachine, SessionRecord } from '#proto/mag/index.ts';
import { magOfSession } from '#proto/mag/index.ts';
import type { StoreGap } from '#proto/record-change.ts';
import type { StoredRecords } from '#store/records.ts';
import type { LogLimiter } from './log-limiter.ts';

interface Nodes {
  readonly lmas: readonly { readonly config: Pick<LmaConfig, 'name'>; readonly machine: Pick<LmaMachine, 'handle'> }[];
  readonly mags: readonly { readonly config: Pick<MagConfig, 'name'>; readonly machine: Pick<MagMachine, 'handle'> }[];
}

/**
 * Gives each LMA and MAG of the node the records that it has made; those of one that is no longer configured are told to the operator. A
 * MAG's access links hear of its sessions when its outputs are carried out.
 */
export function restore(
  nodes: Nodes,
  records: Pick<StoredRecords, 'bindings' | 'sessions'>,
  gap: StoreGap | undefined,
  now: ClockReading,
  log: Pick<LogLimiter, 'log'>,
): void {
  for (const [name, own] of Map.groupBy(records.bindings, ({ id }) => lmaOfBinding(id))) {
    const lma = nodes.lmas.find(({ config }) => config.name === name);
    if (lma) lma.machine.handle({ kind: 'restored', records: own, ...(gap && { gap }) }, now);
    else tellUnclaimed('bindings', 'LMA', name, own, now, log);
  }
  for (const [name, own] of Map.groupBy(records.sessions, ({ id }) => magOfSession(id))) {
    const mag = nodes.mags.find(({ config }) => config.name === name);
    if (mag) mag.machine.handle({ kind: 'restored', records: own, ...(gap && { gap }) }, now);
    else tellUnclaimed('sessions', 'MAG', name, own, now, log);
  }
}

function tellUnclaimed(
  what: string,
  role: string,
  name: string,
  { length }: readonly (BindingRecord | SessionRecord)[],
  now: ClockReading,
  log: Pick<LogLimiter, 'log'>,
): void {
  const text = `${length} stored ${what} are of ${role} ${name}, which is not configured here; they are left alone`;
  log.log(
    { kind: 'log', level: 'warn', code: 'records-unclaimed', text, fields: { [role.toLowerCase()]: name } },
    now.instant,
  );
}
