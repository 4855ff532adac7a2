import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Answers on a Unix datagram socket as hostapd does, in a thread of its own, and says to whoever is attached what a test wants said. */
export class FakeHostapd {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async listen(path: string): Promise<FakeHostapd> {
    const worker = new Worker(new URL('./fake-hostapd-process.ts', import.meta.url), { workerData: path });
    await once(worker, 'message');
    return new FakeHostapd(worker);
  }

  say(...events: string[]): void {
    this.#worker.postMessage(events);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
