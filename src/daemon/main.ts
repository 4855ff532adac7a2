import { readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { parseConfiguration } from '#config/index.ts';
import type { LogOutput } from '#proto/peer.ts';
import { LoginServers } from './aaa/login-servers.ts';
import { RadiusService } from './aaa/radius-service.ts';
import { giveToGroup, OPERATOR_GROUP, VIEWER_GROUP } from './control-groups.ts';
import type { ControlRequest } from './control-protocol.ts';
import { answerControl, answerNode, answerSsh, type ControlParts, followConfiguration } from './control-requests.ts';
import type { ControlHandler, ControlServer } from './control-server.ts';
import { serveControl } from './control-server.ts';
import { RadiusDebug } from './debug/radius-debug.ts';
import { HttpService } from './http-service.ts';
import type { LogFormat } from './log.ts';
import type { LogLine } from './log-buffer.ts';
import type { LogLevel } from './log-levels.ts';
import { type LogOutlets, openLog } from './log-outlets.ts';
import { RadiusHistory } from './observe/radius-history.ts';
import { Operators } from './operators.ts';
import type { DataPlaneChoice } from './preflight.ts';
import { ServiceManager } from './service-manager.ts';
import { SshService } from './ssh-service.ts';
import { watchOver } from './watchdog.ts';
import { WorkerHandle, type WorkerOutlets } from './worker-handle.ts';
import type { NodeEnd } from './worker-protocol.ts';

export interface DaemonOptions {
  readonly configurationText: string;
  readonly fileName: string;
  readonly controlPath: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly dataPlane: DataPlaneChoice;
  /** Bindings and forwarding stay whatever ends the daemon. */
  readonly keepDataPlane: boolean;
  /** Where bindings are kept; `undefined`: nowhere. */
  readonly stateDirectory: string | undefined;
  /** False: the packet worker runs like any other thread. */
  readonly rehearsal: boolean;
  readonly realTime: boolean;
  readonly version: string;
}

/** The daemon cannot run on this machine or with this configuration; the message says why and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** In the state directory: accounting records that no server has answered yet. */
const ACCOUNTING_FILE = 'accounting';

/** How long the end of the daemon waits for accounting records to be answered. */
const ACCOUNTING_SETTLE_MS = 1000;

/** A second signal within this time is the same wish, delivered twice (to the process group and by a launcher). */
const SIGNAL_ECHO_MS = 300;

/**
 * Runs a node until SIGINT or SIGTERM; a further signal ends the process at once. SIGHUP has the file read again, and what differs from
 * the running configuration put into force. Resolves to whether it ended as wished.
 * Throws `StartError` and `ControlSocketError` when it cannot start.
 */
export async function runDaemon(options: DaemonOptions): Promise<boolean> {
  const follow = (line: LogLine) => http.logged(line);
  const logs = openLog(options.logLevel, options.logFormat, follow);
  logs.configure(parseConfiguration(options.configurationText).configuration.operators.logLevels);
  const { buffer, monitor, debug, ofWorker } = logs;
  const log = logs.of('daemon');
  const startedAt = new Date().toISOString();
  const manager = ServiceManager.take(process.env);
  const signalled = nextSignal();
  const running = Promise.withResolvers<WorkerHandle>();
  running.promise.catch(() => {});
  const { version, fileName: file } = options;
  const identity = { pid: process.pid, version, hostname: hostname(), startedAt, file };
  const write = ({ level, code, text, fields }: LogOutput) => logs.of('aaa')[level]({ ...fields, code }, text);
  const radiusHistory = new RadiusHistory();
  const radiusDebug = new RadiusDebug(debug, radiusHistory);
  const radius = new RadiusService({
    debug: radiusDebug,
    answer: (message) => worker?.answerRadius(message),
    log: write,
  });
  const logins = new LoginServers({ log: write, debug: radiusDebug });
  const handle: ControlHandler = (request, connection) => answerControl(parts, request, connection);
  const ssh = new SshService({
    keyFile: `${options.fileName}.ssh-host-key`,
    controlPath: `${options.controlPath}-ssh`,
    handle: (request, connection) => answerSsh(parts, request, connection),
    log: logs.of('ssh'),
  });
  const http = httpService(options, startedAt, logs.of('http'), (request) => answerNode(parts, request));
  const parts: ControlParts = {
    identity,
    file,
    worker: running.promise,
    buffer,
    monitor,
    radius,
    radiusDebug,
    radiusHistory,
    logs,
    operators: new Operators(logs.of('aaa'), logins),
    ssh,
    http,
  };
  const control = await serveSockets(options.controlPath, handle);
  let worker: WorkerHandle | undefined;
  try {
    worker = await startWorker(options, { log: ofWorker, debug, radius: (message) => radius.handle(message) });
    if (options.stateDirectory !== undefined) radius.keepAccountingIn(join(options.stateDirectory, ACCOUNTING_FILE));
    running.resolve(worker);
  } catch (error) {
    running.reject(error);
    control.close();
    throw error;
  }
  log.info(
    { code: 'started', control: options.controlPath, file: options.fileName },
    `mooring ${options.version}: ${worker.summary}`,
  );
  flushCompileCache();
  const obey = () => followConfiguration(parts);
  const wished = await serve({ worker, control, http, signalled, options, logs, manager }, obey);
  await ssh.close();
  await radius.settle(ACCOUNTING_SETTLE_MS);
  radius.close();
  logins.close();
  return wished;
}

function httpService(
  { version }: DaemonOptions,
  startedAt: string,
  log: Logger,
  answer: (request: ControlRequest) => Promise<unknown>,
): HttpService {
  const ask = async <Answer>(request: ControlRequest) => (await answer(request)) as Answer;
  return new HttpService({ node: { version, startedAt, hostname: hostname(), ask }, log });
}

/** One socket for those who may do everything, and one for those who may look. */
async function serveSockets(path: string, handle: ControlHandler): Promise<ControlServer> {
  const full = await serveControl(path, handle);
  try {
    const viewers = await serveControl(`${path}-ro`, handle, 'user');
    giveToGroup(path, OPERATOR_GROUP);
    giveToGroup(`${path}-ro`, VIEWER_GROUP);
    return {
      close: () => {
        viewers.close();
        full.close();
      },
    };
  } catch (error) {
    full.close();
    throw error;
  }
}

async function startWorker(options: DaemonOptions, outlets: WorkerOutlets): Promise<WorkerHandle> {
  const { configurationText, dataPlane, fileName, logLevel, realTime, rehearsal, stateDirectory, version } = options;
  const started = await WorkerHandle.start(
    {
      configurationText,
      dataPlane,
      fileName,
      logLevel,
      realTime,
      rehearsal,
      socketPrefix: options.controlPath,
      stateDirectory,
      version,
    },
    outlets,
  );
  if (!started.ok) throw new StartError(started.error);
  return started.value;
}

/** A file with an error changes nothing. Returns what became of it. */
async function reload(worker: WorkerHandle, file: string, log: Logger): Promise<string> {
  try {
    const text = readFileSync(file, 'utf8');
    const { messages } = (await worker.ask({ request: 'reconfigure', text })) as {
      readonly messages: readonly string[];
    };
    const done = `the configuration of ${file} is in force`;
    log.info({ code: 'configuration-read', file }, done);
    for (const message of messages) log.warn({ code: 'configuration-read', file }, message);
    return done;
  } catch (error) {
    const text = `the configuration of ${file} was refused, the former one is in force: ${(error as Error).message}`;
    log.error({ code: 'configuration-refused', file }, text);
    return text;
  }
}

interface Running {
  readonly worker: WorkerHandle;
  readonly control: ControlServer;
  readonly http: HttpService;
  readonly signalled: Promise<NodeJS.Signals>;
  readonly options: DaemonOptions;
  readonly logs: LogOutlets;
  readonly manager: ServiceManager;
}

/** `obey` has the main thread do what the configuration in force says. Resolves to whether it ended as wished. */
async function serve(running: Running, obey: () => Promise<void>): Promise<boolean> {
  const { worker, options, logs, manager } = running;
  void obey();
  manager.ready(worker.summary);
  const endWatch = watchOver(worker, manager, logs.of('daemon'));
  process.on('SIGHUP', async () => {
    manager.reloading();
    manager.ready(await reload(worker, options.fileName, logs.of('configuration')));
    await obey();
  });
  const wished = await finish(running);
  endWatch();
  return wished;
}

/** Waits for a signal or for the worker's end, and shuts down. */
async function finish({ worker, control, http, signalled, options, logs, manager }: Running): Promise<boolean> {
  const log = logs.of('daemon');
  const signal = await Promise.race([signalled, worker.ended.then(() => undefined)]);
  if (signal === undefined)
    log.fatal({ code: 'worker-died' }, `the packet worker ended: ${worker.failure ?? 'without a reason'}`);
  else log.info({ code: 'stopping', signal }, `stopping on ${signal}`);
  const closed = http.close();
  manager.stopping(signal === undefined ? 'the packet worker ended' : `stopping on ${signal}`);
  if (signal !== undefined) await worker.stop(endAt(signal, options));
  await closed;
  control.close();
  log.info({ code: 'stopped' }, 'stopped');
  return signal !== undefined;
}

/** An operator at a terminal ends it for good; a service manager may start it again. */
function endAt(signal: NodeJS.Signals, { keepDataPlane }: DaemonOptions): NodeEnd {
  if (keepDataPlane) return 'keep';
  return signal === 'SIGTERM' ? 'restart' : 'for-good';
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = 0;
    const onSignal = (signal: NodeJS.Signals) => {
      if (first === 0) {
        first = Date.now();
        resolve(signal);
      } else if (Date.now() - first > SIGNAL_ECHO_MS) process.exit(130);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
