import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { Access } from '#api/access.ts';
import { BindingIndex } from '#api/binding-index.ts';
import { EventFeed } from '#api/event-feed.ts';
import { EventStreams } from '#api/event-stream.ts';
import { Listeners } from '#api/listeners.ts';
import { Metrics } from '#api/metrics/metrics.ts';
import { createApi } from '#api/server.ts';
import { emptyOperators, type HttpConfiguration } from '#config/index.ts';
import { FakeNode } from './fake-node.ts';

const token = (name: string, role: 'read-only' | 'read-write') =>
  ({ name, role, secret: { type: 8, text: name } }) as const;
const TOKENS = { tokens: [token('looks', 'read-only'), token('does', 'read-write')] };
const JSON_BODY = { 'content-type': 'application/json' };
const HERE = { host: '127.0.0.1', port: 0 };
const closers: (() => Promise<unknown>)[] = [];

/** An API of a node of which nothing is asked but its pools; `log` is what it logs. */
async function served(settings: Partial<HttpConfiguration> = {}, connections = 64) {
  const http = { ...emptyOperators().http, ...TOKENS, ...settings };
  const node = new FakeNode();
  node.answers.show = () => [];
  node.answers['clear-bindings'] = () => ({ bindings: 0 });
  node.answers['switch-events'] = () => null;
  node.answers['take-events'] = () => ({ events: [], dropped: 0 });
  let verified = 0;
  let log = '';
  const write = (line: string) => {
    log += line;
  };
  const logger = pino({}, { write });
  const access = new Access(async (secret, given) => {
    verified++;
    return secret.text === given;
  }, logger);
  access.configure(http);
  const feed = new EventFeed(node);
  const streams = new EventStreams(feed, 'run');
  const index = new BindingIndex(node);
  const requests = new Map<string, number>();
  const listeners = new Listeners(connections);
  const metrics = new Metrics(node, () => ({ requests, followers: 0, connections: 0 }));
  const app = await createApi({ node, access, index, feed, streams, metrics, requests, log: logger }, http);
  await feed.start();
  closers.push(async () => {
    feed.stop();
    streams.close();
    metrics.close();
    index.close();
    await listeners.close(100);
    await app.close();
  });
  return { app, node, feed, streams, listeners, verified: () => verified, log: () => log, access, http };
}

