import { describe, expect, it } from 'vitest';
import type { Scheduling } from '#daemon/real-time.ts';
import { RealTime } from '#daemon/real-time.ts';

/** A thread that is busy for a share of its time. */
class Thread implements Scheduling {
  at = 0;
  cpu = 0;
  permitted = true;
  readonly asked: string[] = [];
  now = () => this.at;
  used = () => this.cpu;
  runWithoutDelay = () => this.permitted && this.asked.push('ahead') > 0;
  runInTurn = () => this.asked.push('in turn') > 0;

  pass(realTime: RealTime | undefined, ms: number, share: number): void {
    for (let i = 0; i < ms; i++) {
      this.at++;
      this.cpu += share * 1000;
      realTime?.review();
    }
  }
}

describe('RealTime', () => {
  it('runs ahead of others while the thread sleeps most of the time', () => {
    const thread = new Thread();
    thread.pass(RealTime.begin(thread), 1000, 0.4);
    expect(thread.asked).toEqual(['ahead']);
  });

  it('takes its turn in a flood, within a tenth of a second, and runs ahead again after it', () => {
    const thread = new Thread();
    const realTime = RealTime.begin(thread);
    thread.pass(realTime, 110, 1);
    expect(thread.asked).toEqual(['ahead', 'in turn']);
    thread.pass(realTime, 5000, 0.9);
    expect(thread.asked).toEqual(['ahead', 'in turn']);
    thread.pass(realTime, 300, 0.01);
    expect(thread.asked).toEqual(['ahead', 'in turn', 'ahead']);
  });

  it('does nothing where the process may not', () => {
    const thread = new Thread();
    thread.permitted = false;
    expect(RealTime.begin(thread)).toBeUndefined();
  });
});
