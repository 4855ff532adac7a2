import { inSeconds, seconds } from '#base/time.ts';
import {
  type InterfaceRule,
  interfaceOf,
  readAccountingReport,
  type StationReport,
} from '#proto/aaa/accounting-report.ts';
import type { AccessEvent, AccessPointName } from '#proto/access/events.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { AccountedQuestion, AccountedTaken } from './radius-messages.ts';

/** Which MAGs take what access points and controllers account for. */
export interface AccountingTrigger {
  /** MAGs with `sessionmgr`. */
  readonly mags: readonly string[];
  readonly clients: readonly AccountingTriggerClient[];
}

export interface AccountingTriggerClient {
  /** As in the settings of the proxy. */
  readonly address: string;
  readonly interfaces: readonly InterfaceRule[];
}

export interface AccountedScope {
  readonly trigger: AccountingTrigger;
  readonly mags: readonly { readonly config: Pick<MagConfig, 'name' | 'interfaces'> }[];
  readonly tell: (interfaceName: string, event: AccessEvent) => void;
}

/** A beginning that is told so late says that the node is there, and not that it has just come. */
const LATE = seconds(10);

/** Tells the access links what an Accounting-Request of a client says. */
export function takeAccounted(
  { client, attributes }: AccountedQuestion,
  { trigger, mags, tell }: AccountedScope,
): AccountedTaken['result'] {
  const read = readAccountingReport(attributes);
  if (!read.ok) return read.error;
  const report = read.value;
  const meant = mags.filter(({ config }) => trigger.mags.includes(config.name));
  const interfaces = meant.flatMap(({ config }) => config.interfaces);
  const accessPoint: AccessPointName = { source: 'accounting', name: `${client}/${report.nas}` };
  if (report.status === 'restarted') {
    // The access links of a MAG are one machine, which is told by any of them.
    const links = meant.flatMap(({ config }) => config.interfaces[0] ?? []);
    for (const { name } of links) tell(name, { kind: 'access-point-restarted', accessPoint });
    return 'told';
  }
  const rules = trigger.clients.find(({ address }) => address === client)?.interfaces ?? [];
  const name = interfaceOf(report, rules, interfaces);
  if (name === undefined) return 'without-interface';
  const { mac, nai, session } = report;
  tell(name, {
    kind: 'association',
    interface: name,
    accessPoint: { ...accessPoint, session },
    change: changeOf(report),
    mac,
    ...(nai !== undefined && { nai }),
  });
  return 'told';
}

function changeOf({ status, delay }: StationReport) {
  if (status === 'stop') return 'left';
  return status === 'start' && delay <= inSeconds(LATE) ? 'joined' : 'present';
}
