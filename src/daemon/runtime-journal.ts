import type { ClockReading } from '#base/time.ts';
import type { LogFacility } from '#config/index.ts';
import { readClock } from '#host/clock.ts';
import type { LogOutput } from '#proto/peer.ts';
import type { LogLimiter } from './log-limiter.ts';
import { NodeEvents } from './observe/node-events.ts';
import { Recorder } from './observe/recorder.ts';

/** What a node's runtime counts and logs of itself, and the instant at which it does. */
export class RuntimeJournal {
  readonly counters = {
    rounds: 0,
    handlerErrors: 0,
    storeErrors: 0,
    forwardingErrors: 0,
    messagesWithoutReceiver: 0,
    messagesMalformed: 0,
    signallingSendFailed: 0,
    roundsCutShort: 0,
  };
  /** Of the current round. */
  now: ClockReading = readClock();
  /** What is logged, for whoever follows it: all of it, within limits of its own. */
  readonly events = new NodeEvents();
  /** What happens to each mobile node, for who asks later. */
  readonly recorder = new Recorder();
  readonly #limiter: LogLimiter;

  constructor(limiter: LogLimiter) {
    this.#limiter = limiter;
  }

  /** Passes on what a machine logs; `node` is the LMA or MAG. */
  entry(facility: LogFacility, output: LogOutput, node: string | null = null): void {
    this.event(node, output);
    this.#limiter.log(facility, output, this.now.instant);
  }

  /** What is told to who follows, and not logged. */
  event(node: string | null, output: LogOutput): void {
    const event = this.events.add(this.now, node, output);
    if (event) this.recorder.event(event, this.now);
  }

  log(
    facility: LogFacility,
    level: LogOutput['level'],
    code: string,
    text: string,
    fields: LogOutput['fields'] = {},
  ): void {
    this.entry(facility, { kind: 'log', level, code, text, fields });
  }

  /** An error in one step is an error of ours: told and counted, and the node goes on, without what the step would have returned. A step of every message takes what it needs as it is called: a closure for each is garbage. */
  guard<Value>(step: string, action: () => Value): Value | undefined;
  guard<Value, On>(step: string, action: (on: On) => Value, on: On): Value | undefined;
  guard<Value, On, With>(step: string, action: (on: On, other: With) => Value, on: On, other: With): Value | undefined;
  guard<Value, On, With>(
    step: string,
    action: (on: On, other: With) => Value,
    on?: On,
    other?: With,
  ): Value | undefined {
    try {
      return action(on as On, other as With);
    } catch (error) {
      this.counters.handlerErrors++;
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.log('daemon', 'error', `failed-${step}`, `error of the program in ${step}: ${messageOf(error)}`, { stack });
      return undefined;
    }
  }

  endRound(): void {
    this.counters.rounds++;
    this.#limiter.tick(this.now.instant);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
