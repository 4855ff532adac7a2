import type { BindingAcknowledgement, BindingRevocationIndication, BindingUpdate } from '#wire/mobility/index.ts';
import { findOption } from '#wire/mobility/index.ts';
import { compareTimestamps } from '../wire-timestamp.ts';
import { type Binding, isArrival, type Request } from './state.ts';

/** The first message of a session goes out. */
export function noteFirst(binding: Binding, { options }: BindingUpdate): void {
  if (!binding.granted) binding.since ??= findOption(options, 'timestamp');
}

/** The LMA accepted: an arrival begins the session anew, whatever was revoked before. An earlier time than before is of a clock that was set back. */
export function noteAccepted(binding: Binding, request: Request, { options }: BindingAcknowledgement): void {
  const stamp = findOption(options, 'timestamp');
  if (!stamp) return;
  if (isArrival(request) || !binding.since || compareTimestamps(stamp, binding.since) < 0) binding.since = stamp;
}

/**
 * Whether an authenticated indication can mean this session. It has the time of the registration that it revokes, as this gateway sent it: one with an earlier time is of an earlier session, and
 * somebody kept it.
 */
export function isOfSession({ since }: Binding, { options }: BindingRevocationIndication): boolean {
  if (!since) return true;
  const stamp = findOption(options, 'timestamp');
  return stamp !== undefined && compareTimestamps(stamp, since) >= 0;
}
