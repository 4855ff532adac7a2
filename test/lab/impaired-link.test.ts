import { describe, expect, it } from 'vitest';
import { ImpairedDirection, type LinkBehaviour } from '#lab/impaired-link.ts';

const clean: LinkBehaviour = { delayMilliseconds: 0, jitterMilliseconds: 0, lossPercent: 0, reorderPercent: 0 };

/** Sends `count` numbered packets, one a millisecond, and gives what comes out with the time it does. */
function send(behaviour: LinkBehaviour, count: number, seed = 1): { number: number; at: number }[] {
  const link = new ImpairedDirection(behaviour, seed);
  const received: { number: number; at: number }[] = [];
  for (let now = 0; now < count + 1000; now += 0.5) {
    if (now < count && Number.isInteger(now)) link.push(Uint8Array.of(now >> 8, now & 255), now);
    for (let packet = link.takeDue(now); packet; packet = link.takeDue(now)) {
      received.push({ number: ((packet[0] as number) << 8) | (packet[1] as number), at: now });
    }
  }
  return received;
}

describe('the impaired link', () => {
  it('delays every packet alike and keeps their order', () => {
    const received = send({ ...clean, delayMilliseconds: 25 }, 100);
    expect(received).toEqual(Array.from({ length: 100 }, (_, i) => ({ number: i, at: i + 25 })));
  });

  it('says when the next packet is due', () => {
    const link = new ImpairedDirection({ ...clean, delayMilliseconds: 7 }, 1);
    expect(link.nextDue).toBeUndefined();
    link.push(Uint8Array.of(1), 100);
    expect(link.nextDue).toBe(107);
    expect(link.takeDue(106.9)).toBeUndefined();
    expect(link.takeDue(107)).toEqual(Uint8Array.of(1));
  });

  it('loses about as many as it is told', () => {
    const { length } = send({ ...clean, lossPercent: 20 }, 5000);
    expect(length).toBeGreaterThan(3850);
    expect(length).toBeLessThan(4150);
  });

  it('lets later packets overtake the reordered ones, and loses none of them', () => {
    const received = send({ ...clean, reorderPercent: 10 }, 2000);
    expect(received.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 2000 }, (_, i) => i),
    );
    const overtaken = received.filter(({ number }, i) => i > 0 && number < (received[i - 1]?.number ?? 0));
    expect(overtaken.length).toBeGreaterThan(100);
    expect(overtaken.length).toBeLessThan(300);
  });

  it('does the same again with the same seed, and something else with another', () => {
    const behaviour = { delayMilliseconds: 5, jitterMilliseconds: 4, lossPercent: 5, reorderPercent: 5 };
    expect(send(behaviour, 500, 7)).toEqual(send(behaviour, 500, 7));
    expect(send(behaviour, 500, 7)).not.toEqual(send(behaviour, 500, 8));
  });

  it('drops and counts what its queue cannot hold', () => {
    const link = new ImpairedDirection({ ...clean, delayMilliseconds: 1000 }, 1);
    for (let i = 0; i < 20_010; i++) link.push(Uint8Array.of(1), 0);
    expect(link.counters.overflowed).toBe(10);
  });
});
