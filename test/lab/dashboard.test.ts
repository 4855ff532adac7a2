import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';

const main = new URL('../../src/lab/main.ts', import.meta.url).pathname;
const prefix = `mtd${process.pid}`;
/** Three in a row, away from those that people use. */
const port = 20_000 + (process.pid % 10_000);

/** The mobile node that has a namespace. */
const NAI = '0024.d78e.21a4';

interface Page {
  readonly items: readonly { readonly nai: string; readonly peer?: string }[];
}

it.skipIf(process.getuid?.() !== 0)(
  'the lab with dashboards: mobile nodes attach and move, each node serves its page, and nothing is left after Ctrl-C',
  { timeout: 120_000 },
  async () => {
    const words = [main, '--dashboard', '--prefix', prefix, '--port', `${port}`, '--interval', '300'];
    const lab = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((resolve) => lab.once('exit', resolve));
    const said: string[] = [];
    for (const stream of [lab.stdout, lab.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text));
    try {
      await eventually(async () => expect(said.join('')).toContain(`http://127.0.0.1:${port + 2}/`));
      for (const [i, role] of ['LMA', 'MAG', 'MAG'].entries()) {
        // A daemon begins to serve it a moment after it is ready.
        await eventually(async () => {
          const page = await fetch(`http://127.0.0.1:${port + i}/`);
          expect([role, page.status, await page.text()]).toEqual([
            role,
            200,
            expect.stringContaining('<title>Mooring'),
          ]);
        });
      }
      await eventually(async () => {
        const { items } = await bindings();
        expect(new Set(items.map(({ peer }) => peer))).toEqual(new Set(['M1', 'M2']));
        expect(items.length).toBeGreaterThanOrEqual(4);
      });
      const before = new Map((await bindings()).items.map(({ nai, peer }) => [nai, peer]));
      await eventually(async () => {
        const moved = (await bindings()).items.filter(({ nai, peer }) => before.has(nai) && before.get(nai) !== peer);
        expect(moved.length).toBeGreaterThan(0);
      });
      await eventually(async () => {
        const gateways = await Promise.all([1, 2].map((i) => ladder(i, NAI)));
        expect(gateways.join()).toMatch(/"Access-Request"[\s\S]*"Access-Accept"[\s\S]*mn-apn=example_A\.com/);
        expect(gateways.join()).toMatch(/User-Password +\[2\] 16 \*"/);
      });
      // One accounting session, whichever gateway serves the mobile node.
      await eventually(async () => {
        const { steps } = JSON.parse(await ladder(0, NAI)) as Ladder;
        const records = steps.filter(({ name }) => name === 'Accounting-Request');
        const said = (name: string) =>
          records.map(({ decoded }) => decoded.attributes?.find((each) => each.name === name)?.text);
        expect(said('Acct-Status-Type').slice(0, 2)).toEqual(['1 (Start)', '3 (Interim-Update)']);
        expect(new Set(said('Called-Station-Id'))).toEqual(new Set(['"M1"', '"M2"']));
        expect(new Set(said('Acct-Session-Id')).size).toBe(1);
        expect(steps.map(({ name }) => name)).toContain('Accounting-Response');
      });
      await eventually(async () => {
        const asked = await fetch(`http://127.0.0.1:${port + 1}/api/v1/attachments`);
        const { items } = (await asked.json()) as {
          items: { trigger: string | null; stepsMs: { pbuSent?: number } }[];
        };
        // From the first frame on, the RADIUS server included.
        expect(items.filter(({ trigger, stepsMs }) => trigger !== null && stepsMs.pbuSent !== undefined)).not.toEqual(
          [],
        );
      });
    } finally {
      lab.kill('SIGINT');
      await ended;
    }
    const status = await ended;
    expect(status, said.join('')).toBe(0);
    expect(existsSync(`/run/netns/${prefix}-lma`)).toBe(false);
    expect(spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout).not.toContain(prefix);
    await expect(reach(port)).rejects.toThrow('ECONNREFUSED');
  },
);

async function bindings(): Promise<Page> {
  return (await fetch(`http://127.0.0.1:${port}/api/v1/bindings`)).json() as Promise<Page>;
}

interface Ladder {
  readonly steps: readonly {
    readonly name: string;
    readonly decoded: { readonly attributes?: readonly { readonly name: string; readonly text: string }[] };
  }[];
}

/** The messages of a mobile node, as a node tells them. */
async function ladder(node: number, nai: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port + node}/api/v1/nodes/${nai}/ladder`)).text();
}

function reach(at: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(at, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

async function eventually(holds: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 60_000; ; await sleep(200)) {
    try {
      await holds();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
