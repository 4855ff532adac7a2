import { setImmediate as turn } from 'node:timers/promises';
import type { Instant } from '#base/time.ts';
import { monotonicMilliseconds } from '#host/clock.ts';
import type { Population } from '#proto/load/index.ts';
import {
  LONGEST_WAIT_MS,
  type LoadPlan,
  type LoadSockets,
  type OperationReport,
  OperationRun,
  type Progress,
} from './operation-run.ts';

const PROGRESS_MS = 1000;

/** Lets the mobile nodes of a population do one operation after the other. `stop` ends it soon; what was reached is reported. */
export class LoadRun {
  readonly #population: Population;
  readonly #sockets: LoadSockets;
  readonly #plan: LoadPlan;
  readonly #onProgress: (progress: Progress) => void;
  #stopped = false;
  /** The LMA has answered nothing for too long. */
  gaveUp = false;

  constructor(population: Population, sockets: LoadSockets, plan: LoadPlan, onProgress: (progress: Progress) => void) {
    this.#population = population;
    this.#sockets = sockets;
    this.#plan = plan;
    this.#onProgress = onProgress;
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<OperationReport[]> {
    const reports: OperationReport[] = [];
    for (const operation of this.#plan.operations) {
      if (reports.length > 0) await this.#rest();
      if (this.#stopped || this.gaveUp) break;
      const one = new OperationRun(operation, this.#population, this.#sockets, this.#plan);
      await this.#operate(one);
      this.gaveUp = one.gaveUp;
      reports.push(one.report());
    }
    return reports;
  }

  /** Nobody is asked, but the LMA is heard. */
  async #rest(): Promise<void> {
    const { pause = 0 } = this.#plan;
    for (const end = monotonicMilliseconds() + pause * 1000; !this.#stopped && monotonicMilliseconds() < end; ) {
      this.#sockets.round(LONGEST_WAIT_MS, (gateway, octets) => {
        const reply = this.#population.receive(gateway, octets, monotonicMilliseconds() as Instant);
        if (reply) this.#sockets.send(reply.gateway, reply.octets);
      });
      await turn();
    }
  }

  async #operate(one: OperationRun): Promise<void> {
    let told = monotonicMilliseconds();
    while (!this.#stopped && !one.isOver) {
      one.work(LONGEST_WAIT_MS);
      const now = monotonicMilliseconds();
      if (now - told >= PROGRESS_MS) {
        told = now;
        this.#onProgress(one.progress());
      }
      // Signals are handled meanwhile.
      await turn();
    }
  }
}
