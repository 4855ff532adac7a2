import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { type Backend, runLines, runTerminal, ShellSession } from '#cli/shell/index.ts';
import { renderLmaBindings } from '#cli/show/index.ts';
import { lmaBinding } from '../show/fixtures.ts';

const TOTAL = 2500;
const PORTION = 100;
const rows = Array.from({ length: TOTAL }, (_, number) => ({ ...lmaBinding, id: `${number}`, nai: `mn${number}` }));

/** A daemon with many bindings; `asked` counts what it was asked for. */
function daemon() {
  const asked: Parameters<Backend['ask']>[0][] = [];
  const ask: Backend['ask'] = async (request) => {
    asked.push(request);
    if (request.query === 'lma-binding-count') return { bindings: TOTAL };
    const from = Number(request.next ?? 0);
    const next = from + PORTION < TOTAL ? `${from + PORTION}` : null;
    return { rows: rows.slice(from, from + PORTION), next };
  };
  return { asked, session: new ShellSession({ ask }, { hostname: 'lma1', privileged: true }) };
}

async function shown(line: string): Promise<string> {
  const { session } = daemon();
  const { text, more } = await session.execute(line);
  let all = text;
  for await (const piece of more ?? []) all += piece;
  return all;
}

const command = 'show ipv6 mobile pmipv6 lma binding';

it('a list of many bindings is printed as a short one is, and so are its JSON and what filters leave', async () => {
  expect(await shown(command)).toBe(renderLmaBindings(rows));
  expect(await shown(`${command} | json`)).toBe(`${JSON.stringify(rows, undefined, 2)}\n`);
  expect(await shown(`${command} | count Nai`)).toBe(`Number of lines which match regexp = ${TOTAL}\n`);
  expect(await shown(`${command} | include Nai: mn1234$`)).toBe('[Binding][MN]: Domain: D1, Nai: mn1234\n');
  expect((await shown(`${command} | begin Nai: mn2499$`)).split('\n')[0]).toBe(
    '[Binding][MN]: Domain: D1, Nai: mn2499',
  );
  expect(await shown(`${command} | section Nai: mn99$`)).toContain('Nai: mn99\n  [Binding][MN]: State: ACTIVE\n');
});

it('the daemon is asked for no more than an operator looks at', async () => {
  const { asked, session } = daemon();
  const input = new PassThrough();
  const output = new PassThrough();
  let seen = '';
  output.on('data', (data) => {
    seen += data;
  });
  const running = runTerminal(session, { input, output, rows: () => 24 });
  input.write(`${command}\r`);
  await expect.poll(() => seen).toContain('Total number of bindings: 2500');
  await expect.poll(() => seen).toContain('--More--');
  input.write('q');
  await expect.poll(() => seen).toMatch(/lma1#$|lma1#.*$/);
  expect(asked).toHaveLength(2);
  input.write('exit\r');
  await running.ended;
});

it('control and C ends a list that is not paged', async () => {
  const { asked, session } = daemon();
  const input = new PassThrough();
  // Nobody reads: what is shown waits, as at a slow terminal.
  const output = new PassThrough({ highWaterMark: 1000 });
  const running = runTerminal(session, { input, output, rows: () => 0 });
  input.write(`${command}\r`);
  await expect.poll(() => asked.length).toBeGreaterThanOrEqual(2);
  input.write('\x03');
  output.resume();
  await expect.poll(() => output.readableLength).toBe(0);
  input.write('exit\r');
  await running.ended;
  expect(asked.length).toBeLessThan(TOTAL / PORTION);
});

it('a list that breaks off says so, and the line has failed', async () => {
  const ask: Backend['ask'] = async ({ next }) => {
    if (next !== undefined) throw new Error('the list was closed');
    return { rows: rows.slice(0, 1), next: '1', bindings: 2 };
  };
  const session = new ShellSession({ ask }, { hostname: 'lma1', privileged: true });
  const input = new PassThrough();
  input.end(`${command}\n`);
  let text = '';
  const done = await runLines(session, input, (piece) => {
    text += piece;
  });
  expect(done).toBe(false);
  expect(text).toContain('Nai: mn0\n');
  expect(text).toMatch(/% the list was closed\n$/);
});
