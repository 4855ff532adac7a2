import type { Duration, Instant } from '#base/time.ts';
import { after, seconds } from '#base/time.ts';
import type { LmaNode } from './lma-node.ts';
import type { Scheduler } from './scheduler.ts';
import { SimulationFault } from './scheduler.ts';

/** The smallest lifetime that an acknowledgement can grant, and a second for what is due at the very instant of a check. */
const SLACK = seconds(5);

interface End {
  readonly lma: LmaNode;
  readonly binding: string;
  readonly at: Instant;
  /** After a restart, and by another clock, the anchor counts anew. */
  readonly starts: number;
  readonly clock: number;
}

/** Sessions whose time an AAA server has changed at an anchor end when that is over. */
export class SessionEnds {
  readonly #scheduler: Scheduler;
  readonly #ends = new Map<string, End>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** The sessions of a mobile node last so long from now on. */
  changed(lma: LmaNode, nai: string, sessionTimeout: Duration): void {
    const at = after(after(this.#scheduler.now, sessionTimeout), SLACK);
    for (const { nai: name, id, state } of lma.machine.snapshot()) {
      if (name !== nai || state !== 'active') continue;
      const { starts } = lma;
      this.#ends.set(`${lma.name} ${id}`, { lma, binding: id, at, starts, clock: lma.clock.changes });
    }
  }

  check(): void {
    for (const [key, end] of this.#ends) {
      const { lma, binding, at, starts, clock } = end;
      if (this.#scheduler.now < at && lma.starts === starts && lma.clock.changes === clock) continue;
      this.#ends.delete(key);
      if (lma.starts !== starts || lma.clock.changes !== clock || !lma.isUp) continue;
      if (lma.machine.snapshot().some(({ id, state }) => id === binding && state === 'active')) {
        throw new SimulationFault('no session outlasts its time', `${binding} at ${lma.name}`);
      }
    }
  }
}
