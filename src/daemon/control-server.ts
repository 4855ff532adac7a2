import { chmodSync, existsSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createConnection, createServer } from 'node:net';
import { dirname } from 'node:path';
import { ControlConnection, type Privilege } from './control-connection.ts';
import type { ControlErrorCode, ControlReply, ControlRequest } from './control-protocol.ts';
import { REQUEST_MAXIMUM, RequestError } from './control-protocol.ts';

const CONNECTION_MAXIMUM = 64;
const IDLE_MS = 30_000;
const MODE = 0o660;

/** Answers one request; may throw `RequestError`. */
export type ControlHandler = (request: ControlRequest, connection: ControlConnection) => Promise<unknown>;

/** Why the control socket cannot be had. */
export class ControlSocketError extends Error {
  override readonly name = 'ControlSocketError';
  readonly code = 'control-socket-unavailable';
}

export interface ControlServer {
  /** Stops serving and removes the socket. */
  close(): void;
}

/**
 * Serves `path`. A socket that nobody answers on any more is replaced.
 * Throws `ControlSocketError` when another daemon answers there, or when something else than a socket is there.
 */
export async function serveControl(
  path: string,
  handle: ControlHandler,
  privilege: Privilege = 'privileged',
): Promise<ControlServer> {
  await makeWay(path);
  const server = createServer((socket) => serveConnection(socket, privilege, handle));
  server.maxConnections = CONNECTION_MAXIMUM;
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  await listen(server, path);
  return {
    close: () => {
      server.close();
      for (const socket of connections) socket.destroy();
    },
  };
}

async function makeWay(path: string): Promise<void> {
  let isSocket: boolean;
  try {
    isSocket = lstatSync(path).isSocket();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unavailable(path, error);
    makeDirectory(dirname(path), path);
    return;
  }
  if (!isSocket)
    throw new ControlSocketError(
      `${path} exists and is not a socket; remove it, or choose another with --control PATH`,
    );
  const pid = await askOwner(path);
  if (pid !== undefined) {
    throw new ControlSocketError(
      `another daemon (pid ${pid}) answers on ${path}; stop it, or give this one its own socket with --control PATH`,
    );
  }
  unlinkSync(path);
}

/** Differs from the `recursive` of mkdirSync in that it ends where no directory can be made, as below /proc. */
function makeDirectory(directory: string, path: string): void {
  if (existsSync(directory)) return;
  if (directory !== dirname(directory)) makeDirectory(dirname(directory), path);
  try {
    mkdirSync(directory, 0o755);
  } catch (error) {
    throw unavailable(path, error);
  }
}

/** The pid of the daemon that answers on the socket, `unknown` when something else does; `undefined` when nobody does. */
function askOwner(path: string): Promise<number | 'unknown' | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let reply = '';
    socket.setTimeout(1000, () => finish('unknown'));
    socket.on('connect', () => socket.write('{"request":"ping"}\n'));
    socket.on('error', () => finish(undefined));
    socket.on('data', (data) => {
      reply += data.toString();
      if (reply.includes('\n') || reply.length > REQUEST_MAXIMUM) finish(pidOf(reply));
    });
    socket.on('end', () => finish('unknown'));
    const finish = (pid: number | 'unknown' | undefined) => {
      socket.destroy();
      resolve(pid);
    };
  });
}

function pidOf(reply: string): number | 'unknown' {
  try {
    const { result } = JSON.parse(reply) as { result?: { pid?: unknown } };
    return typeof result?.pid === 'number' ? result.pid : 'unknown';
  } catch {
    return 'unknown';
  }
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The socket must never be open to everybody, not even between its creation and chmod.
    const previous = process.umask(~MODE & 0o777);
    server.once('error', (error) => reject(unavailable(path, error)));
    server.listen(path, () => {
      chmodSync(path, MODE);
      resolve();
    });
    process.umask(previous);
  });
}

function unavailable(path: string, error: unknown): ControlSocketError {
  const message = `cannot open the control socket ${path}: ${(error as Error).message}; choose another place with --control PATH`;
  return new ControlSocketError(message, { cause: error });
}

function serveConnection(socket: Socket, privilege: Privilege, handle: ControlHandler): void {
  const connection = new ControlConnection(socket, privilege, IDLE_MS);
  let pending = Buffer.alloc(0);
  let answering = Promise.resolve();
  socket.on('error', () => socket.destroy());
  socket.on('data', (data: Buffer) => {
    pending = Buffer.concat([pending, data]);
    for (let end = pending.indexOf(10); end >= 0; end = pending.indexOf(10)) {
      const line = pending.toString('utf8', 0, end);
      pending = pending.subarray(end + 1);
      answering = answering.then(() => answer(line, connection, handle)).then((reply) => connection.write(reply));
    }
    if (pending.length <= REQUEST_MAXIMUM) return;
    connection.write(failure('bad-request', `a request has at most ${REQUEST_MAXIMUM} octets`));
    socket.end();
  });
}

async function answer(line: string, connection: ControlConnection, handle: ControlHandler): Promise<ControlReply> {
  let request: unknown;
  try {
    request = JSON.parse(line);
  } catch {
    return failure('bad-request', 'not JSON; a request is one line such as {"request":"ping"}');
  }
  if (!isRequest(request)) return failure('bad-request', 'not a request; one is a line such as {"request":"ping"}');
  try {
    return { ok: true, result: (await handle(request, connection)) ?? null };
  } catch (error) {
    if (error instanceof RequestError) return failure(error.code, error.message);
    return failure('internal', (error as Error).message);
  }
}

function isRequest(value: unknown): value is ControlRequest {
  return typeof value === 'object' && value !== null && 'request' in value && typeof value.request === 'string';
}

function failure(code: ControlErrorCode, message: string): ControlReply {
  return { ok: false, error: { code, message } };
}
