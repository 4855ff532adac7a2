import { describe, expect, it } from 'vitest';
import { EventChannel } from '#host/event-channel.ts';
import { PollLoop } from '#host/poll-loop.ts';

describe('PollLoop', () => {
  it('calls the handlers of ready descriptors only, until they are cleared', () => {
    const loop = new PollLoop();
    const [first, second] = [new EventChannel(), new EventChannel()];
    const calls: string[] = [];
    loop.watch(first.fd, () => calls.push('first'));
    loop.watch(second.fd, () => {
      calls.push('second');
      second.clear();
    });
    second.signal();
    loop.round(0);
    loop.round(0);
    expect(calls).toEqual(['second']);
    first.signal();
    loop.round(1000);
    loop.unwatch(first.fd);
    loop.round(0);
    expect(calls).toEqual(['second', 'first']);
    first.close();
    second.close();
  });

  it('returns after the time given', () => {
    const start = performance.now();
    new PollLoop().round(20);
    expect(performance.now() - start).toBeGreaterThan(15);
  });
});
