import { nextFraction, type Random } from '#base/random.ts';
import { type Duration, milliseconds, seconds } from '#base/time.ts';

/** Chooses: soon, so that the peer's Restart Counter is known early; spread, so that an LMA does not ask all its MAGs at once. */
const FIRST_REQUEST_WITHIN = seconds(1);

/** From the first session with a peer to the first request. */
export function firstDelay(random: Random): Duration {
  return milliseconds(Math.floor(nextFraction(random) * FIRST_REQUEST_WITHIN));
}
