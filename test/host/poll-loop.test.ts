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

  it('waits for one descriptor alone, and for less than a millisecond', () => {
    const loop = new PollLoop();
    const [disk, other] = [new EventChannel(), new EventChannel()];
    const [diskReady, otherReady] = [() => {}, () => {}];
    loop.watch(disk.fd, diskReady);
    loop.watch(other.fd, otherReady);
    other.signal();
    const start = performance.now();
    for (let i = 0; i < 10; i++) expect(loop.waitFor(disk.fd, 0.5)).toBeUndefined();
    const taken = performance.now() - start;
    expect(taken).toBeGreaterThan(5);
    disk.signal();
    expect(loop.waitFor(disk.fd, 999)).toEqual([diskReady]);
    expect(loop.wait(0)).toEqual([diskReady, otherReady]);
    disk.close();
    other.close();
  });

  it('returns after the time given', () => {
    const start = performance.now();
    new PollLoop().round(20);
    expect(performance.now() - start).toBeGreaterThan(15);
  });
});
