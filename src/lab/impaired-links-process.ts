import { writeSync } from 'node:fs';
import { monotonicMilliseconds } from '#host/clock.ts';
import { PollLoop } from '#host/poll-loop.ts';
import { read, write } from '#host/posix.ts';
import { ImpairedDirection, type LinkBehaviour } from './impaired-link.ts';
import { openTapDevice } from './tap-device.ts';

// Runs in a process of its own, so that a kept lab keeps its links: argument 1 is the task as JSON. Says "ready" when the devices are
// there; they go when the process ends.

/** One link: a TAP device at each end. */
export interface ImpairedLinkEnds {
  readonly a: { readonly namespacePath: string; readonly name: string };
  readonly b: { readonly namespacePath: string; readonly name: string };
}

export interface ImpairedLinksTask {
  readonly links: readonly ImpairedLinkEnds[];
  readonly behaviour: LinkBehaviour;
  readonly seed: number;
}

const LONGEST_FRAME = 65_536;
/** At most this many frames of one device in a row. */
const BURST = 64;

class Direction {
  readonly from: number;
  readonly #to: number;
  readonly #queue: ImpairedDirection;
  readonly #frame = Buffer.from(new ArrayBuffer(LONGEST_FRAME));

  constructor(from: number, to: number, behaviour: LinkBehaviour, seed: number) {
    this.from = from;
    this.#to = to;
    this.#queue = new ImpairedDirection(behaviour, seed);
  }

  receive(): void {
    const now = monotonicMilliseconds();
    for (let i = 0; i < BURST; i++) {
      const length = read(this.from, this.#frame, LONGEST_FRAME);
      if (length <= 0) return;
      this.#queue.push(Uint8Array.prototype.slice.call(this.#frame, 0, length), now);
    }
  }

  /** Sends what is due and says when to come again. */
  forward(now: number): number | undefined {
    for (let frame = this.#queue.takeDue(now); frame !== undefined; frame = this.#queue.takeDue(now)) {
      write(this.#to, frame, frame.length); // a full device drops it, as a queue does
    }
    return this.#queue.nextDue;
  }
}

run(JSON.parse(process.argv[2] as string) as ImpairedLinksTask);

function run({ links, behaviour, seed }: ImpairedLinksTask): void {
  const loop = new PollLoop();
  const directions: Direction[] = [];
  for (const [i, { a, b }] of links.entries()) {
    const [fdA, fdB] = [openTapDevice(a.namespacePath, a.name), openTapDevice(b.namespacePath, b.name)];
    directions.push(
      new Direction(fdA, fdB, behaviour, seed + 2 * i),
      new Direction(fdB, fdA, behaviour, seed + 2 * i + 1),
    );
  }
  for (const direction of directions) loop.watch(direction.from, () => direction.receive());
  writeSync(process.stdout.fd, 'ready\n');
  for (let wait = 100; ; ) {
    loop.round(wait);
    const now = monotonicMilliseconds();
    const due = directions.map((direction) => direction.forward(now)).filter((at) => at !== undefined);
    wait = Math.min(100, Math.max(0, Math.min(...due) - monotonicMilliseconds()));
  }
}
