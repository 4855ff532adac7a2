import type { Logger } from 'pino';
import { replaceFile } from '#host/replace-file.ts';
import type { RadiusService } from './aaa/radius-service.ts';
import { requireAuthority } from './authority.ts';
import type { ControlConnection } from './control-connection.ts';
import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { Monitor } from './monitor.ts';
import type { WorkerHandle } from './worker-handle.ts';

export interface ControlParts {
  /** What `ping` answers. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** The file that the node was started with. */
  readonly file: string;
  readonly worker: Promise<WorkerHandle>;
  readonly buffer: LogBuffer;
  readonly monitor: Monitor;
  readonly radius: RadiusService;
  readonly log: Logger;
}

type Handler = (parts: ControlParts, connection: ControlConnection, request: ControlRequest) => unknown;

/** Requests that are not the packet worker's. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  ping: async ({ worker, identity }) => {
    await worker;
    return identity;
  },
  'clear-logging': ({ buffer }) => buffer.clear(),
  'write-memory': writeMemory,
  /** A terminal begins, in user mode. */
  session: async ({ worker }, connection) => {
    const answer = await (await worker).ask({ request: 'identity' });
    connection.keepOpen();
    connection.privilege = 'user';
    return answer;
  },
  enable: (_, connection) => {
    if (!connection.trusted) throw new RequestError('refused', 'No password set');
    connection.privilege = 'privileged';
  },
  disable: (_, connection) => {
    connection.privilege = 'user';
  },
  monitor: ({ monitor }, connection, { on }) => {
    if (on === true) monitor.watch(connection);
    else monitor.unwatch(connection);
  },
};

/** Answers a request of the control socket, as far as the connection may make it. Throws `RequestError`. */
export async function answerControl(
  parts: ControlParts,
  request: ControlRequest,
  connection: ControlConnection,
): Promise<unknown> {
  requireAuthority(request, connection.privilege);
  if (request.request === 'show' && request.query === 'logging') return parts.buffer.view();
  if (request.request === 'show' && request.query === 'aaa-servers') return parts.radius.snapshot();
  const handler = Object.hasOwn(HANDLERS, request.request) ? HANDLERS[request.request] : undefined;
  return handler ? handler(parts, connection, request) : (await parts.worker).ask(request);
}

/** Keeps the running configuration in the file that the node was started with. Throws `RequestError`. */
async function writeMemory({ worker, file, log }: ControlParts): Promise<{ readonly file: string }> {
  const { text } = (await (await worker).ask({ request: 'show', query: 'running-config' })) as {
    readonly text: string;
  };
  try {
    replaceFile(file, text);
  } catch (error) {
    throw new RequestError('refused', `cannot write ${file}: ${(error as Error).message}`);
  }
  log.info({ code: 'configuration-written', file }, `the running configuration was written to ${file}`);
  return { file };
}
