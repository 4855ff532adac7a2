import { utcTime } from '#base/time.ts';
import type { StoreUrgency } from '../record-change.ts';
import type { MagContext } from './context.ts';
import type { SessionRecord } from './record.ts';
import type { Lease } from './session-address.ts';
import type { Binding, Grant } from './state.ts';

/**
 * Has the session kept over a restart. Chooses: the mobile node is served before its session is durable, as it waits for that; a session that a
 * loss of power takes away just then is registered anew by the node's next packet.
 */
export function keepSession(mag: MagContext, binding: Binding, grant: Grant, urgency: StoreUrgency): void {
  mag.emit({ kind: 'store', change: { kind: 'put', record: recordOf(mag, binding, grant), urgency } });
}

/** A lease that is extended may wait as other extensions do. */
export function keepLease(mag: MagContext, binding: Binding, lease: Lease): void {
  const urgency = binding.lease ? 'within-window' : 'after-reply';
  binding.lease = lease;
  if (binding.granted) keepSession(mag, binding, binding.granted, urgency);
}

export function forgetSession(mag: MagContext, { mac }: Pick<Binding, 'mac'>): void {
  mag.emit({ kind: 'store', change: { kind: 'delete', id: idOf(mag, mac), urgency: 'after-reply' } });
}

function recordOf(mag: MagContext, binding: Binding, { expires, ...grant }: Grant): SessionRecord {
  const { utc, instant } = mag.reading;
  const { sessionEnds, lease } = binding;
  const isLeased = lease && grant.homeAddress?.address.equals(lease.address);
  return {
    ...grant,
    id: idOf(mag, binding.mac),
    mac: binding.mac,
    nai: binding.nai,
    profile: binding.profile,
    interface: binding.interface.name,
    lma: binding.lma.name,
    sequence: binding.sequence,
    downlinkKey: binding.downlinkKey,
    expires: utcTime(utc + (expires - instant)),
    leaseEnds: isLeased ? utcTime(utc + (lease.until - instant)) : undefined,
    sessionEnds: sessionEnds === undefined ? undefined : utcTime(utc + (sessionEnds - instant)),
  };
}

function idOf(mag: MagContext, mac: Binding['mac']): string {
  return `${mag.config.name}/${mac}`;
}
