import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { controlRequest } from '#cli/control-client.ts';
import { LabError } from './lab-error.ts';
import { projectDirectory } from './processes.ts';
import { ProcessorTimeLine } from './processor-time-line.ts';

const READY_MS = 120_000;
/** Of the kernel's accounting. */
const TICK_US = 10_000;

export interface MooringPlace {
  readonly namespace: string;
  readonly file: string;
  readonly control: string;
  /** A directory, or `memory`. */
  readonly state: string;
  /** The processor that it runs on; any when not given. */
  readonly processor?: number;
  readonly logLevel?: 'info' | 'error';
}

/** A `mooring run` in a namespace. */
export class MooringProcess {
  readonly #control: string;
  readonly #child: ChildProcess;

  /** Resolves when it serves. Rejects with `LabError` when it does not start. */
  static async start(place: MooringPlace): Promise<MooringProcess> {
    const daemon = new MooringProcess(place);
    await daemon.#ready();
    return daemon;
  }

  private constructor({ namespace, file, control, state, processor, logLevel = 'info' }: MooringPlace) {
    this.#control = control;
    const options = ['--control', control, '--state', state, '--log-level', logLevel];
    const mooring = [join(projectDirectory, 'bin', 'mooring'), 'run', file, ...options];
    const on = processor === undefined ? [] : ['taskset', '-c', String(processor)];
    this.#child = spawn('ip', ['netns', 'exec', namespace, ...on, process.execPath, ...mooring], {
      // What it logs is written, and thrown away.
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }

  /** Microseconds of processor time of all its threads so far. */
  get processorTime(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(stat[11]) + Number(stat[12])) * TICK_US;
  }

  /** Follows the processor time until `stop`. */
  followProcessorTime(): ProcessorTimeLine {
    return new ProcessorTimeLine(() => this.processorTime);
  }

  /** Octets of memory of its own: anonymous, and shared with nobody's file. */
  get memory(): number {
    const text = readFileSync(`/proc/${this.#child.pid}/smaps_rollup`, 'utf8');
    return Number(/^Anonymous:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
  }

  request<Answer>(request: { readonly request: string; readonly [parameter: string]: unknown }): Promise<Answer> {
    return controlRequest(this.#control, request) as Promise<Answer>;
  }

  async end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }

  async #ready(): Promise<void> {
    for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(20)) {
      if (this.#child.exitCode !== null) break;
      if (await this.request({ request: 'ping' }).catch(() => undefined)) return;
    }
    throw new LabError('not-ready', 'a daemon did not start');
  }
}
