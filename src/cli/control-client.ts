import { createConnection } from 'node:net';
import type { ControlReply, ControlRequest } from '#daemon/control-protocol.ts';

/** Why a request to the daemon brought no result. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  /** `no-daemon`, `no-permission`, `no-answer`, `bad-reply`, or the code that the daemon gave. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const TIMEOUT_MS = 10_000;

/** Asks the daemon at the control socket; resolves to the `result` of its reply. Throws `ControlError`. */
export function controlRequest(path: string, request: ControlRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const chunks: Buffer[] = [];
    const fail = (error: ControlError) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(TIMEOUT_MS, () => fail(new ControlError('no-answer', `the daemon at ${path} does not answer`)));
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('error', (error) => fail(connectionError(path, error)));
    socket.on('end', () => fail(new ControlError('no-answer', `the daemon at ${path} closed the connection`)));
    socket.on('data', (data: Buffer) => {
      chunks.push(data);
      if (data[data.length - 1] !== 10) return;
      socket.destroy();
      resultOf(path, Buffer.concat(chunks).toString('utf8')).then(resolve, reject);
    });
  });
}

async function resultOf(path: string, line: string): Promise<unknown> {
  let reply: ControlReply;
  try {
    reply = JSON.parse(line) as ControlReply;
  } catch (cause) {
    throw new ControlError('bad-reply', `what answers at ${path} is not a Mooring daemon`, { cause });
  }
  if (reply.ok) return reply.result;
  throw new ControlError(reply.error.code, reply.error.message);
}

/** What went wrong with the socket at `path`, for the operator. */
export function connectionError(path: string, error: NodeJS.ErrnoException): ControlError {
  if (error.code === 'EACCES') {
    return new ControlError(
      'no-permission',
      `no permission for ${path}; run the command as root or as a member of the socket's group`,
    );
  }
  return new ControlError(
    'no-daemon',
    `no daemon answers at ${path} (${error.code ?? error.message}); start one with "mooring run FILE", or name its socket with --control PATH`,
    { cause: error },
  );
}
