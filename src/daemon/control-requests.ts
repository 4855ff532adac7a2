import { readFileSync } from 'node:fs';
import type { KeyProof } from '#cli/ssh/key-proof.ts';
import type { OperatorsConfiguration } from '#config/index.ts';
import { concealSecrets } from '#config/index.ts';
import { replaceFile } from '#host/replace-file.ts';
import type { LoginSettings } from './aaa/assemble-login.ts';
import type { RadiusService } from './aaa/radius-service.ts';
import { requireAuthority } from './authority.ts';
import type { ControlConnection } from './control-connection.ts';
import type { ControlRequest } from './control-protocol.ts';
import { RequestError } from './control-protocol.ts';
import type { DebugView } from './debug/flags.ts';
import type { RadiusDebug } from './debug/radius-debug.ts';
import type { HttpService } from './http-service.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { LogOutlets } from './log-outlets.ts';
import type { Monitor } from './monitor.ts';
import type { RadiusHistory } from './observe/radius-history.ts';
import { wholeHistory } from './observe/whole-history.ts';
import { idleSeconds, type Operators, type SessionFacts } from './operators.ts';
import type { SshService } from './ssh-service.ts';
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
  readonly radiusDebug: RadiusDebug;
  readonly radiusHistory: RadiusHistory;
  readonly logs: LogOutlets;
  readonly operators: Operators;
  readonly ssh: Pick<SshService, 'configure' | 'generateKey' | 'zeroizeKey'>;
  readonly http: Pick<HttpService, 'configure'>;
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
  /** A terminal on this machine begins, in user mode. */
  session: async (parts, connection): Promise<SessionFacts> => {
    const { hostname, operators } = await operatorsOf(parts);
    connection.keepOpen();
    connection.privilege = 'user';
    return { hostname, privilege: 'user', idleSeconds: idleSeconds(operators.console) };
  },
  /** A terminal elsewhere begins. */
  login: async (parts, connection, { user, password, from }) => {
    if (typeof user !== 'string' || typeof password !== 'string' || typeof from !== 'string')
      throw new RequestError('bad-request', '"user", "password" and "from" must be text');
    const { hostname, operators, login } = await operatorsOf(parts);
    return parts.operators.login(connection, operators, hostname, login, { user, password, from });
  },
  /** The same with a key; without a signature it is only said whether the key would do. */
  'login-key': async (parts, connection, { user, key, signed, signature, hash, from }) => {
    if (typeof user !== 'string' || typeof key !== 'string' || typeof from !== 'string')
      throw new RequestError('bad-request', '"user", "key" and "from" must be text');
    const proof = proofOf(signed, signature, hash);
    const { hostname, operators } = await operatorsOf(parts);
    return parts.operators.loginByKey(connection, operators, hostname, { user, key, from, ...(proof && { proof }) });
  },
  enable: async (parts, connection, { password }) => {
    await parts.operators.enable(connection, (await operatorsOf(parts)).operators, password);
  },
  'generate-key': ({ ssh }, _, { bits }) => ssh.generateKey(bits),
  'zeroize-key': ({ ssh }) => ssh.zeroizeKey(),
  disable: (_, connection) => {
    connection.privilege = 'user';
  },
  monitor: ({ monitor }, connection, { on }) => {
    if (on === true) monitor.watch(connection);
    else monitor.unwatch(connection);
  },
};

function proofOf(signed: unknown, signature: unknown, hash: unknown): KeyProof | undefined {
  if (typeof signed !== 'string' || typeof signature !== 'string') return undefined;
  return { signed, signature, ...(typeof hash === 'string' && { hash }) };
}

interface OperatorsOfNode {
  readonly hostname: string;
  readonly operators: OperatorsConfiguration;
  readonly acceptsSsh: boolean;
  readonly login: LoginSettings;
}

/** Hashes too: for the main thread alone. */
export const OPERATORS_REQUEST = 'operators';

