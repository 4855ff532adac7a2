import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Lays a file system in memory over that of this machine; what is written goes there. */
const PREPARE = `set -e
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --bind /dev "$1/root/dev"
mount -t proc proc "$1/root/proc"
mount -t sysfs sysfs "$1/root/sys"
mount -t bpf bpf "$1/root/sys/fs/bpf"
ip link set lo up
exec chroot "$1/root" cat`;

/** A machine like this one, where packages are installed and nothing of it stays: its own file system, network and processes. */
export class ScratchMachine {
  readonly #directory: string;
  readonly #outer: ChildProcess;
  readonly #inner: number;

  private constructor(directory: string, outer: ChildProcess, inner: number) {
    this.#directory = directory;
    this.#outer = outer;
    this.#inner = inner;
  }

  /** Rejects where this machine allows no such thing; wants root. */
  static async start(): Promise<ScratchMachine> {
    const directory = mkdtempSync(join(tmpdir(), 'mooring-machine-'));
    const unshare = ['--mount', '--net', '--pid', '--fork', '--kill-child', 'sh', '-c', PREPARE, 'sh', directory];
    // It reads from here until we end, however that happens.
    const outer = spawn('unshare', unshare, { stdio: ['pipe', 'ignore', 'ignore'] });
    for (let tries = 0; tries < 200; tries++) {
      const inner = Number(childrenOf(outer)[0]);
      if (inner > 0 && readFileSync(`/proc/${inner}/comm`, 'utf8') === 'cat\n')
        return new ScratchMachine(directory, outer, inner);
      await sleep(50);
    }
    throw new Error('no file system can be laid over this machine’s');
  }

  /** Returns what the shell prints. Throws with that, and what it complains of, when it fails. */
  run(script: string): string {
    const { status, stdout, stderr } = spawnSync('nsenter', this.#entering(script), { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${script}: status ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Brings a file there, into /tmp. */
  copyIn(file: string): string {
    const there = `/tmp/${basename(file)}`;
    copyFileSync(file, join(`/proc/${this.#inner}/root`, there));
    return there;
  }

  async stop(): Promise<void> {
    const ended = once(this.#outer, 'exit');
    this.#outer.stdin?.end();
    await ended;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #entering(script: string): string[] {
    return ['-t', `${this.#inner}`, '-m', '-n', '-p', '-r', '-w', 'sh', '-c', script];
  }
}

function childrenOf({ pid }: ChildProcess): string[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  } catch {
    return [];
  }
}
