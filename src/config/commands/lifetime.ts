import { type Duration, inSeconds } from '#base/time.ts';
import type { Complaint } from '../command.ts';

/** The unit of lifetimes in binding messages. */
const UNIT_SECONDS = 4;

export function lifetimeComplaint(value: Duration): Complaint | undefined {
  const count = inSeconds(value);
  if (count % UNIT_SECONDS === 0) return undefined;
  return { argument: 0, message: `lifetimes are sent in units of 4 seconds; ${count - (count % UNIT_SECONDS)} holds` };
}

export function refreshTimeComplaint(value: Duration, lifetime: Duration): Complaint | undefined {
  if (value < lifetime) return undefined;
  return { argument: 0, message: `is not below the lifetime, ${inSeconds(lifetime)} seconds; bindings would run out` };
}
