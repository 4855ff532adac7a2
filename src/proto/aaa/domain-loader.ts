import { type ClockReading, type Duration, elapsed, type Instant, inSeconds, seconds } from '#base/time.ts';
import { type Timer, TimerQueue } from '#base/timer-queue.ts';
import { MESSAGE_AUTHENTICATOR } from '#wire/radius/authenticators.ts';
import type { RadiusAttribute } from '#wire/radius.ts';
import type { LogOutput } from '../peer.ts';
import type { RadiusOutcome } from '../radius/events.ts';
import { type AaaDomain, readDomain } from './domain.ts';

/** Between two questions for a domain that has no answer yet: twice as long each time. */
const RETRY_FIRST = seconds(2);
const RETRY_LAST = seconds(300);
/** A domain that was answered is asked for again, so that what has changed at the server comes into force; Session-Timeout says how soon. */
const RELOAD = seconds(300);

export type DomainLoaderOutput =
  /** Ask the AAA server for it; the answer comes by `answer`. */
  | { readonly kind: 'ask-domain'; readonly domain: string }
  /** It is other than it was; `settings` has it. */
  | { readonly kind: 'domain-changed'; readonly domain: string; readonly attributes: readonly RadiusAttribute[] }
  | LogOutput;

/** How a domain stands; plain JSON. */
export interface DomainView {
  readonly domain: string;
  /** `kept`: loaded, and the latest question had no answer that can be used. */
  readonly state: 'waiting' | 'loaded' | 'kept';
  /** Of the last answer that was used; absent where that was in a former run, or never. */
  readonly loadedSecondsAgo?: number;
  /** Why the latest question did not help. */
  readonly problem?: string;
  /** Questions since the last answer that was used. */
  readonly attempts: number;
  /** Until the next question; absent while one is under way. */
  readonly nextSeconds?: number;
}

interface Loading {
  readonly domain: string;
  settings: AaaDomain | undefined;
  /** What the settings were read from, as text. */
  said: string | undefined;
  loadedAt: Instant | undefined;
  problem: string | undefined;
  attempts: number;
  asked: boolean;
  timer: Timer<Loading> | undefined;
}

/**
 * Loads the settings of domains from AAA servers. A domain waits until it is answered for the first time; after that the last answer that
 * could be used holds, whatever becomes of the servers.
 */
export class DomainLoader {
  readonly #domains = new Map<string, Loading>();
  readonly #timers = new TimerQueue<Loading>();
  #outputs: DomainLoaderOutput[] = [];

  /** What a former run was answered last; to be told before `configure`. */
  restored(domain: string, attributes: readonly RadiusAttribute[]): void {
    const read = readDomain(attributes, domain);
    if (!read.ok) return;
    this.#domains.set(domain, { ...blank(domain), settings: read.value, said: textOf(attributes) });
  }

  /** The domains to load. `again`: those without an answer are asked for at once, as what servers there are has changed. */
  configure(domains: readonly string[], again: boolean): void {
    for (const [domain, { timer }] of this.#domains) {
      if (domains.includes(domain)) continue;
      this.#timers.cancel(timer);
      this.#domains.delete(domain);
    }
    for (const domain of domains) {
      const known = this.#domains.get(domain);
      const loading = known ?? blank(domain);
      this.#domains.set(domain, loading);
      const isNew = loading.attempts === 0 && loading.loadedAt === undefined;
      if (isNew || (again && loading.problem !== undefined)) this.#ask(loading);
    }
  }

  /** Of each domain that has been answered, in this run or a former one. */
  get settings(): ReadonlyMap<string, AaaDomain> {
    const known = [...this.#domains.values()].flatMap(({ domain, settings }) =>
      settings ? [[domain, settings] as const] : [],
    );
    return new Map(known);
  }

