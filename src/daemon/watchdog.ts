import type { Logger } from 'pino';
import type { ControlRequest } from './control-protocol.ts';
import { describeHealth, type Health } from './health.ts';
import type { ServiceManager } from './service-manager.ts';

/** Between two reports where the service manager does not say how often it wants to hear. */
const STATUS_MS = 30_000;
/** A report may be late once without the watchdog's noticing. */
const REPORTS_PER_WATCHDOG = 3;

/** Whoever answers requests for the packet worker. */
export interface Worker {
  ask(request: ControlRequest): Promise<unknown>;
}

/**
 * Tells the service manager now and then that both threads are alive: this one, whose timer it is, and the packet worker, which is asked in
 * a round of its loop. When one of them hangs nothing is said, and the service manager starts the daemon anew; the kernel forwards
 * meanwhile. Returns what ends it.
 */
export function watchOver(worker: Worker, manager: ServiceManager, log: Pick<Logger, 'warn'>): () => void {
  const period = manager.watchdogMs === undefined ? STATUS_MS : manager.watchdogMs / REPORTS_PER_WATCHDOG;
  let ended = false;
  const report = async () => {
    try {
      const status = describeHealth((await worker.ask({ request: 'health' })) as Health);
      if (!ended) manager.alive(status);
    } catch (error) {
      if (!ended) log.warn({ code: 'worker-silent' }, (error as Error).message);
    }
  };
  const timer = setInterval(report, period);
  return () => {
    ended = true;
    clearInterval(timer);
  };
}
