import { setTimeout as sleep } from 'node:timers/promises';
import { readClock } from '#host/clock.ts';
import type { LogOutput } from '#proto/peer.ts';
import type { RadiusAnswer, RadiusOutcome } from '#proto/radius/index.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import type { RadiusDebug } from '../debug/radius-debug.ts';
import type { AaaServersView } from './aaa-servers-view.ts';
import { AccountingProxyService } from './accounting-proxy-service.ts';
import { AccountingQueue } from './accounting-queue.ts';
import { DynamicAuthorizationService } from './dynamic-authorization-service.ts';
import type { FromRadius, RadiusSettings, ToRadius } from './radius-messages.ts';
import { RadiusPort } from './radius-port.ts';
import { Turns } from './turns.ts';

type Answered = (outcome: RadiusOutcome, attributes: readonly RadiusAttribute[]) => void;

export interface RadiusServiceEffects {
  readonly answer: (message: FromRadius) => void;
  readonly log: (entry: LogOutput) => void;
  readonly debug: RadiusDebug;
}

/** Runs the RADIUS client of the packet worker on the main thread, and keeps accounting records until they are answered. Never throws. */
export class RadiusService {
  readonly #port: RadiusPort;
  readonly #effects: RadiusServiceEffects;
  readonly #accounting: AccountingQueue;
  readonly #dynamic: DynamicAuthorizationService;
  readonly #proxy: AccountingProxyService;
  /** Accounting-Requests under way. The worker's requests count upwards from 1, these downwards from -1. */
  readonly #accounted = new Map<number, Answered>();
  #lastAccounted = 0;

  constructor(effects: RadiusServiceEffects) {
    this.#effects = effects;
    const turns = new Turns();
    this.#port = new RadiusPort(
      { answered: (answer) => this.#answered(answer), log: effects.log, debug: effects.debug },
      turns,
    );
    this.#dynamic = new DynamicAuthorizationService({
      request: effects.answer,
      debug: effects.debug,
      log: effects.log,
    });
    this.#proxy = new AccountingProxyService({
      accounted: effects.answer,
      forward: (attributes, answered) => this.#account(attributes, answered),
      turns,
      debug: effects.debug,
      log: effects.log,
    });
    this.#accounting = new AccountingQueue({
      send: (attributes, answered) => this.#account(attributes, answered),
      now: () => readClock().utc,
      log: (level, code, text) => effects.log({ kind: 'log', level, code, text, fields: {} }),
    });
  }

  handle(message: ToRadius): void {
    if (message.kind === 'configure') this.#configure(message.settings);
    else if (message.kind === 'account') this.#accounting.add(message.records);
    else if (message.kind === 'taken') this.#proxy.taken(message);
    else if (message.kind === 'carried-out') this.#dynamic.answer(message.id, message.errorCause);
    else this.#port.tell(message);
  }

  /** Keeps accounting records in this file until they are answered; before, they are lost with the process. */
  keepAccountingIn(file: string): void {
    this.#accounting.keepIn(file);
  }

  /** Resolves when every accounting record was answered, at the latest after so many milliseconds. */
  async settle(milliseconds: number): Promise<void> {
    for (const end = Date.now() + milliseconds; this.#accounting.waiting > 0 && Date.now() < end; ) await sleep(20);
  }

  /** Counters, and how each server does; for `show`. */
  snapshot(): Omit<AaaServersView, 'logins'> {
    const accounting = { waiting: this.#accounting.waiting, ...this.#accounting.stats };
    const dynamicAuthorization = this.#dynamic.view();
    const accountingProxy = this.#proxy.view();
    return {
      ...this.#port.view(),
      accounting,
      ...(dynamicAuthorization && { dynamicAuthorization }),
      ...(accountingProxy && { accountingProxy }),
    };
  }

  close(): void {
    this.#port.close();
    this.#accounting.close();
    this.#dynamic.close();
    this.#proxy.close();
  }

  #configure({ servers, deadTime, dynamicAuthorization, accountingProxy }: RadiusSettings): void {
    this.#dynamic.configure(dynamicAuthorization);
    this.#proxy.configure(accountingProxy);
    this.#port.configure({ servers, deadTime });
  }

  #account(attributes: readonly RadiusAttribute[], answered: Answered): void {
    const id = --this.#lastAccounted;
    this.#accounted.set(id, answered);
    this.#port.tell({ kind: 'request', id, exchange: 'accounting', attributes });
  }

  #answered(answer: RadiusAnswer): void {
    const answered = this.#accounted.get(answer.id);
    if (answer.id > 0) this.#effects.answer(answer);
    this.#accounted.delete(answer.id);
    answered?.(answer.outcome, answer.attributes);
  }
}