async function operatorsOf({ worker }: Pick<ControlParts, 'worker'>): Promise<OperatorsOfNode> {
  return (await (await worker).ask({ request: OPERATORS_REQUEST })) as OperatorsOfNode;
}

/** Answers a request of the control socket, as far as the connection may make it. Throws `RequestError`. */
export async function answerControl(
  parts: ControlParts,
  request: ControlRequest,
  connection: ControlConnection,
): Promise<unknown> {
  requireAuthority(request, connection.privilege);
  // What an operator signs for another SSH server could be told here: only our own, which makes up what is signed, is believed.
  if (request.request === 'login-key') throw new RequestError('forbidden', 'this is for our server of SSH alone');
  return answer(parts, request, connection);
}

/** The same for the process that serves SSH. Throws `RequestError`. */
export async function answerSsh(
  parts: ControlParts,
  request: ControlRequest,
  connection: ControlConnection,
): Promise<unknown> {
  requireAuthority(request, connection.privilege);
  return answer(parts, request, connection);
}

function answer(parts: ControlParts, request: ControlRequest, connection: ControlConnection): unknown {
  const handler = Object.hasOwn(HANDLERS, request.request) ? HANDLERS[request.request] : undefined;
  return handler ? handler(parts, connection, request) : answerNode(parts, request);
}

/** Answers what has nothing to do with who asks. Throws `RequestError`. */
export async function answerNode(parts: ControlParts, request: ControlRequest): Promise<unknown> {
  if (request.request === OPERATORS_REQUEST) throw new RequestError('forbidden', 'nobody is told who may log in');
  if (request.request === 'show' && request.query === 'logging') return parts.buffer.view();
  if (request.request === 'show' && request.query === 'startup-config') return startupConfiguration(parts);
  if (request.request === 'show' && request.query === 'aaa-servers')
    return { ...parts.radius.snapshot(), logins: parts.operators.view() };
  const worker = await parts.worker;
  if (request.request === 'node-history') return wholeHistory((of) => worker.ask(of), parts.radiusHistory, request);
  if (request.request === 'switch-events') parts.radiusHistory.switch(request.on === true);
  const result = await worker.ask(request);
  if (request.request === 'debug') parts.radiusDebug.on = (result as DebugView).flags.includes('radius');
  if (request.request === 'configure-line' || request.request === 'reconfigure') await followConfiguration(parts);
  return result;
}

/** What the main thread does of the configuration that is in force now. */
export async function followConfiguration(
  parts: Pick<ControlParts, 'worker' | 'ssh' | 'http' | 'logs'>,
): Promise<void> {
  const { operators, acceptsSsh } = await operatorsOf(parts);
  parts.logs.configure(operators.logLevels);
  await parts.ssh.configure(acceptsSsh ? operators : undefined);
  // Not waited for: who asked may be a client of it, and has its answer first.
  void parts.http.configure(operators.http);
}

/** What the node will start with, its secrets as stars: in the file they may stand as they were typed. Throws `RequestError`. */
function startupConfiguration({ file }: ControlParts): { readonly file: string; readonly text: string } {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return { file, text: lines.map(concealSecrets).join('\n') };
  } catch (error) {
    throw new RequestError('refused', `cannot read ${file}: ${(error as Error).message}`);
  }
}

/** Keeps the running configuration in the file that the node was started with. Throws `RequestError`. */
async function writeMemory({ worker, file, logs }: ControlParts): Promise<{ readonly file: string }> {
  const { text } = (await (await worker).ask({ request: 'show', query: 'running-config' })) as {
    readonly text: string;
  };
  try {
    replaceFile(file, text);
  } catch (error) {
    throw new RequestError('refused', `cannot write ${file}: ${(error as Error).message}`);
  }
  const log = logs.of('configuration');
  log.info({ code: 'configuration-written', file }, `the running configuration was written to ${file}`);
  return { file };
}
