import { describe, expect, it } from 'vitest';
import { milliseconds, utcTime } from '#base/time.ts';
import type { RestartGap } from '#proto/record-change.ts';
import { createMemoryMedium, MemoryStore } from '#store/memory.ts';
import { countRecords, restartGapChange } from '#store/records.ts';
import { gapAtStart } from '#store/restart-gap.ts';
import { at } from './compliance.ts';

const DAY = 86_400_000;
/** 65535 units of 4 seconds. */
const LONGEST_LIFETIME = 262_140_000;

/** Runs on one medium, one after the other, each of which crashes or is closed. */
class Runs {
  readonly #medium = createMemoryMedium();
  #store: MemoryStore | undefined;

  /** A process that starts at `ms`, right after the former one has ended; what it has to reckon with. */
  start(ms: number): RestartGap | undefined {
    const store = new MemoryStore(this.#medium);
    const gap = gapAtStart(countRecords(store.load()).restartGap, store.gap, at(ms).utc, at(ms).utc);
    store.begin(at(ms), [restartGapChange(gap)]);
    this.#store = store;
    return gap;
  }

  close(ms: number): void {
    this.#store?.close(at(ms));
  }
}

const gap = (from: number, until: number): RestartGap => ({
  from: at(from).utc,
  window: milliseconds(1000),
  until: at(until).utc,
});

describe('the gap of a crash', () => {
  it('is none for the first run, nor after one that was closed', () => {
    const runs = new Runs();
    expect(runs.start(0)).toBeUndefined();
    runs.close(500);
    expect(runs.start(1000)).toBeUndefined();
  });

  it('reaches from the last that was written to the start of the next run', () => {
    const runs = new Runs();
    runs.start(0);
    expect(runs.start(7000)).toEqual(gap(0, 7000));
  });

  it('is not forgotten by a run that is closed: what bindings lack they lack still', () => {
    const runs = new Runs();
    runs.start(0);
    runs.start(7000);
    runs.close(7500);
    expect(runs.start(8000)).toEqual(gap(0, 7000));
    runs.close(9000);
    expect(runs.start(10_000)).toEqual(gap(0, 7000));
  });

  it('is one with that of the next crash', () => {
    const runs = new Runs();
    runs.start(0);
    runs.start(7000);
    expect(runs.start(8000)).toEqual(gap(0, 8000));
  });

  it('is over when no lifetime from before it is left', () => {
    const runs = new Runs();
    runs.start(0);
    runs.start(7000);
    runs.close(2 * DAY);
    expect(runs.start(LONGEST_LIFETIME + 7000)).toEqual(gap(0, 7000));
    runs.close(LONGEST_LIFETIME + 7000);
    expect(runs.start(LONGEST_LIFETIME + 7001)).toBeUndefined();
  });

  it('does not reach into the future where the clock was set back since', () => {
    const runs = new Runs();
    runs.start(0);
    runs.start(DAY);
    runs.close(DAY + 1);
    expect(runs.start(DAY / 2)).toEqual(gap(0, DAY / 2));
  });

  it('is kept to the microsecond', () => {
    const exact = { from: utcTime(1_764_000_000_000.125), window: milliseconds(60_000), until: at(1).utc };
    const store = new MemoryStore();
    store.begin(at(0), [restartGapChange(exact)]);
    expect(countRecords(store.load()).restartGap).toEqual(exact);
    store.flush(at(0));
    store.close(at(0));
  });
});
