import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './lab-error.ts';
import { ended, type Processes } from './processes.ts';

export const dhcpClientNames = ['dhclient', 'udhcpc'] as const;
export type DhcpClientName = (typeof dhcpClientNames)[number];

/** The mobile node's DHCP client, on eth0. */
export interface DhcpClient {
  /** Starts it, and it stays to renew; resolves when it has bound an address. Rejects with `LabError` after `milliseconds`. */
  acquire(milliseconds: number): Promise<void>;
  /** Has the lease extended before its time, as after a roam; resolves when the server has acknowledged it. Rejects with `LabError` after `milliseconds`. */
  renew(milliseconds: number): Promise<void>;
  /** Sends a DHCPRELEASE and forgets the address. */
  release(): Promise<void>;
  /** Server identifier of the newest lease. */
  server(): string | undefined;
}

/** Its files go to `directory`. */
export function newDhcpClient(name: DhcpClientName, processes: Processes, directory: string): DhcpClient {
  return name === 'dhclient' ? new Dhclient(processes, directory) : new Udhcpc(processes, directory);
}

/** ISC dhclient. */
class Dhclient implements DhcpClient {
  readonly #processes: Processes;
  readonly #directory: string;
  #process: ChildProcess | undefined;

  constructor(processes: Processes, directory: string) {
    this.#processes = processes;
    this.#directory = directory;
  }

  async acquire(milliseconds: number): Promise<void> {
    const logFile = join(this.#directory, 'dhclient.log');
    const before = textOf(logFile).length;
    this.#process = this.#processes.start('mn', 'dhclient', this.#arguments('-1', '-d'), { logFile });
    await bound(this.#process, logFile, () => /^bound to/m.test(textOf(logFile).slice(before)), milliseconds);
  }

  /** It has no way to be told; begun anew, it asks for what it has. */
  async renew(milliseconds: number): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.acquire(milliseconds);
  }

  async release(): Promise<void> {
    await this.#processes.run('mn', 'dhclient', ...this.#arguments('-r'));
    this.#process?.kill();
  }

  server(): string | undefined {
    const leases = textOf(join(this.#directory, 'dhclient.leases'));
    return [...leases.matchAll(/option dhcp-server-identifier (.*);/g)].at(-1)?.[1];
  }

  #arguments(...mode: string[]): string[] {
    const file = (name: string) => join(this.#directory, name);
    return ['-4', ...mode, '-v', '-lf', file('dhclient.leases'), '-pf', file('dhclient.pid'), 'eth0'];
  }
}

/** Carries out what udhcpc was told, which does nothing by itself. */
const udhcpcScript = `#!/bin/sh
case "$1" in
  deconfig) ip -4 address flush dev "$interface" ;;
  bound | renew)
    ip -4 address replace "$ip/$mask" dev "$interface"
    ip -4 route replace default via "$router" dev "$interface"
    [ -z "$mtu" ] || ip link set "$interface" mtu "$mtu"
    echo "$serverid" > "\${0%/*}/udhcpc.server"
    echo "$1" >> "\${0%/*}/udhcpc.events"
    ;;
esac
`;

/** The client of BusyBox, as small devices have it. */
class Udhcpc implements DhcpClient {
  readonly #processes: Processes;
  readonly #directory: string;
  #process: ChildProcess | undefined;

  constructor(processes: Processes, directory: string) {
    this.#processes = processes;
    this.#directory = directory;
  }

  async acquire(milliseconds: number): Promise<void> {
    const script = join(this.#directory, 'udhcpc.script');
    writeFileSync(script, udhcpcScript, { mode: 0o755 });
    const logFile = join(this.#directory, 'udhcpc.log');
    // -R: it releases when it is ended.
    const options = ['-f', '-R', '-i', 'eth0', '-O', 'mtu', '-s', script];
    this.#process = this.#processes.start('mn', 'udhcpc', options, { logFile });
    // The last thing that the script does.
    await bound(this.#process, logFile, () => this.server() !== undefined, milliseconds);
  }

  async renew(milliseconds: number): Promise<void> {
    if (!this.#process) throw new LabError('no-lease', 'there is no lease to renew');
    const events = join(this.#directory, 'udhcpc.events');
    const before = textOf(events).length;
    this.#process.kill('SIGUSR1');
    const isRenewed = () => textOf(events).slice(before).includes('renew');
    await bound(this.#process, join(this.#directory, 'udhcpc.log'), isRenewed, milliseconds);
  }

  async release(): Promise<void> {
    if (!this.#process) return;
    this.#process.kill('SIGTERM');
    await ended(this.#process);
  }

  server(): string | undefined {
    return textOf(join(this.#directory, 'udhcpc.server')).trim() || undefined;
  }
}

async function bound(
  client: ChildProcess,
  logFile: string,
  isBound: () => boolean,
  milliseconds: number,
): Promise<void> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await sleep(5)) {
    if (isBound()) return;
    if (client.exitCode !== null || client.signalCode !== null) break;
  }
  const log = textOf(logFile).trim().split('\n').slice(-8);
  throw new LabError('no-lease', `the DHCP client got no lease:\n  ${log.join('\n  ')}`);
}

/** Empty when there is no such file. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
