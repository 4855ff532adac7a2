import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = new URL('../../', import.meta.url).pathname;

/** A network namespace that has what a configuration of examples/ asks for, and a daemon in it. */
export class NodeNamespace {
  readonly name: string;

  /** The interfaces `core`, with `address`, and `acc`; nobody is at their other ends. */
  constructor(name: string, address: string) {
    this.name = name;
    execFileSync('ip', ['netns', 'add', name]);
    // Addresses are to be there at once, so that what is compared does not depend on when it is looked at.
    for (const of of ['all', 'default']) this.run('sysctl', '-qw', `net.ipv6.conf.${of}.accept_dad=0`);
    this.ip('link', 'set', 'lo', 'up');
    for (const link of ['core', 'acc']) {
      this.ip('link', 'add', link, 'type', 'veth', 'peer', 'name', `${link}-end`);
      this.ip('link', 'set', link, 'up');
      this.ip('link', 'set', `${link}-end`, 'up');
    }
    this.ip('address', 'add', address, 'dev', 'core', 'nodad');
  }

  ip(...words: string[]): string {
    return execFileSync('ip', ['-n', this.name, ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  run(...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, ...command], { encoding: 'utf8' });
  }

  start(file: string, control: string, environment: NodeJS.ProcessEnv = {}): DaemonProcess {
    const command = [process.execPath, join(root, 'bin/mooring'), 'run', file, '--control', control];
    return new DaemonProcess(
      spawn('ip', ['netns', 'exec', this.name, ...command], { cwd: root, env: { ...process.env, ...environment } }),
    );
  }

  /** Everything of the namespace that a daemon could have changed, as the system's tools print it. */
  traces(): string {
    const settings = ['net.ipv4.ip_forward', 'net.ipv4.conf', 'net.ipv6.conf', 'net.ipv4.neigh', 'net.ipv6.neigh'];
    return [
      this.ip('-o', 'link').replace(/ (state|qdisc) \S+/g, ''),
      this.ip('-o', 'address').replace(/(valid|preferred)_lft \S+| nodad/g, ''),
      this.ip('rule'),
      this.ip('-6', 'rule'),
      this.ip('route', 'show', 'table', 'all'),
      this.ip('-6', 'route', 'show', 'table', 'all').split('\n').sort().join('\n'),
      this.ip('neighbour', 'show', 'nud', 'permanent'),
      ...['core', 'acc'].flatMap((link) =>
        ['ingress', 'egress'].map((hook) => this.run('tc', 'filter', 'show', 'dev', link, hook)),
      ),
      this.run('tc', 'qdisc', 'show'),
      this.run('sysctl', '-a', '-r', settings.join('|')),
    ].join('\n--\n');
  }

  remove(): void {
    execFileSync('ip', ['netns', 'delete', this.name]);
  }
}

export class DaemonProcess {
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | NodeJS.Signals>;

  constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (data) => {
        this.output += data;
      });
    }
    this.#ended = new Promise((resolve) => {
      child.once('exit', (status, signal) => resolve(status ?? signal ?? 'SIGKILL'));
    });
  }

  /** Exit status, or the signal that ended it. */
  get ended(): Promise<number | NodeJS.Signals> {
    return this.#ended;
  }

  /** Until the log says `text`. */
  async says(text: string): Promise<void> {
    for (const end = Date.now() + 20_000; !this.output.includes(text); await sleep(20)) {
      if (Date.now() > end || this.#child.exitCode !== null) throw new Error(`no "${text}" in: ${this.output}`);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** As the reader of a pipe that goes away. */
  closeOutput(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }
}
