import { type Duration, milliseconds } from '#base/time.ts';
import type { MagConfig } from './events.ts';

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
export const IMMEDIATE_RETRIES = 3;

/**
 * RFC 5213 §6.9.4(3): "the mobile access gateway MUST use an exponential back-off process in which the timeout period is doubled
 * upon each retransmission, until either the node receives a response or the timeout period reaches the value MAX_BINDACK_TIMEOUT".
 */
export function nextInterval(config: MagConfig, interval: Duration): Duration {
  return milliseconds(Math.min(interval * 2, config.retransmitMaximum));
}

/** Time from an acceptance to the re-registration. A short lifetime leaves half of itself for retransmissions. */
export function refreshDelay(config: MagConfig, granted: Duration): Duration {
  return milliseconds(Math.min(config.refreshTime, granted / 2));
}
