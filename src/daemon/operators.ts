import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { KeyProof } from '#cli/ssh/key-proof.ts';
import type { OperatorsConfiguration, Password } from '#config/index.ts';
import { DEFAULT_IDLE_MINUTES } from '#config/index.ts';
import type { LoginsView } from './aaa/aaa-servers-view.ts';
import type { LoginMethod, LoginSettings } from './aaa/assemble-login.ts';
import type { Credentials, LoginServers } from './aaa/login-servers.ts';
import type { ControlConnection } from './control-connection.ts';
import { RequestError } from './control-protocol.ts';
import { createLoginStats, type LoginStats } from './login-stats.ts';
import { verifyPassword } from './password-hash.ts';

/** What a terminal is told when it begins. */
export interface SessionFacts {
  readonly hostname: string;
  readonly privilege: 'user' | 'privileged';
  /** After which a terminal with nobody at it ends; 0 for never. */
  readonly idleSeconds: number;
}

/** A password that is wrong is answered so much later, so that nobody tries many. */
const WRONG_DELAY_MS = 1000;
/** Passwords that are looked at, or waited for, at once. */
const CHECKS_MAXIMUM = 8;
/** Wrong ones from one place, after which it is not listened to for a while. */
const FAILURES_MAXIMUM = 5;
const LOCKED_MS = 60_000;
const PLACES_MAXIMUM = 1024;
const FULL_PRIVILEGE = 15;
/** Who is not known is compared with this, so that it takes as long. */
const NOBODY: Password = { type: 8, text: `$8$${'.'.repeat(14)}$${'.'.repeat(43)}` };

/** Lets operators in by their passwords, or by the word of a server. */
export class Operators {
  readonly stats: LoginStats = createLoginStats();
  readonly #log: Logger;
  readonly #failures = new Map<string, { count: number; until: number }>();
  #checks = 0;

  readonly #servers: Pick<LoginServers, 'authenticate' | 'view'>;

  constructor(log: Logger, servers: Pick<LoginServers, 'authenticate' | 'view'>) {
    this.#log = log;
    this.#servers = servers;
  }

  /** For `show`. */
  view(): LoginsView {
    return { stats: { ...this.stats }, groups: this.#servers.view() };
  }

  /** `enable`: throws `RequestError` when the connection may not. */
  async enable(connection: ControlConnection, { enableSecret }: OperatorsConfiguration, given: unknown): Promise<void> {
    if (!enableSecret) {
      if (!connection.trusted) throw new RequestError('refused', 'No password set');
      connection.privilege = 'privileged';
      return;
    }
    if (typeof given !== 'string') throw new RequestError('password-required', 'Password required');
    if (!(await this.#limited(() => verified(enableSecret, given)))) {
      this.stats.enableRejected++;
      this.#log.warn({ code: 'login-failed', user: 'enable' }, 'a wrong password for privileged mode was given');
      throw new RequestError('refused', 'Access denied');
    }
    this.stats.enableAccepted++;
    connection.privilege = 'privileged';
  }

  /** A name and a password, given at `from`. Throws `RequestError` when they are wrong, or the place is locked out. */
  async login(
    connection: ControlConnection,
    { users, vty }: OperatorsConfiguration,
    hostname: string,
    settings: LoginSettings,
    given: Credentials,
  ): Promise<SessionFacts> {
    const { user: name, from } = given;
    this.#requireUnlocked(from);
    const verdict = await this.#limited(() => this.#judge(users, settings, given));
    if (!verdict) {
      this.#failed(from);
      this.#log.warn({ code: 'login-failed', user: name.slice(0, 64), from }, `a login from ${from} failed`);
      throw new RequestError('refused', 'Access denied');
    }
    return this.#admit(connection, { ...verdict, name, from, hostname }, vty);
  }

  /**
   * A key of `ip ssh pubkey-chain`; without a proof of it `undefined` says that it would do. Throws `RequestError`. The signature is verified here
   * and not by the process without rights that hears strangers: whoever took that over could let nobody in.
   */
  async loginByKey(
    connection: ControlConnection,
    { users, ssh, vty }: OperatorsConfiguration,
    hostname: string,
    given: { readonly user: string; readonly key: string; readonly from: string; readonly proof?: KeyProof },
  ): Promise<SessionFacts | undefined> {
    const { user: name, key, from, proof } = given;
    this.#requireUnlocked(from);
    const user = users.find((one) => one.name === name);
    const keys = ssh.pubkeyChain?.users.find((one) => one.name === name)?.keys ?? [];
    const known = keys.find(({ text }) => text.split(' ')[1] === key);
    if (!user || !known) throw new RequestError('refused', 'Access denied');
    if (!proof) return undefined;
    const { isProved } = await import('#cli/ssh/key-proof.ts');
    if (!isProved(known, name, proof)) {
      this.stats.rejected++;
      this.#failed(from);
      this.#log.warn({ code: 'login-failed', user: name, from }, `a login from ${from} failed`);
      throw new RequestError('refused', 'Access denied');
    }
    this.stats.acceptedByKey++;
    const privileged = (user.privilege ?? 1) >= FULL_PRIVILEGE;
    return this.#admit(connection, { privileged, name, from, hostname }, vty);
  }

  #admit(
    connection: ControlConnection,
    { name, from, hostname, privileged }: { name: string; from: string; hostname: string; privileged: boolean },
    vty: OperatorsConfiguration['vty'],
  ): SessionFacts {
    this.#failures.delete(from);
    connection.privilege = privileged ? 'privileged' : 'user';
    connection.keepOpen();
    this.#log.info({ code: 'login', user: name, from }, `${name} logged in from ${from}`);
    return { hostname, privilege: connection.privilege, idleSeconds: idleSeconds(vty) };
  }

  /**
   * The methods in turn, as in IOS: the next one only where one knows nothing, as servers that do not answer, or `username` commands without that name. `undefined` when nobody
   * lets the operator in.
   * Chooses: `none` lets nobody in from the network.
   */
  async #judge(
    users: OperatorsConfiguration['users'],
    settings: LoginSettings,
    given: Credentials,
  ): Promise<{ readonly privileged: boolean } | undefined> {
    for (const method of settings.methods) {
      if (method.kind === 'none') break;
      if (method.kind === 'group') {
        const verdict = await this.#askServers(method, settings, given);
        if (verdict !== 'unanswered') return verdict;
      } else {
        const user = users.find(({ name }) => name === given.user);
        if (user) return this.#judgeByPassword(user, given.password);
      }
    }
    await verified(NOBODY, given.password);
    this.stats.rejected++;
    return undefined;
  }

