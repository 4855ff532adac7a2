import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { ControlServer } from './control-server.ts';
import { serveControl } from './control-server.ts';
import type { LogFormat } from './log.ts';
import { createLog } from './log.ts';
import type { LogLevel } from './log-limiter.ts';
import { WorkerHandle } from './worker-handle.ts';

export interface DaemonOptions {
  readonly configurationText: string;
  readonly fileName: string;
  readonly controlPath: string;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
  readonly keepDataPlane: boolean;
  /** False: the packet worker runs like any other thread. */
  readonly realTime: boolean;
  readonly version: string;
}

/** The daemon cannot run on this machine or with this configuration; the message says why and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** A second signal within this time is the same wish, delivered twice (to the process group and by a launcher). */
const SIGNAL_ECHO_MS = 300;

/**
 * Runs a node until SIGINT or SIGTERM; a further signal ends the process at once. SIGHUP is reserved for reading the configuration
 * again, and ignored until then. Resolves to whether it ended as wished.
 * Throws `StartError` and `ControlSocketError` when it cannot start.
 */
export async function runDaemon(options: DaemonOptions): Promise<boolean> {
  const log = createLog(options.logLevel, options.logFormat);
  const startedAt = new Date().toISOString();
  const signalled = nextSignal();
  const running = Promise.withResolvers<WorkerHandle>();
  running.promise.catch(() => {});
  const identity = {
    pid: process.pid,
    version: options.version,
    hostname: hostname(),
    startedAt,
    file: options.fileName,
  };
  const control = await serveControl(options.controlPath, async (request) => {
    const worker = await running.promise;
    return request.request === 'ping' ? identity : worker.ask(request);
  });
  let worker: WorkerHandle;
  try {
    worker = await startWorker(options, log);
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
  return finish(worker, control, signalled, options, log);
}

async function startWorker(options: DaemonOptions, log: Logger): Promise<WorkerHandle> {
  const { configurationText, fileName, logLevel, realTime, version } = options;
  const started = await WorkerHandle.start(
    { configurationText, fileName, logLevel, realTime, version },
    ({ level, code, text, fields }) => log[level]({ code, ...fields }, text),
  );
  if (!started.ok) throw new StartError(started.error);
  return started.value;
}

/** Waits for a signal or for the worker's end, and shuts down. */
async function finish(
  worker: WorkerHandle,
  control: ControlServer,
  signalled: Promise<NodeJS.Signals>,
  options: DaemonOptions,
  log: Logger,
): Promise<boolean> {
  const signal = await Promise.race([signalled, worker.ended.then(() => undefined)]);
  if (signal === undefined)
    log.fatal({ code: 'worker-died' }, `the packet worker ended: ${worker.failure ?? 'without a reason'}`);
  else log.info({ code: 'stopping', signal }, `stopping on ${signal}`);
  if (signal !== undefined) await worker.stop(options.keepDataPlane);
  control.close();
  log.info({ code: 'stopped' }, 'stopped');
  return signal !== undefined;
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
    process.on('SIGHUP', () => {});
  });
}
