/** What is told of mobile nodes at a gateway that no machine logs. */
import type { AttachedEvent, SessionChange } from '#proto/mag/events.ts';
import type { LogOutput } from '#proto/peer.ts';

export function attachedEvent({ mac, interface: name, trigger }: AttachedEvent): LogOutput {
  const fields = { mac: mac.toCiscoString(), interface: name, trigger };
  return {
    kind: 'log',
    level: 'info',
    code: 'mobile-node-seen',
    text: `a mobile node was seen at ${name} (${trigger})`,
    fields,
  };
}

export function sessionEvent(change: SessionChange): LogOutput {
  const log = { kind: 'log', level: 'info', code: change.kind } as const;
  if (change.kind === 'session-active') {
    const { mac, nai, interface: name } = change.session;
    const fields = { mac: mac.toCiscoString(), nai, interface: name };
    return { ...log, text: `${nai} is served at ${name}`, fields };
  }
  const { mac, interface: name, reason } = change;
  const fields = { mac: mac.toCiscoString(), interface: name, reason };
  const what = change.kind === 'session-ended' ? 'is served no longer' : 'is not served';
  return { ...log, text: `${mac.toCiscoString()} ${what} at ${name}: ${reason}`, fields };
}
