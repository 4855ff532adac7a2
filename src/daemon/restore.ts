import type { ClockReading } from '#base/time.ts';
import type { BindingRecord, LmaConfig, LmaMachine } from '#proto/lma/index.ts';
import { lmaOfBinding } from '#proto/lma/index.ts';
import type { LogLimiter } from './log-limiter.ts';

interface Anchor {
  readonly config: Pick<LmaConfig, 'name'>;
  readonly machine: Pick<LmaMachine, 'handle'>;
}

/** Gives each LMA of the node the records that it has made; those of one that is no longer configured are told to the operator. */
export function restore(
  lmas: readonly Anchor[],
  records: readonly BindingRecord[],
  now: ClockReading,
  log: Pick<LogLimiter, 'log'>,
): void {
  for (const [name, own] of Map.groupBy(records, ({ id }) => lmaOfBinding(id))) {
    const lma = lmas.find(({ config }) => config.name === name);
    if (lma) lma.machine.handle({ kind: 'restored', records: own }, now);
    else {
      const text = `${own.length} stored bindings are of LMA ${name}, which is not configured here; they are left alone`;
      log.log({ kind: 'log', level: 'warn', code: 'records-unclaimed', text, fields: { lma: name } }, now.instant);
    }
  }
}
