import { clockState } from '#host/clock-state.ts';
import { SystemCallError } from '#host/posix.ts';
import { type Check, ok, warning } from './finding.ts';

const ADVICE = 'run an NTP client, such as chrony, on the LMA and on every MAG; in a container, on the machine below';

/** Registrations carry the time of the MAG, and the LMA refuses those that differ too much from its own. */
export const clock: Check = {
  name: 'clock',
  examine() {
    try {
      const { synchronized, maximumError } = clockState();
      if (synchronized) return [ok(`the clock is synchronised, within ${maximumError.toFixed(3)} s`)];
      return [
        warning('nothing synchronises the clock: an LMA refuses registrations of a MAG whose clock differs', ADVICE),
      ];
    } catch (failure) {
      if (!(failure instanceof SystemCallError)) throw failure;
      return [warning(`whether the clock is synchronised cannot be told: ${failure.message}`, ADVICE)];
    }
  },
};
