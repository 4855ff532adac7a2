import { seconds } from '#base/time.ts';

/** hostapd answers at once; one that does not is stuck, or is not hostapd. */
export const ANSWER_TIMEOUT = seconds(2);
/** From one sign of hostapd's life to the next question: one that was killed says nothing, and its socket file stays. */
export const KEEPALIVE_INTERVAL = seconds(5);
/** From a failure to the next attempt: hostapd may start later than we do, and is restarted for each change of its configuration. */
export const RETRY_INTERVAL = seconds(1);

/**
 * A station that roamed is kept by its old access point for minutes, as authorized as ever: of a station that was silent for longer
 * than this, being listed says nothing. Its next frame will.
 */
export const PRESENT_WITHIN = seconds(5);
