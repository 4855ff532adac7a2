import { adjtimex, alloc, check } from './posix.ts';

/** Whether something keeps the clock of this machine right, as the kernel was told by it. */
export interface ClockState {
  readonly synchronized: boolean;
  /** The largest error that the clock may have, in seconds. */
  readonly maximumError: number;
}

/** The size of struct timex, with room, and offsets in it: `maxerror` in microseconds, `status`. */
const TIMEX_SIZE = 256;
const MAXERROR = 24;
const STATUS = 40;
const STA_UNSYNC = 0x40;
const TIME_ERROR = 5;

/** Throws `SystemCallError`. */
export function clockState(): ClockState {
  const timex = alloc(TIMEX_SIZE);
  const state = check('adjtimex', adjtimex(timex.pointer));
  const unsynchronized = state === TIME_ERROR || (timex.buffer.readInt32LE(STATUS) & STA_UNSYNC) !== 0;
  return { synchronized: !unsynchronized, maximumError: Number(timex.buffer.readBigInt64LE(MAXERROR)) / 1e6 };
}
