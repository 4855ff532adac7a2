import { monotonicNanoseconds } from '#host/clock.ts';
import { sendUnixDatagram } from '#host/unix-datagram.ts';

/** A control character would begin another assignment, and nobody reads more than a line of a screen. */
const STATUS_MAXIMUM = 200;

/** What the service manager said when it started this process; names and values as sd_notify(3) and sd_watchdog_enabled(3) have them. */
export interface ServiceEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  readonly WATCHDOG_USEC?: string | undefined;
  readonly WATCHDOG_PID?: string | undefined;
}

/** systemd, or whatever else listens at `NOTIFY_SOCKET`: it is told how the daemon fares. Without one nothing is done. */
export class ServiceManager {
  /** Within this time it wants to hear that the daemon is alive; `undefined`: it does not ask. */
  readonly watchdogMs: number | undefined;
  readonly #socket: string | undefined;

  /**
   * What was meant for this process, or for the older Node that it was launched by. The variables are taken out of the environment, so that
   * no child speaks in the daemon's name.
   */
  static take(environment: NodeJS.ProcessEnv): ServiceManager {
    const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = environment;
    for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
    const own = [String(process.pid), environment.MOORING_LAUNCHER];
    return new ServiceManager({ NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID }, own);
  }

  /** `own`: the process ids that may be meant. */
  constructor(environment: ServiceEnvironment, own: readonly (string | undefined)[]) {
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: time, WATCHDOG_PID: pid } = environment;
    this.#socket = socket !== undefined && /^[/@]/.test(socket) ? socket : undefined;
    const asks = this.#socket !== undefined && (pid === undefined || own.includes(pid));
    const milliseconds = Number(time) / 1000;
    this.watchdogMs = asks && milliseconds > 0 ? milliseconds : undefined;
  }

  /** The daemon serves, for the first time or after `reloading`. */
  ready(status: string): void {
    this.#tell('READY=1', statusOf(status));
  }

  /** What `systemctl status` shows. */
  status(text: string): void {
    this.#tell(statusOf(text));
  }

  reloading(): void {
    this.#tell('RELOADING=1', `MONOTONIC_USEC=${Math.trunc(monotonicNanoseconds() / 1000)}`);
  }

  stopping(status: string): void {
    this.#tell('STOPPING=1', statusOf(status));
  }

  /** Keeps the watchdog quiet for another `watchdogMs`. */
  alive(status: string): void {
    this.#tell('WATCHDOG=1', statusOf(status));
  }

  /** Nothing depends on whether it is heard: who does not listen cannot be helped. */
  #tell(...assignments: string[]): void {
    if (this.#socket === undefined) return;
    try {
      sendUnixDatagram(this.#socket, assignments.join('\n'));
    } catch {
      // Nobody is there, or does not read.
    }
  }
}

function statusOf(text: string): string {
  return `STATUS=${text.replace(/\p{Cc}+/gu, ' ').slice(0, STATUS_MAXIMUM)}`;
}
