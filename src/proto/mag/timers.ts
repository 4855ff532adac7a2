import { type Duration, type Instant, milliseconds, seconds } from '#base/time.ts';
import type { MagConfig } from './events.ts';
import type { Grant } from './state.ts';

/**
 * RFC 5213 §6.9.4(3) "Retransmissions and Rate Limiting": "The mobile access gateway MAY continue to send these messages at this
 * slower rate indefinitely." Chooses: a first registration ends after six transmissions, 63 s with the default intervals, so that
 * a mobile node which an LMA does not answer is reported; its next frame starts anew.
 */
export const REGISTRATION_TRANSMISSIONS = 6;

/**
 * Differs: RFC 5213 §6.9.1.4 "Mobile Node Detachment and Binding De-Registration" removes the entry after INITIAL_BINDACK_TIMEOUT. Forwarding and
 * session do end at once here, but the entry stays for four transmissions, so that one lost packet does not leave a
 * binding at the LMA for an hour.
 */
export const DEREGISTRATION_TRANSMISSIONS = 4;

/** How often one request may be repeated at once because the LMA asked for newer values. */
export const IMMEDIATE_RETRIES = 2;

/**
 * RFC 5213 §6.9.4(3): "the mobile access gateway MUST use an exponential back-off process in which the timeout period is doubled
 * upon each retransmission, until either the node receives a response or the timeout period reaches the value MAX_BINDACK_TIMEOUT".
 */
export function nextInterval(config: MagConfig, interval: Duration): Duration {
  return milliseconds(Math.min(interval * 2, config.retransmitMaximum));
}

/** How long a revocation is left without an answer, while the mobile node is looked for; its retransmission comes later. */
export const PROOF_TIME = milliseconds(500);

/** The refresh of a mobile node that an access point announced is at most this far off. */
export const RETURN_REFRESH = seconds(60);

/**
 * RFC 6275 §11.8 "Retransmissions and Rate Limiting", MAX_UPDATE_RATE: no more than three messages within a second.
 * Chooses: of each mobile node. A limit for all of them together would let one node hold up the handover of another.
 */
const MAX_UPDATE_RATE = 3;
const RATE_PERIOD = seconds(1);

/** How long the next message must wait; `sent` are the times of those before, the oldest first. */
export function rateLimitDelay(sent: readonly Instant[], now: Instant): Duration {
  const oldest = sent[sent.length - MAX_UPDATE_RATE];
  return milliseconds(oldest === undefined ? 0 : Math.max(0, oldest + RATE_PERIOD - now));
}

/** Notes a message; only as many are kept as the limit looks at. */
export function noteSent(sent: Instant[], now: Instant): void {
  sent.push(now);
  if (sent.length > MAX_UPDATE_RATE) sent.shift();
}

/** Chooses: an LMA that advises to be asked more often than this is asked as often as this. */
const SHORTEST_ADVISED_REFRESH = seconds(4);

/**
 * Time from an acceptance to the re-registration. A short lifetime leaves half of itself for retransmissions. RFC 5555 §4.3 "NAT Keepalives": "If the
 * home agent suggests a different refresh period in the binding acknowledgement, the mobile node SHOULD use the value suggested by
 * the home agent"; the same of the Binding Refresh Advice option.
 */
export function refreshDelay(config: MagConfig, { lifetime, refreshAdvice }: Grant): Duration {
  const advised = refreshAdvice === undefined ? config.refreshTime : Math.max(refreshAdvice, SHORTEST_ADVISED_REFRESH);
  return milliseconds(Math.min(config.refreshTime, lifetime / 2, advised));
}
