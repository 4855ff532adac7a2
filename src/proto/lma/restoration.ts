import type { ClockReading, UtcTime } from '#base/time.ts';
import { milliseconds, utcTime } from '#base/time.ts';
import type { PeerAddress } from '../peer.ts';
import type { RestartGap } from '../record-change.ts';
import { compareTimestamps, type WireTimestamp } from '../wire-timestamp.ts';
import type { Binding, MessageId } from './binding.ts';
import { NTP_SECONDS_AT_1970, signallingTo } from './binding.ts';
import { noteBindingId } from './binding-id.ts';
import { rest } from './ending.ts';
import type { LmaConfig } from './events.ts';
import { forgetBinding, forwardBinding, log } from './output.ts';
import { watchPeer } from './peer-paths.ts';
import type { BindingRecord } from './record.ts';
import { bindingOf, type RestoredValues } from './records.ts';
import type { LmaState } from './state.ts';

/**
 * Takes over bindings of a former run, which come in portions; those whose time ran out meanwhile are dropped. With `gap` the latest refreshes of that run may be
 * missing, though they were answered: what would have ended in the gap lasts `gap.window` longer, and no message of the gap is taken again. A binding that was registered
 * since, or is active no longer, lacks nothing: all of it was stored.
 */
export function restoreBindings(
  state: LmaState,
  records: readonly BindingRecord[],
  gap: RestartGap | undefined,
  now: ClockReading,
): void {
  const peers = new Map<string, PeerAddress>();
  const over: Binding[] = [];
  for (const record of records) {
    const [careOf] = record.careOfAddresses;
    const careOfAddresses =
      record.careOfAddresses.length === 1 ? state.careOfAddresses.share(careOf, undefined) : record.careOfAddresses;
    const binding = bindingOf(record, gap && throughGap(record, gap, state.config), careOfAddresses, now);
    // An operator's revocation that was under way is complete: nobody waits for its acknowledgement any more.
    if (binding.state === 'resting' || binding.state === 'revoking' || binding.endsAt <= now.instant) {
      over.push(binding);
      continue;
    }
    if (!isNew(state, binding)) continue;
    restore(state, binding, now);
    const { key } = careOf.address;
    if (!peers.has(key)) peers.set(key, signallingTo(careOf));
  }
  // Those that rest longest come first, so that the pools know the order.
  over.sort((a, b) => a.grantedUntil - b.grantedUntil);
  for (const binding of over) if (isNew(state, binding)) restoreResting(state, binding, now);
  for (const peer of peers.values()) watchPeer(state, peer, now);
}

function isNew(state: LmaState, { id }: Binding): boolean {
  const isKnown = state.table.has(id) || (state.resting.size > 0 && state.resting.has(id));
  if (isKnown) log(state, 'error', 'record-unreadable', 'A binding was stored twice', { id });
  else noteBindingId(state, id);
  return !isKnown;
}

function restore(state: LmaState, binding: Binding, now: ClockReading): void {
  state.table.put(binding);
  state.timers.set(binding.id, now.instant, milliseconds(binding.endsAt - now.instant));
  state.allocator.reclaim(binding);
  if (binding.uplinkKey !== undefined) state.greKeys.reserve(binding.uplinkKey);
  state.stats.bindingsRestored++;
  if (binding.state === 'active') forwardBinding(state, binding);
}

function restoreResting(state: LmaState, binding: Binding, now: ClockReading): void {
  if (hasSuccessor(state, binding)) {
    forgetBinding(state, binding.id);
    return;
  }
  state.allocator.reclaim(binding);
  state.allocator.releaseAll(binding, now.instant);
  rest(state, binding, now);
}

/** Whether its addresses are in use again. */
function hasSuccessor({ table }: LmaState, { customer, homeAddress, prefixes }: Binding): boolean {
  return (
    prefixes.some((prefix) => table.byPrefix(customer, prefix) !== undefined) ||
    (homeAddress !== undefined && table.byHomeAddress(customer, homeAddress.address) !== undefined)
  );
}

const DELAY_MAXIMUM_MS = 100;

/** A binding that was alive when the gap began may have been refreshed in it. */
function throughGap(record: BindingRecord, gap: RestartGap, { timestampWindow }: LmaConfig): RestoredValues {
  const { endsAt, grantedUntil, lifetime, timestamp, messageId } = record;
  const accepted = grantedUntil - lifetime;
  if (record.state !== 'active' || endsAt < gap.from || accepted > gap.until) return record;
  const longer = endsAt < gap.until ? gap.window : 0;
  const latest = (sent: UtcTime) => latestIn(gap.until, Math.min(sent - accepted, timestampWindow));
  return {
    endsAt: utcTime(endsAt + longer),
    grantedUntil: utcTime(grantedUntil + longer),
    timestamp: timestamp && later(timestamp, timestampOf(latest(utcOf(timestamp)))),
    messageId: messageId && later(messageId, messageIdOf(latest(utcOfMessageId(messageId)))),
  };
}

/**
 * RFC 5213 §5.5(6) "Timestamp Option for Message Ordering": "The timestamp MUST be greater than all previously accepted timestamps", those that were not stored included: the
 * latest that the MAG could send in the gap, by a clock that is as far from this one as with the last message that was stored, and no farther than is accepted: a binding that
 * was stored again after an earlier gap has the latest of that one. Chooses: its messages are under way for less than 100 ms.
 */
function latestIn(end: UtcTime, clockAheadMs: number): UtcTime {
  return utcTime(end + clockAheadMs + DELAY_MAXIMUM_MS);
}

function later<Stamp extends WireTimestamp | MessageId>(a: Stamp, b: Stamp): Stamp {
  return compareTimestamps(a, b) > 0 ? a : b;
}

function timestampOf(utc: UtcTime): WireTimestamp {
  const seconds = Math.floor(utc / 1000);
  return { seconds, fraction: Math.floor(((utc - seconds * 1000) * 65536) / 1000) };
}

function utcOf({ seconds, fraction }: WireTimestamp): UtcTime {
  return utcTime(seconds * 1000 + (fraction * 1000) / 65536);
}

function messageIdOf(utc: UtcTime): MessageId {
  const seconds = Math.floor(utc / 1000);
  const fraction = Math.floor(((utc - seconds * 1000) * 2 ** 32) / 1000);
  return { seconds: seconds + NTP_SECONDS_AT_1970, fraction };
}

function utcOfMessageId({ seconds, fraction }: MessageId): UtcTime {
  return utcTime((seconds - NTP_SECONDS_AT_1970) * 1000 + (fraction * 1000) / 2 ** 32);
}
