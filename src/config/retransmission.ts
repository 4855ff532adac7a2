/**
 * The waits for the answer to a Proxy Binding Update. IOS XE takes them in milliseconds from 100 on; a guide to the ASR 5000 states the same commands in
 * seconds. A number that can only be meant as seconds is taken as that, kept as it was typed, and warned of.
 */
import { type Duration, milliseconds, seconds } from '#base/time.ts';
import { type Argument, oneWord } from './argument.ts';
import type { Complaint } from './command.ts';
import { magDefaults } from './defaults.ts';
import type { MagConfiguration } from './model.ts';

const LEAST = 100;
const MOST = 65_535;
const MOST_SECONDS = Math.floor(MOST / 1000);

/** The number as it was typed. */
export const retransmissionWait: Argument<number> = oneWord({
  label: `<${LEAST}-${MOST}>`,
  help: `Milliseconds; 1 to ${MOST_SECONDS} are seconds`,
  parse: (text) => {
    if (!/^\d+$/.test(text)) return 'is not a number';
    const value = Number(text);
    if ((value >= 1 && value <= MOST_SECONDS) || (value >= LEAST && value <= MOST)) return { value };
    return `is not in the range ${LEAST} to ${MOST} of milliseconds, or 1 to ${MOST_SECONDS} of seconds`;
  },
  format: String,
});

/** What is configured, or the default. */
export function retransmissionsOf(mag: Pick<MagConfiguration, 'initRetransmission' | 'maxRetransmission'>): {
  readonly retransmitInitial: Duration;
  readonly retransmitMaximum: Duration;
} {
  const { initRetransmission: initial, maxRetransmission: maximum } = mag;
  return {
    retransmitInitial: initial === undefined ? magDefaults.retransmitInitial : waitOf(initial),
    retransmitMaximum: maximum === undefined ? magDefaults.retransmitMaximum : waitOf(maximum),
  };
}

export function unitComplaint(count: number): Complaint | undefined {
  if (count >= LEAST) return undefined;
  return {
    argument: 0,
    message: `is taken as seconds, as it is below ${LEAST}; ${waitOf(count)} is that in milliseconds`,
  };
}

function waitOf(count: number): Duration {
  return count < LEAST ? seconds(count) : milliseconds(count);
}
