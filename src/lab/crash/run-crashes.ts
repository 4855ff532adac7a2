import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { controlRequest } from '#cli/control-client.ts';
import { inNetworkNamespace } from '#host/netns.ts';
import { median } from '../figures.ts';
import { LabError } from '../lab-error.ts';
import { projectDirectory } from '../processes.ts';
import { ANCHOR, configurationText, GATEWAY, Gateway } from './gateway.ts';

export interface CrashReport {
  readonly kills: number;
  readonly accepted: number;
  /** Bindings that were accepted and that the LMA did not have afterwards, or had with other addresses. */
  readonly lost: number;
  readonly givenTwice: number;
  readonly medianRestartMs: number;
}

const READY_MS = 20_000;
/** A kill comes at a moment within this time of load. */
const LOAD_MS = 400;

/** Needs root. Rejects with `LabError` when the LMA does not start. */
export async function runCrashes(kills: number, onProgress: (line: string) => void): Promise<CrashReport> {
  if (process.getuid?.() !== 0) throw new LabError('not-root', 'this makes network namespaces: run it as root');
  const namespace = `mtcrash${process.pid}`;
  const directory = mkdtempSync(join(tmpdir(), 'mooring-crash-'));
  const file = join(directory, 'lma.cfg');
  writeFileSync(file, configurationText);
  ip('netns', 'add', namespace);
  let lma: ChildProcess | undefined;
  try {
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    for (const address of [ANCHOR, GATEWAY])
      ip('-n', namespace, 'address', 'add', `${address}/128`, 'dev', 'lo', 'nodad');
    const gateway = inNetworkNamespace(`/run/netns/${namespace}`, () => new Gateway());
    const control = join(directory, 'lma.sock');
    const start = () => {
      const args = ['run', file, '--control', control, '--state', join(directory, 'state'), '--log-level', 'error'];
      const command = [process.execPath, join(projectDirectory, 'bin', 'mooring'), ...args];
      return spawn('ip', ['netns', 'exec', namespace, ...command], { stdio: ['ignore', 'ignore', 'inherit'] });
    };
    const restarts: number[] = [];
    let lost = 0;
    lma = start();
    await ready(control, lma);
    for (let kill = 1; kill <= kills; kill++) {
      const end = Date.now() + Math.random() * LOAD_MS;
      while (Date.now() < end) {
        gateway.send();
        await sleep(1);
        gateway.receive();
      }
      gateway.send();
      const killedAt = Date.now();
      lma.kill('SIGKILL');
      await once(lma, 'exit');
      gateway.receive();
      gateway.giveUp();
      lma = start();
      await ready(control, lma);
      restarts.push(Date.now() - killedAt);
      const missing = gateway.missingFrom(await bindings(control));
      lost += missing.length;
      for (const line of missing) onProgress(`lost after kill ${kill}: ${line}`);
      if (kill % 10 === 0) onProgress(`${kill} kills, ${gateway.accepted} accepted, ${lost} lost`);
    }
    gateway.close();
    const medianRestartMs = Math.round(median(restarts) ?? 0);
    return { kills, accepted: gateway.accepted, lost, givenTwice: gateway.givenTwice, medianRestartMs };
  } finally {
    lma?.kill('SIGKILL');
    ip('netns', 'delete', namespace);
    rmSync(directory, { recursive: true, force: true });
  }
}

async function ready(control: string, lma: ChildProcess): Promise<void> {
  for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(20)) {
    if (lma.exitCode !== null) break;
    if (await controlRequest(control, { request: 'ping' }).catch(() => undefined)) return;
  }
  throw new LabError('not-ready', 'the LMA did not start');
}

async function bindings(control: string) {
  const rows = await controlRequest(control, { request: 'show', query: 'lma-binding' });
  return rows as { readonly nai: string; readonly hoa: string | null; readonly hnps: readonly string[] }[];
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}
