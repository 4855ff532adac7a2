import type { ClockReading, Instant } from '#base/time.ts';
import { readClock } from '#host/clock.ts';
import { accountingSessionId, type Usage } from '#proto/aaa/accounting.ts';
import type { LmaConfig } from '#proto/lma/index.ts';
import type { BindingRecord, StoreChange } from '#proto/lma/record.ts';
import type { MagConfig, ProfileAnswer } from '#proto/mag/events.ts';
import type { ErrorCause } from '#wire/radius/error-cause.ts';
import { AccountingDesk } from './accounting-desk.ts';
import type { AaaAssembly } from './assemble-aaa.ts';
import { ProfileDesk, type ProfileQuestion } from './profile-desk.ts';
import type { AnswerOfServer, ToRadius } from './radius-messages.ts';

export interface AaaDeskParts {
  /** Takes requests to RADIUS servers. */
  readonly post: (message: ToRadius) => void;
  /** Of an LMA's binding, in the data plane. */
  readonly usage: (id: string) => Usage | undefined;
  /** Of this run of the node alone. */
  readonly run: string;
}

/** What the machines of a node have to do with AAA servers: profiles of mobile nodes, and accounting. */
export class AaaDesk {
  readonly #post: (message: ToRadius) => void;
  readonly #profiles: ProfileDesk;
  readonly #accounting: AccountingDesk;
  readonly #run: string;

  constructor(assembly: AaaAssembly, { post, usage, run }: AaaDeskParts) {
    this.#post = post;
    this.#run = run;
    this.#profiles = new ProfileDesk(assembly, post);
    this.#accounting = new AccountingDesk(assembly, run, usage, (records) => post({ kind: 'account', records }));
  }

  configure(assembly: AaaAssembly, lmas: readonly LmaConfig[]): void {
    this.#post({ kind: 'configure', settings: assembly.settings });
    this.#profiles.configure(assembly);
    this.#accounting.configure(assembly, lmas, readClock());
  }

  askProfile(mag: Pick<MagConfig, 'name' | 'addresses'>, question: ProfileQuestion): void {
    this.#profiles.ask(mag, question, readClock().utc);
  }

  /** What the MAG of that name is to be told; `undefined` when nobody waits for it. */
  answer(message: AnswerOfServer): { readonly mag: string; readonly answer: ProfileAnswer } | undefined {
    return this.#profiles.answer(message);
  }

  /** The Acct-Session-Id of an LMA's binding. */
  accountingSession(binding: string): string {
    return accountingSessionId(this.#run, binding);
  }

  /** Answers a `disconnect`. */
  disconnected(id: number, errorCause: ErrorCause | undefined): void {
    this.#post({ kind: 'disconnected', id, ...(errorCause !== undefined && { errorCause }) });
  }

  /** A binding has changed; its forwarding has not yet. */
  bindingChanged(change: StoreChange, now: ClockReading): void {
    this.#accounting.changed(change, now);
  }

  /** The bindings that a former run has left. */
  restored(records: readonly BindingRecord[]): void {
    const now = readClock();
    for (const record of records) this.#accounting.changed({ kind: 'put', record, urgency: 'within-window' }, now);
  }

  nextTimeout(): Instant | undefined {
    return this.#accounting.nextTimeout();
  }

  expire(now: ClockReading): void {
    this.#accounting.expire(now);
  }

  /** The node ends for good. */
  end(): void {
    this.#accounting.end(readClock());
  }
}