describe('the server of the HTTP API', () => {
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  it.each([
    ['from the machine itself', { host: '127.0.0.1:8080' }, {}, 200],
    ['by a name of somebody else', { host: 'rebound.example' }, {}, 401],
    ['through a proxy', { host: 'localhost', 'x-forwarded-for': '192.0.2.1' }, {}, 401],
    ['from the machine where tokens are wanted', { host: 'localhost' }, { authentication: 'token' }, 401],
    ['with a token', { host: 'x', authorization: 'Bearer looks' }, { authentication: 'token' }, 200],
    ['with a token that is none', { host: 'localhost', authorization: 'Bearer wrong' }, {}, 401],
    ['with something else', { host: 'localhost', authorization: 'Basic bG9va3M6' }, {}, 401],
  ] as const)('reading %s', async (_, headers, settings, status) => {
    const { app } = await served(settings);
    expect((await app.inject({ url: '/api/v1/pools', headers })).statusCode).toBe(status);
  });

  it('from elsewhere needs a token, whatever the name', async () => {
    const { app } = await served();
    const elsewhere = { url: '/api/v1/pools', remoteAddress: '192.0.2.9', headers: { host: 'localhost' } };
    const { statusCode, headers } = await app.inject(elsewhere);
    expect([statusCode, headers['www-authenticate']]).toEqual([401, 'Bearer realm="mooring"']);
    expect((await app.inject({ ...elsewhere, url: '/api/v1/health' })).statusCode).toBe(200);
  });

  it('a token is derived once, and not after it was taken away', async () => {
    const { app, verified, access, http } = await served();
    const ask = () => app.inject({ url: '/api/v1/pools', headers: { authorization: 'Bearer does' } });
    await ask();
    const first = verified();
    expect((await ask()).statusCode).toBe(200);
    expect(verified()).toBe(first);
    access.configure({ ...http, tokens: [] });
    expect((await ask()).statusCode).toBe(401);
  });

  it('many wrong tokens lock their address out, and no other', async () => {
    const { app, log } = await served({ rateLimit: 1000 });
    const ask = (bearer: string, remoteAddress: string) =>
      app.inject({ url: '/api/v1/pools', remoteAddress, headers: { authorization: `Bearer ${bearer}` } });
    for (let i = 0; i < 10; i++) expect((await ask(`wrong${i}`, '192.0.2.1')).statusCode).toBe(401);
    expect((await ask('looks', '192.0.2.1')).statusCode).toBe(429);
    expect((await ask('looks', '192.0.2.2')).statusCode).toBe(200);
    expect(log().match(/"login-failed"/g)).toHaveLength(10);
  });

  it('a client that asks too often is told so', async () => {
    const { app } = await served({ rateLimit: 3 });
    const codes: number[] = [];
    for (let i = 0; i < 5; i++) codes.push((await app.inject({ url: '/api/v1/health' })).statusCode);
    expect(codes).toEqual([200, 200, 200, 429, 429]);
    const { headers } = await app.inject({ url: '/api/v1/nothing' });
    expect(headers['content-type']).toContain('application/problem+json');
  });

  it.each([
    ['no JSON', { ...JSON_BODY }, '{', 400],
    ['another type', { 'content-type': 'text/plain' }, 'all', 415],
    ['too much', { ...JSON_BODY }, JSON.stringify({ nai: 'x'.repeat(70_000) }), 413],
    ['nothing that is chosen', { ...JSON_BODY }, '{}', 400],
    ['what does not exist', { ...JSON_BODY }, '{"everything":true}', 400],
  ])('a body with %s', async (_, headers, payload, status) => {
    const { app } = await served();
    const sent = { ...headers, authorization: 'Bearer does' };
    const answer = await app.inject({ method: 'POST', url: '/api/v1/clear', headers: sent, payload });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({
      status,
      instance: '/api/v1/clear',
      type: expect.stringMatching(/^urn:mooring:problem:/),
    });
  });

  it('an error of the program is logged with its place, and told without it', async () => {
    const { app, node, log } = await served();
    node.answers.show = () => {
      throw new TypeError('secret detail');
    };
    const answer = await app.inject({ url: '/api/v1/pools' });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('secret detail');
    expect(log()).toContain('secret detail');
    expect(log()).toContain('fake-node.ts');
  });

  it('the log says who changes what, and not with which token', async () => {
    const { app, log } = await served();
    const headers = { ...JSON_BODY, authorization: 'Bearer does' };
    expect(
      (await app.inject({ method: 'POST', url: '/api/v1/clear', headers, payload: '{"all":true}' })).statusCode,
    ).toBe(200);
    expect(log()).toContain('does from 127.0.0.1 asks for POST /api/v1/clear');
    expect(log()).not.toContain('Bearer');
  });

  it('other methods are refused with those that there are', async () => {
    const { app } = await served();
    const { statusCode, headers } = await app.inject({ method: 'DELETE', url: '/api/v1/configuration' });
    expect([statusCode, headers.allow]).toEqual([405, 'GET, PUT']);
  });

  it('a client that does not read its events is let go with a note, and the others go on', async () => {
    const { app, feed, streams, listeners } = await served();
    const port = await listeners.listen(HERE, (incoming, outgoing) => app.routing(incoming, outgoing));
    const slow = connect(port, '127.0.0.1');
    slow.write('GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
    slow.pause();
    const quick = await answered(request({ port, host: '127.0.0.1', path: '/api/v1/events' }));
    let read = 0;
    quick.on('data', (data: Buffer) => {
      read += data.length;
    });
    for (let i = 0; i < 200 && streams.clients < 2; i++) await sleep(10);
    expect(streams.clients).toBe(2);
    const event = { at: '', kind: 'k', level: 'info' as const, node: null, text: 'x'.repeat(1000), fields: {} };
    let sent = 0;
    for (; sent < 100_000 && streams.clients === 2; sent += 100) {
      feed.add(new Array(100).fill(event));
      await sleep(1);
    }
    expect(streams.clients).toBe(1);
    let text = '';
    slow.on('data', (data) => {
      text += data;
    });
    slow.resume();
    for (let i = 0; i < 300 && !text.includes('slow-client'); i++) await sleep(10);
    expect(text).toContain('event: slow-client');
    slow.destroy();
    for (let i = 0; i < 300 && read < sent * 1000; i++) await sleep(10);
    expect(read).toBeGreaterThan(sent * 1000);
    quick.destroy();
  }, 30_000);

  it('no more connections than there may be', async () => {
    const { app, listeners } = await served({}, 2);
    const port = await listeners.listen(HERE, (incoming, outgoing) => app.routing(incoming, outgoing));
    const held = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    for (let i = 0; i < 200 && listeners.connections < 2; i++) await sleep(10);
    await expect(answered(request({ port, host: '127.0.0.1', path: '/api/v1/health' }))).rejects.toThrow();
    for (const one of held) one.destroy();
    for (let i = 0; i < 200 && listeners.connections > 0; i++) await sleep(10);
    expect((await answered(request({ port, host: '127.0.0.1', path: '/api/v1/health' }))).statusCode).toBe(200);
  });

  it('what is no HTTP gets a problem document too', async () => {
    const { app, listeners } = await served();
    const port = await listeners.listen(HERE, (incoming, outgoing) => app.routing(incoming, outgoing));
    for (const [sent, status] of [
      ['\x16\x03\x01 hello\r\n\r\n', 400],
      [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 413],
    ] as const) {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => {
        text += data;
      });
      socket.write(sent);
      await new Promise((resolve) => socket.on('close', resolve));
      expect(text).toContain(`HTTP/1.1 ${status} `);
      expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status });
    }
  });

  it('speaks TLS, and no older version than 1.2', async () => {
    const { app, listeners } = await served();
    const pem = (name: string) => readFileSync(new URL(`./tls/${name}.pem`, import.meta.url));
    const tls = { certificate: pem('certificate'), key: pem('key') };
    const port = await listeners.listen({ ...HERE, tls }, (incoming, outgoing) => app.routing(incoming, outgoing));
    const at = { port, host: '127.0.0.1', path: '/api/v1/health', ca: tls.certificate };
    expect((await answered(secureRequest(at))).statusCode).toBe(200);
    await expect(answered(secureRequest({ ...at, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' }))).rejects.toThrow();
  });
});

function answered(outgoing: ReturnType<typeof request>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => outgoing.on('response', resolve).on('error', reject).end());
}
