import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Histogram } from '#base/histogram.ts';
import { milliseconds } from '#base/time.ts';
import { monotonicNanoseconds, readClock } from '#host/clock.ts';
import { LogStore } from '#store/log-store.ts';
import { Table } from '#store/records.ts';
import type { StoredChange } from '#store/store.ts';
import { LabError } from '../../lab-error.ts';
import { projectDirectory } from '../../processes.ts';
import { ANCHOR, type ControlBed, KEY, PROCESSORS, SPI } from './bed.ts';

/** What a server of the same packets in C answers that keeps no state. */
export interface EchoFigures {
  readonly perSecond: number;
  /** Microseconds of processor time of the server for each message. */
  readonly cost: number;
}

/** Octets of a binding with one prefix, as it is stored. */
const RECORD_OCTETS = 200;
const STORE_SECONDS = 2;
const SYNCS = 500;

/** `authenticated`: it reads the options, verifies and signs; else it turns the message round. Throws `LabError` without a C compiler. */
export async function measureEcho(bed: ControlBed, nodes: number, authenticated: boolean): Promise<EchoFigures> {
  const program = compile(bed);
  const words = authenticated ? ['signed', ANCHOR, SPI, KEY] : ['echo', ANCHOR];
  const on = ['netns', 'exec', bed.namespace, 'taskset', '-c', `${PROCESSORS.served}`, program, ...words];
  const server = spawn('ip', on, { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = server.stdout.setEncoding('utf8');
  try {
    await once(output, 'data');
    const [report] = await bed.load({ nodes, operations: ['attach'], authenticated });
    const printed = once(output, 'data');
    server.kill('SIGTERM');
    const { messages, microseconds } = JSON.parse((await printed)[0]) as { messages: number; microseconds: number };
    return { perSecond: report?.perSecond ?? 0, cost: microseconds / messages };
  } finally {
    server.kill('SIGKILL');
  }
}

function compile(bed: ControlBed): string {
  const program = join(bed.directory, 'reference');
  const source = join(projectDirectory, 'src', 'lab', 'bench', 'control', 'reference.c');
  try {
    execFileSync('cc', ['-O2', '-o', program, source], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no C compiler; apt-get install gcc libc6-dev' : message;
    throw new LabError('no-reference', `the reference in C cannot be made: ${reason}`);
  }
  return program;
}

/** Bindings a second that the store alone makes durable, in groups of this size. */
export function measureStore(bed: ControlBed, group: number): number {
  const store = new LogStore({ directory: bed.newState(), window: milliseconds(1000) });
  store.begin(readClock());
  const value = new Uint8Array(RECORD_OCTETS).fill(7);
  const start = monotonicNanoseconds();
  let count = 0;
  while (monotonicNanoseconds() - start < STORE_SECONDS * 1e9) {
    const changes = Array.from({ length: group }, (): StoredChange => {
      return { table: Table.BINDING, key: `${count++}`, value, urgency: 'before-reply' };
    });
    store.commit(changes, readClock());
  }
  const taken = (monotonicNanoseconds() - start) / 1e9;
  store.close(readClock());
  return count / taken;
}

/** Adds to `delays` how long writes of 4 KiB take, each with its fdatasync(2), one after the other. */
export function measureSync(bed: ControlBed, delays: Histogram): void {
  const file = openSync(join(bed.directory, 'sync'), 'w');
  const octets = new Uint8Array(4096);
  for (let i = 0; i < SYNCS; i++) {
    const start = monotonicNanoseconds();
    writeSync(file, octets);
    fdatasyncSync(file);
    delays.record((monotonicNanoseconds() - start) / 1000);
  }
  closeSync(file);
}
