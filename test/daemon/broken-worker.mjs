// Loaded into a daemon before its own code: its packet worker loses the clock as soon as the file that BROKEN_CLOCK names is there.
import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (!isMainThread) {
  const { now } = Date;
  Date.now = () => {
    if (existsSync(process.env.BROKEN_CLOCK)) throw new Error('the clock is gone');
    return now();
  };
}
