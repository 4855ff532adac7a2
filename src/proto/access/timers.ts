import { type Duration, milliseconds, seconds } from '#base/time.ts';

/** A pending station is reported again after this, in case its session was lost on the way; the MAG has given up by then. */
export const PENDING_PATIENCE = seconds(90);
/** A packet that waits for a session is of no use after this. */
export const HOLD_TIME = seconds(1);
/** A refused station starts no new registration before this. */
export const REFUSAL_QUIET = seconds(5);
/** By then the MAG has said what becomes of a session whose home address was given back. */
export const RELEASE_PATIENCE = seconds(1);
/** A station without a session is asked this often whether it is there. */
export const UNSERVED_INTERVAL = seconds(30);
/** How a node is asked whose gateway wants to know whether it is there, where the configuration does not say; as RFC 4861 §10 "Protocol Constants" has for a neighbour. */
export const QUESTIONS = { timeout: seconds(2), retries: 3 } as const;
/** The same where somebody waits for the answer: three questions in less than half a second. */
export const URGENT_QUESTIONS = { timeout: milliseconds(150), retries: 2 } as const;
/** Frames on their way when a station left do not bring it back. A layer-2 update does. */
export const DEPARTURE_QUIET = milliseconds(200);
/** Layer-2 updates of one station, and moves between links without one, count once in this. */
export const REPEAT_QUIET = milliseconds(20);
/** From the first frames of a station until hostapd says that it has it, at most; a station does not go to another gateway and come back in this. */
export const WORD_LAG = seconds(1);
/** A station seen on two links at once moves at most this often. */
export const MOVE_QUIET = milliseconds(100);
/** Stations without a session that were silent for this long are forgotten. */
export const FORGET_AFTER = seconds(120);
/** An access point that has not noticed that a station left goes on to tell of it: that it is one which left is remembered. Where room is short it is forgotten earlier. */
export const FORGET_CLAIMED_AFTER = seconds(24 * 3600);
export const SWEEP_INTERVAL = seconds(60);

/** RFC 2131 §3.1(5) "Client-server interaction - allocating a network address": a client waits 10 s after a DHCPDECLINE; so long nothing is offered, each time twice. */
export const DECLINE_WAIT = seconds(10);
export const DECLINE_WAIT_MAXIMUM = seconds(640);

/** At most one answer to router solicitations of one node in this. */
export const SOLICITED_INTERVAL = milliseconds(20);

/** RFC 4861 §10: MAX_FINAL_RTR_ADVERTISEMENTS, MIN_DELAY_BETWEEN_RAS. */
export const FINAL_ADVERTISEMENTS = 3;
export const FINAL_ADVERTISEMENT_INTERVAL = seconds(3);

/** §10: MAX_INITIAL_RTR_ADVERTISEMENTS, MAX_INITIAL_RTR_ADVERT_INTERVAL. */
export const INITIAL_ADVERTISEMENTS = 3;
export const INITIAL_ADVERTISEMENT_INTERVAL = seconds(16);

/** RFC 4861 §6.2.1 "Router Configuration Variables": MaxRtrAdvInterval is 600 s by default, AdvDefaultLifetime at most 9000 s. */
const ADVERTISEMENT_INTERVAL_MAXIMUM = seconds(600);
const ROUTER_LIFETIME_MAXIMUM = seconds(9000);
/** Chooses: however short a binding, so that some lost advertisements cost a node nothing. */
const PREFIX_LIFETIME_MINIMUM = seconds(600);

/**
 * RFC 5213 §6.7 "Home Network Emulation": "An implementation MAY choose to tie the prefix lifetime to the mobile node's binding lifetime."
 * It is the whole lifetime granted, not what is left of it, so that it is the same at every MAG and each advertisement
 * starts it anew.
 */
export function prefixLifetime(granted: Duration): Duration {
  return milliseconds(Math.max(granted, PREFIX_LIFETIME_MINIMUM));
}

export function routerLifetime(granted: Duration): Duration {
  return milliseconds(Math.min(prefixLifetime(granted), ROUTER_LIFETIME_MAXIMUM));
}

/**
 * The time to the next unsolicited advertisement after `sent` of them; RFC 4861 §6.2.4 "Sending Unsolicited Router Advertisements":
 * "the timer is reset to a uniformly distributed random value between the interface's configured MinRtrAdvInterval and
 * MaxRtrAdvInterval", here a third of the lifetime and 0.33 of that. `fraction` is from 0 to 1.
 */
export function advertisementDelay(granted: Duration, sent: number, fraction: number): Duration {
  const maximum = Math.min(routerLifetime(granted) / 3, ADVERTISEMENT_INTERVAL_MAXIMUM);
  const delay = maximum * (0.33 + 0.67 * fraction);
  return milliseconds(sent < INITIAL_ADVERTISEMENTS ? Math.min(delay, INITIAL_ADVERTISEMENT_INTERVAL) : delay);
}
