/** An LMA, a MAG and a mobile node in namespaces of their own, as the examples' configurations want them. */
import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Ipv6Address } from '#base/ipv6-address.ts';
import { controlRequest } from '#cli/control-client.ts';
import { preflight } from '#daemon/preflight.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import * as posix from '#host/posix.ts';

export const root = new URL('../../', import.meta.url).pathname;
/** Why daemons cannot run here; empty when they can. */
export const obstacle = process.geteuid?.() === 0 ? preflight().join('; ') : 'needs root';
export const anchor = Ipv6Address.parse('2001:db8:cafe:1024::101') as Ipv6Address;
export const gateway = Ipv6Address.parse('2001:db8:cafe:1025::15') as Ipv6Address;

export type Role = 'lma' | 'mag' | 'mn';
const roles: readonly Role[] = ['lma', 'mag', 'mn'];

export class Network {
  /** For sockets and files; removed with the namespaces. */
  readonly directory = mkdtempSync(join(tmpdir(), 'mooring-daemon-'));
  readonly #prefix: string;
  readonly #daemons: Daemon[] = [];

  /** `core` between LMA and MAG, `acc` of the MAG and `eth0` of the mobile node, whose kernel says nothing by itself. */
  constructor(prefix: string) {
    this.#prefix = prefix;
    for (const role of roles) {
      ip('netns', 'add', this.namespace(role));
      this.ip(role, 'link', 'set', 'lo', 'up');
    }
    for (const of of ['all', 'default']) this.run('mn', 'sysctl', '-qw', `net.ipv6.conf.${of}.disable_ipv6=1`);
    this.ip('lma', 'link', 'add', 'core', 'type', 'veth', 'peer', 'name', 'core', 'netns', this.namespace('mag'));
    this.addAccessLink();
    this.ip('lma', 'link', 'set', 'core', 'up');
    this.ip('mag', 'link', 'set', 'core', 'up');
    this.ip('lma', 'address', 'add', `${anchor}/64`, 'dev', 'core', 'nodad');
    this.ip('mag', 'address', 'add', `${gateway}/64`, 'dev', 'core', 'nodad');
    this.ip('lma', 'route', 'add', '2001:db8:cafe:1025::/64', 'dev', 'core');
    this.ip('mag', 'route', 'add', '2001:db8:cafe:1024::/64', 'dev', 'core');
  }

  namespace(role: Role): string {
    return `${this.#prefix}-${role}`;
  }

  addAccessLink(): void {
    this.ip('mag', 'link', 'add', 'acc', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.namespace('mn'));
    this.ip('mag', 'link', 'set', 'acc', 'up');
    this.ip('mn', 'link', 'set', 'eth0', 'up');
  }

  /** Runs `ip` on a node; returns what it prints. */
  ip(role: Role, ...words: string[]): string {
    return ip('-n', this.namespace(role), ...words);
  }

  run(role: Role, ...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.namespace(role), ...command], { encoding: 'utf8', stdio: 'pipe' });
  }

  within<T>(role: Role, action: () => T): T {
    return inNetworkNamespace(`/run/netns/${this.namespace(role)}`, action);
  }

  /** Starts `mooring run`; the control socket is `control`, a path or a name in `directory`. */
  start(role: Role, file: string, control: string, ...options: string[]): Daemon {
    const path = control.startsWith('/') ? control : join(this.directory, control);
    const daemon = new Daemon(this.namespace(role), file, path, options);
    this.#daemons.push(daemon);
    return daemon;
  }

  /** The same by way of another command, which gets the daemon's as its arguments, and with more in its environment. */
  startUnder(command: string[], environment: NodeJS.ProcessEnv, role: Role, file: string, control: string): Daemon {
    const path = join(this.directory, control);
    const daemon = new Daemon(this.namespace(role), file, path, [], { command, environment });
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Sends frames from the mobile node's interface. */
  transmit(...frames: Uint8Array[]): void {
    this.transmitFrom('mn', 'eth0', ...frames);
  }

  /** Sends frames from an interface of a node. */
  transmitFrom(role: Role, device: string, ...frames: Uint8Array[]): void {
    const fd = this.within(role, () => {
      const socket = posix.check('socket', posix.socket(posix.AF_PACKET, posix.SOCK_RAW, 0));
      posix.check('bind', posix.bind(socket, posix.sockaddrLl(posix.ifNameToIndex(device), 0), 20));
      return socket;
    });
    for (const frame of frames) posix.check('send', posix.send(fd, frame, frame.length, 0));
    posix.close(fd);
  }

  async remove(): Promise<void> {
    for (const daemon of this.#daemons) {
      daemon.kill('SIGKILL');
      await daemon.ended;
    }
    for (const role of roles) ip('netns', 'delete', this.namespace(role));
    rmSync(this.directory, { recursive: true });
  }
}

/** How a daemon is started. */
interface Under {
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}
const nothing: Under = { command: [], environment: {} };

/** A `mooring run` process in a namespace. */
export class Daemon {
  readonly control: string;
  readonly #child: ChildProcess;
  output = '';

  constructor(
    namespace: string,
    file: string,
    control: string,
    options: readonly string[] = [],
    under: Under = nothing,
  ) {
    this.control = control;
    const command = [process.execPath, join(root, 'bin/mooring'), 'run', file, '--control', control, ...options];
    const env = { ...process.env, ...under.environment };
    this.#child = spawn('ip', ['netns', 'exec', namespace, ...under.command, ...command], { cwd: root, env });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (data) => {
        this.output += data;
      });
    }
  }

  /** The exit status, or the signal that killed it. */
  get ended(): Promise<number | string> {
    return new Promise((resolve) => {
      const { exitCode, signalCode } = this.#child;
      if (exitCode !== null || signalCode !== null) resolve(exitCode ?? signalCode ?? '');
      else this.#child.once('exit', (status, signal) => resolve(status ?? signal ?? ''));
    });
  }

  async ready(): Promise<void> {
    await eventually(async () => {
      if (this.#child.exitCode !== null) throw new Error('it ended');
      return this.request('ping').catch(() => undefined);
    }).catch((error: Error) => {
      throw new Error(`not ready: ${error.message}; it said: ${this.output}`);
    });
  }

  request<T>(request: string, parameters: object = {}): Promise<T> {
    return controlRequest(this.control, { request, ...parameters }) as Promise<T>;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

export async function eventually<T>(look: () => Promise<T | undefined>, milliseconds = 20_000): Promise<T> {
  for (const end = Date.now() + milliseconds; ; await sleep(20)) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error('it did not happen in time');
  }
}

function ip(...words: string[]): string {
  return execFileSync('ip', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
