// Loaded into a daemon before its own code: its packet worker loses the clock some seconds after the start.
import { isMainThread } from 'node:worker_threads';

if (!isMainThread) {
  const { bigint } = process.hrtime;
  let end;
  process.hrtime.bigint = () => {
    const now = bigint();
    end ??= now + 6_000_000_000n;
    if (now > end) throw new Error('the clock is gone');
    return now;
  };
}
