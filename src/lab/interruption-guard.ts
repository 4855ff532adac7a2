import { Lab, type LabOptions } from './lab.ts';
import { LabError } from './lab-error.ts';

/** Turns SIGINT, SIGTERM and SIGHUP into a failure of the run, so that it cleans up; a crash and a second signal clean up at once. */
export class InterruptionGuard {
  #lab: Lab | undefined;
  #interrupt: (error: LabError) => void = () => {};
  #signals = 0;
  readonly #interrupted = new Promise<never>((_, reject) => {
    this.#interrupt = reject;
  });
  readonly #onSignal = (signal: NodeJS.Signals) => {
    if (++this.#signals === 1) this.#interrupt(new LabError('interrupted', `${signal}: cleaning up`));
    else this.#abandon();
  };
  readonly #onCrash = (error: unknown) => {
    process.stderr.write(`lab: an error of the lab itself: ${error instanceof Error ? error.stack : error}\n`);
    this.#abandon();
  };

  constructor() {
    this.#interrupted.catch(() => {});
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, this.#onSignal);
    process.on('uncaughtException', this.#onCrash);
    process.on('unhandledRejection', this.#onCrash);
  }

  /** Starts the lab; a signal meanwhile ends it at once. */
  async build(options: LabOptions): Promise<Lab> {
    try {
      return await this.race(
        Lab.start(options, (lab) => {
          this.#lab = lab;
        }),
      );
    } catch (error) {
      this.#lab?.stopNow();
      this.end();
      throw error;
    }
  }

  race<T>(work: Promise<T>): Promise<T> {
    work.catch(() => {}); // after an interruption its failure says nothing new
    return Promise.race([work, this.#interrupted]);
  }

  end(): void {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, this.#onSignal);
    process.off('uncaughtException', this.#onCrash);
    process.off('unhandledRejection', this.#onCrash);
  }

  #abandon(): void {
    this.#lab?.stopNow();
    process.exit(1);
  }
}
