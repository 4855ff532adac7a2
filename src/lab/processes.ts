import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LabError } from './lab-error.ts';
import { type NodeName, namespaceOf } from './topology.ts';

/** The checkout this lab runs from. */
export const projectDirectory = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Where a process's output goes: a log file, or to the caller line by line. */
export interface ProcessOptions {
  readonly logFile?: string;
  readonly onLine?: (line: string) => void;
  /** Opens Node's IPC channel to it. */
  readonly ipc?: boolean;
}

/** The processes a lab started, each inside a namespace. */
export class Processes {
  readonly #prefix: string;
  readonly #running = new Set<ChildProcess>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Starts a command in a node's namespace. It gets no terminal signal: the lab ends it. */
  start(node: NodeName, command: string, args: readonly string[], options: ProcessOptions = {}): ChildProcess {
    const output = options.logFile === undefined ? 'pipe' : openSync(options.logFile, 'a');
    const child = spawn('ip', ['netns', 'exec', namespaceOf(this.#prefix, node), command, ...args], {
      cwd: projectDirectory,
      detached: true,
      stdio: ['ignore', output, output, ...(options.ipc === true ? (['ipc'] as const) : [])],
    });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    child.once('error', () => this.#running.delete(child));
    if (options.logFile === undefined) forwardLines(child, options.onLine ?? (() => {}));
    return child;
  }

  /** Runs one of the lab's own scripts under this Node. */
  startScript(node: NodeName, script: string, options: ProcessOptions = {}): ChildProcess {
    return this.start(node, process.execPath, [join(projectDirectory, script)], options);
  }

  /** Runs a command to its end and gives what it printed. */
  async run(node: NodeName, command: string, ...args: string[]): Promise<{ status: number; output: string }> {
    const output: string[] = [];
    const child = this.start(node, command, args, { onLine: (line) => output.push(line) });
    const status = await ended(child);
    return { status, output: output.join('\n') };
  }

  /** Asks all to end, and makes those that have not after a while. */
  async endAll(milliseconds = 3000): Promise<void> {
    const all = [...this.#running];
    for (const child of all) child.kill('SIGTERM');
    const timer = setTimeout(() => this.killAll(), milliseconds);
    await Promise.all(all.map(ended));
    clearTimeout(timer);
  }

  /** Lets all run on when this process ends. */
  release(): void {
    for (const child of this.#running) {
      child.unref();
      child.channel?.unref();
      child.stdout?.destroy();
      child.stderr?.destroy();
    }
    this.#running.clear();
  }

  killAll(): void {
    for (const child of this.#running) child.kill('SIGKILL');
  }
}

/** The exit status of a process, 128 + number for a signal; when its output is piped, all of it was read. */
export function ended(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode ?? 128);
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new LabError('start-failed', `cannot start: ${cause.message}`, { cause })));
    child.once('close', (code) => resolve(code ?? 128));
  });
}

function forwardLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
    stream?.on('end', () => rest !== '' && onLine(rest));
  }
}
