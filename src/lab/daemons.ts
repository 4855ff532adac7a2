import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { controlRequest } from '#cli/control-client.ts';
import { LabError } from './lab-error.ts';
import { type Processes, projectDirectory } from './processes.ts';

/** The nodes that run Mooring. */
export const daemonNodes = ['lma', 'mag1', 'mag2'] as const;
export type DaemonNode = (typeof daemonNodes)[number];

/** Of a binding, what the lab looks at. */
export interface BindingRow {
  readonly nai: string;
  readonly hoa?: string | null;
}

const readyMilliseconds = 60_000;

export function controlPath(prefix: string, node: DaemonNode): string {
  return `/run/mooring/${prefix}-${node}.sock`;
}

/** The file of `examples/` that a node runs. */
export function exampleFile(node: DaemonNode, ipv4Only: boolean): string {
  return join(projectDirectory, 'examples', `${node}${ipv4Only ? '-ipv4-only' : ''}.cfg`);
}

/** The `mooring run` processes of the LMA and the two MAGs. */
export class Daemons {
  readonly #prefix: string;
  readonly #processes: Processes;
  readonly #directory: string;
  readonly #children = new Map<DaemonNode, ChildProcess>();

  constructor(prefix: string, processes: Processes, directory: string) {
    this.#prefix = prefix;
    this.#processes = processes;
    this.#directory = directory;
  }

  logFile(node: DaemonNode): string {
    return join(this.#directory, `${node}.log`);
  }

  /** Starts all of them and waits until each answers on its control socket. Rejects with `LabError` and the end of its log. */
  async startAll(ipv4Only: boolean): Promise<void> {
    for (const node of daemonNodes) this.start(node, exampleFile(node, ipv4Only));
    await Promise.all(daemonNodes.map((node) => this.#awaitReady(node)));
  }

  start(node: DaemonNode, file: string): void {
    const control = controlPath(this.#prefix, node);
    rmSync(control, { force: true });
    const args = [join(projectDirectory, 'bin', 'mooring'), 'run', file, '--control', control, '--state', 'memory'];
    this.#children.set(node, this.#processes.start(node, process.execPath, args, { logFile: this.logFile(node) }));
  }

  pid(node: DaemonNode): number | undefined {
    return this.#children.get(node)?.pid;
  }

  request(node: DaemonNode, request: string, parameters: Record<string, unknown> = {}): Promise<unknown> {
    return controlRequest(controlPath(this.#prefix, node), { request, ...parameters });
  }

  /** What `mooring show …` prints. */
  async show(node: DaemonNode, ...words: string[]): Promise<string> {
    const args = [
      join(projectDirectory, 'bin', 'mooring'),
      'show',
      ...words,
      '--control',
      controlPath(this.#prefix, node),
    ];
    const { output } = await this.#processes.run(node, process.execPath, ...args);
    return output;
  }

  /** The bindings of a node, as its control socket tells them. */
  async bindings(node: DaemonNode): Promise<readonly BindingRow[]> {
    const query = node === 'lma' ? 'lma-binding' : 'mag-binding';
    return (await this.request(node, 'show', { query })) as readonly BindingRow[];
  }

  async #awaitReady(node: DaemonNode): Promise<void> {
    const child = this.#children.get(node);
    for (const end = Date.now() + readyMilliseconds; Date.now() < end; await sleep(20)) {
      if (child?.exitCode !== null || child.signalCode !== null) break;
      try {
        await this.request(node, 'ping');
        return;
      } catch {
        // Not listening yet.
      }
    }
    throw new LabError(
      'daemon-not-ready',
      `mooring on ${node} did not become ready; its log ends:\n${this.#endOfLog(node)}`,
    );
  }

  #endOfLog(node: DaemonNode): string {
    return readFileSync(this.logFile(node), 'utf8').trim().split('\n').slice(-12).join('\n');
  }
}
