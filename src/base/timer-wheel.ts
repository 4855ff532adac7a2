import type { Duration } from './time.ts';
import { TimerQueue } from './timer-queue.ts';

export type { Timer } from './timer-queue.ts';

export class TimerWheel<T> extends TimerQueue<T> {
  constructor(_slotWidth: Duration) {
    super();
  }
}
