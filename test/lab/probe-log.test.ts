import { expect, it } from 'vitest';
import { ProbeLog } from '#lab/traffic/probe-log.ts';

it('counts the probes of a window by when they were sent, and the gap between replies', () => {
  const log = new ProbeLog();
  for (let now = 0; now < 100; now++) {
    const number = log.sent(now);
    const lost = now >= 50 && now < 53;
    if (!lost) log.answered(number, now + 0.5);
  }
  expect(log.result({ from: 40, to: 60 })).toMatchObject({ sent: 20, lost: 3, longestGap: 4, medianRoundTrip: 0.5 });
  expect(log.result({ from: 0, to: 50 })).toMatchObject({ sent: 50, lost: 0, longestGap: 1 });
});

it('a window without any reply is one long gap', () => {
  const log = new ProbeLog();
  for (let now = 0; now < 10; now++) log.sent(now);
  expect(log.result({ from: 0, to: 10 })).toMatchObject({ sent: 10, lost: 10, longestGap: 10 });
});
