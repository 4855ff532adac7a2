import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { utcTime } from '#base/time.ts';
import { AccountingQueue } from '#daemon/aaa/accounting-queue.ts';
import type { AccountingRecord } from '#proto/aaa/accounting.ts';
import type { RadiusOutcome } from '#proto/radius/index.ts';

const START = 1_800_000_000_000;
const record = (session: string | undefined, mark: number): AccountingRecord => ({
  session,
  at: utcTime(START),
  attributes: [{ vendor: 0, type: 44, value: Uint8Array.of(mark) }],
});

let folder: string;
let file: string;
let sent: { mark: number; answer: (outcome: RadiusOutcome) => void }[];
let logged: string[];

function open(path = file): AccountingQueue {
  const queue = new AccountingQueue({
    send: (attributes, answer) => sent.push({ mark: attributes[0]?.value[0] as number, answer }),
    now: () => utcTime(START),
    log: (_, code) => logged.push(code),
  });
  queue.keepIn(path);
  return queue;
}

const marks = () => sent.map(({ mark }) => mark);

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'mooring-accounting-'));
  file = join(folder, 'accounting');
  sent = [];
  logged = [];
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

describe('accounting records on their way to a server', () => {
  it('go out at once, those of one session one after the other', () => {
    const queue = open();
    queue.add([record('a', 1), record('a', 2), record('b', 3)]);
    expect(marks()).toEqual([1, 3]);
    sent[0]?.answer('accept');
    expect(marks()).toEqual([1, 3, 2]);
    queue.close();
  });

  it('of the node itself go out alone: what comes before is answered first, what comes after waits', () => {
    const queue = open();
    queue.add([record('a', 1), record(undefined, 2), record('b', 3)]);
    expect(marks()).toEqual([1]);
    sent[0]?.answer('accept');
    expect(marks()).toEqual([1, 2]);
    sent[1]?.answer('accept');
    expect(marks()).toEqual([1, 2, 3]);
    queue.close();
  });

  it('wait while no server answers, ever longer, and go out again in their order', () => {
    const queue = open();
    queue.add([record('a', 1), record('a', 2)]);
    sent[0]?.answer('no-answer');
    queue.add([record('c', 3)]);
    expect(marks()).toEqual([1]);
    vi.advanceTimersByTime(1000);
    expect(marks()).toEqual([1, 1, 3]);
    sent[1]?.answer('no-server');
    sent[2]?.answer('no-answer');
    vi.advanceTimersByTime(1999);
    expect(marks()).toHaveLength(3);
    vi.advanceTimersByTime(1);
    expect(marks().slice(3)).toEqual([1, 3]);
    queue.close();
  });

  it('outlive the process: what was not answered is sent by the next one, first', () => {
    const before = open();
    before.add([record('a', 1), record('b', 2), record('a', 3)]);
    sent[1]?.answer('accept');
    before.close();
    sent = [];
    const after = open();
    expect(logged).toEqual(['accounting-resumed']);
    after.add([record('c', 4)]);
    expect(marks()).toEqual([1, 4]);
    sent[0]?.answer('accept');
    expect(marks()).toEqual([1, 4, 3]);
    after.close();
  });

  it('outlive it but for a last line that was cut', () => {
    const before = open();
    before.add([record('a', 1)]);
    before.close();
    appendFileSync(file, '+2 ["b",18000');
    expect(open().waiting).toBe(1);
    expect(readFileSync(file, 'utf8')).not.toContain('+2');
  });

  it('are sent though they cannot be kept, and that is said once', () => {
    const queue = open(join(folder, 'missing', 'accounting'));
    queue.add([record('a', 1)]);
    expect(marks()).toEqual([1]);
    expect(logged).toEqual(['accounting-not-durable']);
    queue.close();
  });

  it('are at most 200,000; what is beyond is counted, and that is said once', () => {
    const queue = new AccountingQueue({
      send: () => {},
      now: () => utcTime(START),
      log: (_, code) => logged.push(code),
    });
    queue.add(Array.from({ length: 200_003 }, () => record('a', 1)));
    expect(queue.waiting).toBe(200_000);
    expect(queue.stats.dropped).toBe(3);
    expect(logged).toEqual(['accounting-overflow']);
    queue.close();
  });
});