  async #askServers(
    method: Extract<LoginMethod, { kind: 'group' }>,
    settings: LoginSettings,
    given: Credentials,
  ): Promise<{ readonly privileged: boolean } | 'unanswered' | undefined> {
    const verdict = await this.#servers.authenticate(method, settings, given);
    if (verdict === 'unanswered') {
      this.stats.unanswered++;
      this.#log.warn({ code: 'login-unanswered', group: method.group }, `no server of group ${method.group} answers`);
      return verdict;
    }
    if (verdict !== 'rejected') {
      this.stats.acceptedByServer++;
      return verdict;
    }
    this.stats.rejectedByServer++;
    await sleep(WRONG_DELAY_MS);
    return undefined;
  }

  async #judgeByPassword(
    { secret, privilege }: OperatorsConfiguration['users'][number],
    password: string,
  ): Promise<{ readonly privileged: boolean } | undefined> {
    const right = await verified(secret, password);
    if (right) this.stats.acceptedByPassword++;
    else this.stats.rejected++;
    return right ? { privileged: (privilege ?? 1) >= FULL_PRIVILEGE } : undefined;
  }

  /** Throws `RequestError` when too many are judged already. */
  async #limited<T>(judge: () => Promise<T>): Promise<T> {
    if (this.#checks >= CHECKS_MAXIMUM) {
      this.stats.tooMany++;
      throw new RequestError('refused', 'too many logins at once');
    }
    this.#checks++;
    try {
      return await judge();
    } finally {
      this.#checks--;
    }
  }

  /** Throws `RequestError`. */
  #requireUnlocked(from: string): void {
    if (!this.#isLocked(from)) return;
    this.stats.lockedOut++;
    throw new RequestError('refused', 'too many wrong passwords; try again in a minute');
  }

  #isLocked(from: string): boolean {
    const known = this.#failures.get(from);
    if (!known) return false;
    if (known.until <= Date.now()) this.#failures.delete(from);
    return known.count >= FAILURES_MAXIMUM && known.until > Date.now();
  }

  #failed(from: string): void {
    const count = (this.#failures.get(from)?.count ?? 0) + 1;
    this.#failures.delete(from);
    this.#failures.set(from, { count, until: Date.now() + LOCKED_MS });
    if (this.#failures.size > PLACES_MAXIMUM) this.#failures.delete(this.#failures.keys().next().value as string);
  }
}

async function verified(secret: Password, given: string): Promise<boolean> {
  const right = await verifyPassword(secret, given);
  if (!right) await sleep(WRONG_DELAY_MS);
  return right;
}

export function idleSeconds(line: { readonly idleTimeout?: number } | undefined): number {
  return line?.idleTimeout === undefined ? DEFAULT_IDLE_MINUTES * 60 : line.idleTimeout / 1000;
}