  answer(domain: string, outcome: RadiusOutcome, attributes: readonly RadiusAttribute[], now: ClockReading): void {
    const loading = this.#domains.get(domain);
    if (!loading?.asked) return;
    loading.asked = false;
    const read = outcome === 'accept' ? readDomain(attributes, domain) : undefined;
    if (!read?.ok) {
      this.#failed(loading, read ? read.error : REASONS[outcome as keyof typeof REASONS], now);
      return;
    }
    const hadProblem = loading.problem !== undefined;
    const said = textOf(attributes);
    const changed = said !== loading.said;
    Object.assign(loading, { settings: read.value, said, loadedAt: now.instant, problem: undefined, attempts: 0 });
    const wait = read.value.reloadAfter ?? RELOAD;
    loading.timer = this.#timers.set(now.instant, wait, loading);
    if (changed || hadProblem) this.#log('info', 'domain-loaded', `domain ${domain} is loaded from AAA`, domain);
    if (changed) this.#outputs.push({ kind: 'domain-changed', domain, attributes });
  }

  expire(now: ClockReading): void {
    for (const loading of this.#timers.expire(now.instant)) this.#ask(loading);
  }

  nextTimeout(): Instant | undefined {
    return this.#timers.next();
  }

  drain(): DomainLoaderOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  snapshot({ instant }: ClockReading): DomainView[] {
    return [...this.#domains.values()].map(({ domain, settings, loadedAt, problem, attempts, asked, timer }) => ({
      domain,
      state: !settings ? 'waiting' : problem === undefined && loadedAt !== undefined ? 'loaded' : 'kept',
      ...(loadedAt !== undefined && { loadedSecondsAgo: Math.floor(inSeconds(elapsed(loadedAt, instant))) }),
      ...(problem !== undefined && { problem }),
      attempts,
      ...(!asked && timer && { nextSeconds: Math.max(0, Math.ceil(inSeconds(elapsed(instant, timer.at)))) }),
    }));
  }

  #ask(loading: Loading): void {
    if (loading.asked) return;
    this.#timers.cancel(loading.timer);
    loading.timer = undefined;
    loading.asked = true;
    loading.attempts++;
    this.#outputs.push({ kind: 'ask-domain', domain: loading.domain });
  }

  #failed(loading: Loading, problem: string, now: ClockReading): void {
    const { domain, settings } = loading;
    if (problem !== loading.problem) {
      const outcome = settings ? 'what was loaded before holds' : 'its LMAs and MAGs wait for it';
      this.#log('warn', 'domain-not-loaded', `domain ${domain} is not loaded from AAA: ${problem}; ${outcome}`, domain);
    }
    loading.problem = problem;
    const wait = Math.min(RETRY_FIRST * 2 ** Math.min(loading.attempts - 1, 16), RETRY_LAST) as Duration;
    loading.timer = this.#timers.set(now.instant, wait, loading);
  }

  #log(level: LogOutput['level'], code: string, text: string, domain: string): void {
    this.#outputs.push({ kind: 'log', level, code, text, fields: { domain } });
  }
}

const REASONS: Readonly<Record<Exclude<RadiusOutcome, 'accept'>, string>> = {
  reject: 'the AAA server has no such domain',
  'no-answer': 'no AAA server answered in time',
  'no-server': 'no AAA server is configured ("radius-server host")',
  overload: 'too many wait for the AAA servers',
};

function blank(domain: string): Loading {
  return {
    domain,
    settings: undefined,
    said: undefined,
    loadedAt: undefined,
    problem: undefined,
    attempts: 0,
    asked: false,
    timer: undefined,
  };
}

/** Answers that say the same are equal; attributes of the answer itself, such as its authenticator, are left out. */
function textOf(attributes: readonly RadiusAttribute[]): string {
  const telling = attributes.filter(({ vendor, type }) => vendor !== 0 || type !== MESSAGE_AUTHENTICATOR);
  return telling.map(({ vendor, type, value }) => `${vendor} ${type} ${value.join('.')}`).join('\n');
}
