import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { HttpConfiguration, HttpRole, HttpToken, Password } from '#config/index.ts';
import { ProblemError } from './problem.ts';

/** Whether a secret is the one of the hash. */
export type VerifySecret = (secret: Password, given: string) => Promise<boolean>;

/** Who may ask for a route: anybody, or those with a role. */
export type Audience = 'anybody' | HttpRole;

/** Longer ones are no token of anybody's. */
const LONGEST_TOKEN = 256;
/** Wrong tokens of one client, after which it is not listened to for a while. */
const FAILURES_MAXIMUM = 10;
const LOCKED_MS = 60_000;
const CLIENTS_MAXIMUM = 1024;
/** Tokens that are compared with the hashes, or wait for it, at once. */
const CHECKS_MAXIMUM = 8;
const KNOWN_MAXIMUM = 256;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
/** What a proxy adds: then the client is not on this machine. */
const PROXY_HEADERS = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'];

/** Decides who may ask what. */
export class Access {
  readonly #verify: VerifySecret;
  readonly #log: Logger;
  readonly #failures = new Map<string, { count: number; until: number }>();
  /** Hashes of tokens that were right, so that only the first request of a client costs the derivation of a key. */
  readonly #known = new Map<string, HttpToken>();
  #tokens: readonly HttpToken[] = [];
  #loopback = true;
  #checks = 0;

  constructor(verify: VerifySecret, log: Logger) {
    this.#verify = verify;
    this.#log = log;
  }

  configure({ tokens, authentication }: HttpConfiguration): void {
    this.#tokens = tokens;
    this.#loopback = authentication !== 'token';
    this.#known.clear();
  }

  /** Resolves to the name of the token that lets the client in, where it needs one. Rejects with `ProblemError` when it may not. */
  async require(request: FastifyRequest, audience: Audience): Promise<string | undefined> {
    if (audience === 'anybody') return undefined;
    const token = bearerOf(request);
    if (token === undefined) {
      if (audience === 'read-only' && this.#loopback && isLocal(request)) return undefined;
      throw new ProblemError('unauthorized', missing(audience));
    }
    const { name, role } = await this.#tokenOf(token, request.ip);
    if (audience === 'read-write' && role !== 'read-write')
      throw new ProblemError('forbidden', 'This needs a token of role read-write');
    return name;
  }

  async #tokenOf(token: string, client: string): Promise<HttpToken> {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.#known.get(hash);
    if (known) return known;
    if (this.#isLocked(client))
      throw new ProblemError('too-many-requests', 'Too many wrong tokens; try again in a minute');
    if (this.#checks >= CHECKS_MAXIMUM)
      throw new ProblemError('too-many-requests', 'Too many logins at once; try again');
    this.#checks++;
    try {
      const tokens = this.#tokens;
      for (const one of tokens) {
        if (!(await this.#verify(one.secret, token))) continue;
        // Configured anew meanwhile: what was right may be wrong now.
        if (tokens === this.#tokens) this.#remember(hash, one);
        return one;
      }
    } finally {
      this.#checks--;
    }
    this.#failed(client);
    this.#log.warn(
      { code: 'login-failed', user: 'http', from: client },
      `a wrong token for the HTTP API came from ${client}`,
    );
    throw new ProblemError('unauthorized', 'The token is not one of this node');
  }

  #remember(hash: string, token: HttpToken): void {
    this.#known.set(hash, token);
    if (this.#known.size > KNOWN_MAXIMUM) this.#known.delete(this.#known.keys().next().value as string);
  }

  #isLocked(client: string): boolean {
    const known = this.#failures.get(client);
    if (known && known.until <= Date.now()) this.#failures.delete(client);
    return known !== undefined && known.count >= FAILURES_MAXIMUM && known.until > Date.now();
  }

  #failed(client: string): void {
    const count = (this.#failures.get(client)?.count ?? 0) + 1;
    this.#failures.delete(client);
    this.#failures.set(client, { count, until: Date.now() + LOCKED_MS });
    if (this.#failures.size > CLIENTS_MAXIMUM) this.#failures.delete(this.#failures.keys().next().value as string);
  }
}

/** `undefined` without an Authorization header. Throws `ProblemError`. */
function bearerOf({ headers: { authorization } }: FastifyRequest): string | undefined {
  if (authorization === undefined) return undefined;
  const token = /^Bearer +([!-~]+)$/i.exec(authorization)?.[1];
  if (token !== undefined && token.length <= LONGEST_TOKEN) return token;
  throw new ProblemError('unauthorized', 'The Authorization header must be "Bearer TOKEN"');
}

/**
 * A program on this machine. The name that it was asked by must be one of this machine too: otherwise it is a page of somebody else's,
 * whose name leads here, in a browser on this machine.
 */
function isLocal({ ip, headers }: FastifyRequest): boolean {
  const proxied = PROXY_HEADERS.some((name) => headers[name] !== undefined);
  return LOOPBACK.test(ip) && LOOPBACK_HOST.test(headers.host ?? '') && !proxied;
}

function missing(audience: HttpRole): string {
  const role = audience === 'read-write' ? ' of role read-write' : '';
  return `Send "Authorization: Bearer TOKEN" with a token${role}; "ip http token NAME role ROLE secret TOKEN" configures one`;
}
