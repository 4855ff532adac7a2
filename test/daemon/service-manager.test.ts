import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MacAddress } from '#base/mac-address.ts';
import { ServiceManager } from '#daemon/service-manager.ts';
import { watchOver } from '#daemon/watchdog.ts';
import * as posix from '#host/posix.ts';
import type { MagBindingRow } from '#proto/mag/index.ts';
import { encodeLayer2Update } from '#wire/llc-xid.ts';
import { type Daemon, eventually, Network, obstacle, root } from './network.ts';

const NOBODY = 65534;
const UNITS = ['mooring.service', 'mooring@.service'] as const;
const unitText = (unit: string) => readFileSync(join(root, 'packaging/systemd', unit), 'utf8');
/** The rights that the unit gives. */
const GRANTED = /^AmbientCapabilities=(.*)$/m.exec(unitText('mooring.service'))?.[1]?.toLowerCase().split(' ') ?? [];

/** What was said at the socket, line by line, until now. */
class Listener {
  readonly path: string;
  readonly heard: string[] = [];
  readonly #fd: number;
  readonly #buffer = Buffer.from(new ArrayBuffer(4096));

  constructor(path: string) {
    this.path = path;
    this.#fd = posix.check('socket', posix.socket(posix.AF_UNIX, posix.SOCK_DGRAM, 0));
    const address = posix.sockaddrUn(path);
    posix.check('bind', posix.bind(this.#fd, address, address.length));
  }

  listen(): string[] {
    for (;;) {
      const length = posix.recv(this.#fd, this.#buffer, this.#buffer.length, posix.MSG_DONTWAIT);
      if (length < 0) return this.heard;
      this.heard.push(...this.#buffer.toString('utf8', 0, length).split('\n'));
    }
  }

  until(text: string): Promise<boolean | undefined> {
    return eventually(async () => this.listen().some((line) => line.includes(text)) || undefined, 20_000);
  }

  close(): void {
    posix.close(this.#fd);
  }
}

describe.skipIf(obstacle !== '')(`a service of systemd (${obstacle || 'root, BPF'})`, () => {
  let network: Network;
  let listener: Listener;
  let lma: Daemon;
  let mag: Daemon;
  let file: string;

  /** As `mooring.service` starts it: a user of its own, the rights of the unit and no others, `/dev/net/tun` for everybody. */
  const asService = (role: 'lma' | 'mag', configuration: string, listensAt?: string) => {
    const rights = GRANTED.map((right) => `+${right.replace('cap_', '')}`).join(',');
    const tun = join(network.directory, `${role}-tun`);
    const prepare = [
      `mknod ${tun} c 10 200; chmod 666 ${tun}; mount --bind ${tun} /dev/net/tun`,
      `mkdir -p /run/mooring/bpf; mount -t bpf bpf /run/mooring/bpf; chown ${NOBODY} /run/mooring/bpf`,
      `exec setpriv --reuid ${NOBODY} --regid ${NOBODY} --clear-groups --bounding-set -all,${rights} --inh-caps -all,${rights} --ambient-caps -all,${rights} --no-new-privs "$@"`,
    ].join('; ');
    const environment = listensAt === undefined ? {} : { NOTIFY_SOCKET: listensAt, WATCHDOG_USEC: '600000' };
    return network.startUnder(['sh', '-c', prepare, 'sh'], environment, role, configuration, `${role}.sock`);
  };

  beforeAll(async () => {
    network = new Network(`mtv${process.pid}`);
    chownSync(network.directory, NOBODY, NOBODY);
    listener = new Listener(join(network.directory, 'notify'));
    chownSync(listener.path, NOBODY, NOBODY);
    file = join(network.directory, 'mag1.cfg');
    writeFileSync(file, readFileSync(join(root, 'examples/mag1.cfg')));
    lma = asService('lma', 'examples/lma.cfg');
    mag = asService('mag', file, listener.path);
    await Promise.all([lma.ready(), mag.ready()]);
  }, 30_000);

  afterAll(async () => {
    listener.close();
    await network.remove();
  });

  it('runs with the rights of its unit and no others, and sets forwarding for a mobile node', async () => {
    const { pid } = await mag.request<{ pid: number }>('ping');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(status).toMatch(new RegExp(`^Uid:\\t${NOBODY}\\t${NOBODY}`, 'm'));
    const rights = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status)?.[1]}`);
    expect(rights.toString(2).replaceAll('0', '')).toHaveLength(GRANTED.length);
    network.transmit(encodeLayer2Update(MacAddress.parse('00:24:d7:8e:21:a4') as MacAddress));
    await eventually(async () =>
      (await mag.request<MagBindingRow[]>('show', { query: 'mag-binding' })).find(({ state }) => state === 'ACTIVE'),
    );
    for (const daemon of [lma, mag]) {
      const { forwarding, agreement } = await daemon.request<{ forwarding: unknown[]; agreement: { missing: number } }>(
        'show',
        { query: 'dataplane' },
      );
      expect(forwarding).toHaveLength(1);
      expect(agreement.missing).toBe(0);
    }
  });

  it('tells the service manager that it is ready, again and again that both threads live, and how many bindings there are', async () => {
    await listener.until('READY=1');
    await listener.until('STATUS=MAG M1: 1 binding');
    const alive = () => listener.listen().filter((line) => line === 'WATCHDOG=1').length;
    const before = alive();
    await eventually(async () => alive() > before + 2 || undefined);
  });

  it('tells of a reload, and of a file that was refused', async () => {
    mag.kill('SIGHUP');
    await listener.until('RELOADING=1');
    await listener.until(`STATUS=the configuration of ${file} is in force`);
    expect(listener.heard.some((line) => /^MONOTONIC_USEC=\d+$/.test(line))).toBe(true);
    writeFileSync(file, 'nonsense\n');
    mag.kill('SIGHUP');
    await listener.until(`STATUS=the configuration of ${file} was refused`);
    expect(listener.heard.filter((line) => line === 'READY=1')).toHaveLength(3);
  });

  it('tells that it stops', async () => {
    mag.kill('SIGTERM');
    expect(await mag.ended).toBe(0);
    await listener.until('STOPPING=1');
  });
});

describe('the service manager', () => {
  it('hears nothing more of a daemon whose packet worker does not answer', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mooring-notify-'));
    const listener = new Listener(join(directory, 'notify'));
    const manager = new ServiceManager({ NOTIFY_SOCKET: listener.path, WATCHDOG_USEC: '30000' }, []);
    let hangs = false;
    let asked = 0;
    const worker = {
      ask: async () => {
        asked++;
        if (hangs) throw new Error('the packet worker did not answer');
        return { nodes: [], problems: [] };
      },
    };
    const warnings: string[] = [];
    const end = watchOver(worker, manager, { warn: (_: unknown, text: string) => warnings.push(text) } as never);
    await listener.until('WATCHDOG=1');
    hangs = true;
    const from = asked;
    await eventually(async () => warnings.length > 2 || undefined);
    listener.listen();
    const alive = listener.heard.filter((line) => line === 'WATCHDOG=1').length;
    expect(alive).toBeLessThanOrEqual(from);
    end();
    listener.close();
    rmSync(directory, { recursive: true });
  });

  it('is another process’s: its watchdog is not ours, and no child inherits it', () => {
    expect(
      new ServiceManager({ NOTIFY_SOCKET: '/x', WATCHDOG_USEC: '1000000', WATCHDOG_PID: '1' }, ['2']).watchdogMs,
    ).toBe(undefined);
    for (const socket of [undefined, 'relative']) {
      expect(new ServiceManager({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000000' }, []).watchdogMs).toBe(undefined);
    }
    const environment = { NOTIFY_SOCKET: '@mooring-nobody', WATCHDOG_USEC: '1000000', WATCHDOG_PID: `${process.pid}` };
    const manager = ServiceManager.take(environment);
    expect(manager.watchdogMs).toBe(1000);
    expect(environment).toEqual({});
    manager.ready('nobody hears this');
  });
});

const analyze = spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).status === 0;

describe.skipIf(!analyze)(`the units (${analyze ? 'systemd-analyze' : 'needs systemd-analyze'})`, () => {
  it.each(UNITS)('%s is as systemd wants it, and exposes little', (unit) => {
    const directory = mkdtempSync(join(tmpdir(), 'mooring-unit-'));
    mkdirSync(join(directory, 'units'));
    const path = join(directory, 'units', unit.replace('@', '@lma'));
    // Only the package has the program where the unit says.
    writeFileSync(path, unitText(unit).replaceAll('/usr/bin/mooring', join(root, 'bin/mooring')));
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
    expect(verified.stderr.split('\n').filter((line) => line.includes(unit.replace('@', '@lma')))).toEqual([]);
    const judged = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=35', path], {
      encoding: 'utf8',
    });
    expect(judged.stdout).toMatch(/Overall exposure level for \S+: [0-3]\.\d (OK|GOOD)/);
    rmSync(directory, { recursive: true });
  });
});
