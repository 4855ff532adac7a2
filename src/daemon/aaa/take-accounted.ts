import { inSeconds, seconds } from '#base/time.ts';
import {
  type InterfaceRule,
  interfaceOf,
  readAccountingReport,
  type StationReport,
} from '#proto/aaa/accounting-report.ts';
import type { AccessEvent, AccessPointName } from '#proto/access/events.ts';
import type { MagConfig } from '#proto/mag/events.ts';
import type { LogOutput } from '#proto/peer.ts';
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
  /** For whoever follows the events of that MAG. */
  readonly notify: (mag: string, event: LogOutput) => void;
}

/** A beginning that is told so late says that the node is there, and not that it has just come. */
const LATE = seconds(10);

/** Tells the access links what an Accounting-Request of a client says. */
export function takeAccounted(
  { client, attributes }: AccountedQuestion,
  { trigger, mags, tell, notify }: AccountedScope,
): AccountedTaken['result'] {
  const read = readAccountingReport(attributes);
  if (!read.ok) return read.error;
  const report = read.value;
  const meant = mags.filter(({ config }) => trigger.mags.includes(config.name));
  const interfaces = meant.flatMap(({ config }) => config.interfaces);
  const accessPoint: AccessPointName = { source: 'accounting', name: `${client}/${report.nas}` };
  if (report.status === 'restarted') {
    for (const { config } of meant) {
      // The access links of a MAG are one machine, which is told by any of them.
      const name = config.interfaces[0]?.name;
      if (name !== undefined) tell(name, { kind: 'access-point-restarted', accessPoint });
      notify(config.name, restartedEvent(client, report.nas));
    }
    return 'told';
  }
  const rules = trigger.clients.find(({ address }) => address === client)?.interfaces ?? [];
  const name = interfaceOf(report, rules, interfaces);
  if (name === undefined) return 'without-interface';
  const { mac, nai, session } = report;
  const mag = meant.find(({ config }) => config.interfaces.some((one) => one.name === name));
  if (mag) notify(mag.config.name, accountedEvent(client, name, report));
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

function accountedEvent(client: string, interfaceName: string, report: StationReport): LogOutput {
  const { mac, nai, nas, session, status, calledStation } = report;
  const fields = {
    mac: mac.toCiscoString(),
    interface: interfaceName,
    status,
    client,
    nas,
    accountingSession: session,
    ...(nai !== undefined && { nai }),
    ...(calledStation !== undefined && { calledStation }),
  };
  const text = `${nas || client} accounts for ${mac.toCiscoString()}: ${status} of session ${session}`;
  return { kind: 'log', level: 'info', code: 'station-accounted', text, fields };
}

function restartedEvent(client: string, nas: string): LogOutput {
  const text = `${nas || client} begins or ends to account: none of its stations is there`;
  return { kind: 'log', level: 'info', code: 'access-point-restarted', text, fields: { client, nas } };
}

function changeOf({ status, delay }: StationReport) {
  if (status === 'stop') return 'left';
  return status === 'start' && delay <= inSeconds(LATE) ? 'joined' : 'present';
}
