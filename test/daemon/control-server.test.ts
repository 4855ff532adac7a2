import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { controlRequest } from '#cli/control-client.ts';
import { RequestError } from '#daemon/control-protocol.ts';
import type { ControlServer } from '#daemon/control-server.ts';
import { serveControl } from '#daemon/control-server.ts';

let directory: string;
let path: string;
let server: ControlServer | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-control-'));
  path = join(directory, 'run', 'mooring.sock');
});
afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(directory, { recursive: true });
});

async function serve(): Promise<void> {
  server = await serveControl(path, async ({ request, ...rest }) => {
    if (request === 'ping') return { pid: 4711 };
    if (request === 'echo') return rest;
    if (request === 'break') throw new Error('broken');
    throw new RequestError('unknown-request', `unknown request "${request}"`);
  });
}

/** What the server sends back until it closes, or until `lines` have come. */
function exchange(text: string, lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => socket.write(text));
    let received = '';
    const finish = () => {
      socket.destroy();
      resolve(received.split('\n').slice(0, -1));
    };
    socket.on('data', (data) => {
      received += data;
      if (received.split('\n').length > lines) finish();
    });
    socket.on('end', finish);
    socket.on('error', reject);
  });
}

describe('the control socket', () => {
  it('answers a request, makes its directory, and is closed to others', async () => {
    await serve();
    expect(await controlRequest(path, { request: 'echo', nai: 'a@b' })).toEqual({ nai: 'a@b' });
    expect(statSync(path).mode & 0o777).toBe(0o660);
  });

  it('answers several requests of one connection in their order', async () => {
    await serve();
    const replies = await exchange('{"request":"echo","n":1}\n{"request":"no"}\n{"request":"echo","n":2}\n', 3);
    expect(replies.map((line) => JSON.parse(line))).toEqual([
      { ok: true, result: { n: 1 } },
      { ok: false, error: { code: 'unknown-request', message: 'unknown request "no"' } },
      { ok: true, result: { n: 2 } },
    ]);
  });

  it.each(['', 'what', '[]', '{}', '{"request":7}', 'null', '{"request":"ping"', '\u0000\u00ff'])(
    'answers %j with bad-request and goes on',
    async (line) => {
      await serve();
      const replies = await exchange(`${line}\n{"request":"ping"}\n`, 2);
      expect(JSON.parse(replies[0] as string)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
      expect(JSON.parse(replies[1] as string)).toEqual({ ok: true, result: { pid: 4711 } });
    },
  );

  it('ends a connection whose request is too long', async () => {
    await serve();
    const replies = await exchange('x'.repeat(100_000), 2);
    expect(JSON.parse(replies[0] as string)).toMatchObject({ ok: false, error: { code: 'bad-request' } });
    expect(await controlRequest(path, { request: 'ping' })).toEqual({ pid: 4711 });
  });

  it('tells an error of the program to the client as such', async () => {
    await serve();
    await expect(controlRequest(path, { request: 'break' })).rejects.toMatchObject({ code: 'internal' });
  });

  it('refuses a path on which another daemon answers, and names it and its process', async () => {
    await serve();
    const second = serveControl(path, async () => undefined);
    await expect(second).rejects.toThrowError(`another daemon (pid 4711) answers on ${path}`);
    expect(await controlRequest(path, { request: 'ping' })).toEqual({ pid: 4711 });
  });

  it('replaces a socket that a dead daemon left behind', async () => {
    await serve();
    server?.close();
    const leftOver = createServer();
    await new Promise<void>((resolve) => leftOver.listen(`${path}.moved`, resolve));
    const { renameSync } = await import('node:fs');
    renameSync(`${path}.moved`, path);
    await new Promise((resolve) => leftOver.close(resolve));
    expect(existsSync(path)).toBe(true);
    await serve();
    expect(await controlRequest(path, { request: 'ping' })).toEqual({ pid: 4711 });
  });

  it('does not touch a file that is no socket', async () => {
    path = join(directory, 'file');
    writeFileSync(path, 'precious');
    await expect(serve()).rejects.toThrowError('is not a socket');
  });

  it.each(['/proc/nowhere/x.sock', '/dev/null/x.sock'])(
    'says that it cannot serve %s, and what to do',
    async (place) => {
      path = place;
      await expect(serve()).rejects.toMatchObject({
        code: 'control-socket-unavailable',
        message: expect.stringMatching(/^cannot open the control socket .*--control PATH$/),
      });
    },
  );

  it('removes the socket when it closes; a client is then told how to start a daemon', async () => {
    await serve();
    server?.close();
    expect(existsSync(path)).toBe(false);
    await expect(controlRequest(path, { request: 'ping' })).rejects.toMatchObject({
      code: 'no-daemon',
      message: expect.stringContaining('mooring run FILE'),
    });
  });
});
