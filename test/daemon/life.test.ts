import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlRequest } from '#cli/control-client.ts';
import { preflight } from '#daemon/preflight.ts';
import { NodeNamespace } from './node-namespace.ts';

const obstacle = process.geteuid?.() === 0 ? preflight().join('; ') : 'needs root';
const FILE = 'examples/mag1.cfg';
/** So that what is attached to interfaces can be seen in the classifiers of `tc`. */
const VISIBLY = { MOORING_WITHOUT: 'tcx' };

describe.skipIf(obstacle !== '')(`the life of a daemon (${obstacle || 'root, BPF'})`, () => {
  let directory: string;
  let control: string;
  let namespace: NodeNamespace;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'mooring-life-'));
    control = join(directory, 'mag.sock');
    namespace = new NodeNamespace(`mtl${process.pid}`, '2001:db8:cafe:1025::15/64');
  });
  afterAll(() => {
    namespace.remove();
    rmSync(directory, { recursive: true });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'leaves nothing that it did not find, after %s',
    async (signal) => {
      const before = namespace.traces();
      const daemon = namespace.start(FILE, control, VISIBLY);
      await daemon.says('"code":"started"');
      const during = namespace.traces();
      for (const sign of ['pmip0', '5213 ', 'bpf']) expect(during).toContain(sign);
      daemon.kill(signal);
      expect(await daemon.ended).toBe(0);
      expect(namespace.traces()).toBe(before);
      expect(existsSync(control)).toBe(false);
    },
    30_000,
  );

  it('has the threads of the engine come behind those that serve mobile nodes', async () => {
    const daemon = namespace.start(FILE, control, VISIBLY);
    await daemon.says('"code":"started"');
    const { pid } = (await controlRequest(control, { request: 'ping' })) as { pid: number };
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => ({
      name: readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim(),
      nice: getPriority(Number(thread)),
    }));
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toBe(0);
    const [engine, others] = [true, false].map((is) => threads.filter(({ name }) => (name === 'V8Worker') === is));
    const nicest = Math.max(...(others ?? []).map(({ nice }) => nice));
    expect(engine).not.toEqual([]);
    for (const { nice } of engine ?? []) expect(nice).toBe(Math.min(19, nicest + 10));
  }, 30_000);

  it('takes over from a daemon that was killed: its socket, its device, its programs; and leaves nothing of them', async () => {
    const killed = namespace.start(FILE, control, VISIBLY);
    await killed.says('"code":"started"');
    killed.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(control)).toBe(true);
    expect(namespace.ip('-o', 'link')).toContain('pmip0');
    const next = namespace.start(FILE, control, VISIBLY);
    await next.says('"code":"started"');
    expect(await controlRequest(control, { request: 'ping' })).toMatchObject({ file: FILE });
    next.kill('SIGTERM');
    expect(await next.ended).toBe(0);
    for (const sign of ['pmip0', '5213 ', 'bpf']) expect(namespace.traces()).not.toContain(sign);
  }, 30_000);

  it('goes on when the reader of its log goes away', async () => {
    const daemon = namespace.start(FILE, control);
    await daemon.says('"code":"started"');
    daemon.closeOutput();
    namespace.ip('link', 'set', 'acc-end', 'down');
    namespace.ip('link', 'set', 'acc-end', 'up');
    await sleep(500);
    expect(await controlRequest(control, { request: 'ping' })).toMatchObject({ file: FILE });
    daemon.kill('SIGTERM');
    expect(await daemon.ended).toBe(0);
  }, 30_000);

  it('ends with status 1 when its packet worker dies, says why, and removes the socket', async () => {
    const preload = new URL('./broken-worker.mjs', import.meta.url).pathname;
    const trigger = `${control}.break`;
    const daemon = namespace.start(FILE, control, { NODE_OPTIONS: `--import ${preload}`, BROKEN_CLOCK: trigger });
    await daemon.says('"code":"started"');
    writeFileSync(trigger, '');
    expect(await daemon.ended).toBe(1);
    expect(daemon.output).toContain('"code":"worker-died"');
    expect(daemon.output).toContain('the clock is gone');
    expect(existsSync(control)).toBe(false);
    rmSync(trigger);
  }, 60_000);
});
